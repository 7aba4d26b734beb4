# SPDX-License-Identifier: Apache-2.0
import functools
import os
import socket
import subprocess
import time

import pytest

from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.headers import decode
from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.sources.frame_batch import FRAMES, Sheaf
from giamsat_agent.packets.sources.ring import MANY, SLOT, Ring
from support.capture import IP, UDP, Dot1Q, Ether, frame
from support.lab import lab

real = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]
WAIT_S = 60
NOBODY = 65_534
PORT_AT = 14 + 20 + 2


def until(ring, count):
    """The chunks of the first `count` frames."""
    chunks, end = [], time.monotonic() + WAIT_S
    while sum(len(chunk.offsets) for chunk in chunks) < count and time.monotonic() < end:
        if (chunk := ring.take()) is not None:
            chunks.append(chunk)
        else:
            time.sleep(0.01)
    return chunks


@functools.cache
def template(size):
    return frame(IP(src="10.9.0.1", dst="10.9.0.2"), UDP(sport=1_000, dport=0), bytes(size))


def raw(number, size=20):
    return template(size)[:PORT_AT] + number.to_bytes(2) + template(size)[PORT_AT + 2 :]


class TestRealInterface:
    pytestmark = real

    def test_every_frame_of_a_real_interface_is_read_with_its_own_time(self):
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=4, promiscuous=True)
            before = time.time_ns()
            pair.send([raw(number) for number in range(1, 3_001)])
            chunks = until(ring, 3_000)
            ring.count()
            ring.close()

        addresses = Addresses()
        batches = [decode(chunk, addresses) for chunk in chunks]
        ports = [
            port for batch in batches for port in batch.destination_port[batch.protocol == socket.IPPROTO_UDP].tolist()
        ]
        assert [port for port in ports if port <= 3_000] == list(range(1, 3_001))
        assert all(abs(int(chunk.times_ns[0]) - before) < WAIT_S * 1_000_000_000 for chunk in chunks)
        assert ring.dropped == 0
        assert ring.seen >= 3_000

    def test_a_vlan_tag_that_the_kernel_took_off_is_there_all_the_same(self):
        tagged = bytes(
            Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
            / Dot1Q(vlan=42)
            / IP(src="10.9.0.1", dst="10.9.0.2")
            / UDP(sport=1, dport=2)
        )
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=1, promiscuous=True)
            pair.send([tagged])
            batches = [decode(chunk, Addresses()) for chunk in until(ring, 1)]
            ring.close()

        assert {
            (int(vlan), int(port))
            for batch in batches
            for vlan, port in zip(batch.vlan, batch.destination_port, strict=True)
        } >= {(42, 2)}

    def test_a_frame_longer_than_a_slot_is_cut_and_never_read_beyond(self):
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=1, promiscuous=True)
            pair.send([raw(7, size=1_400)])
            chunk = until(ring, 1)[0]
            ring.close()

        ends = chunk.offsets + chunk.lengths
        assert (ends <= (chunk.offsets // SLOT + 1) * SLOT).all()
        (batch,) = [decode(chunk, Addresses())]
        assert batch.payload.max() == 1_400
        assert batch.held.max() < SLOT

    def test_what_the_ring_has_no_room_for_is_counted_by_the_kernel(self):
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=1, promiscuous=True)
            pair.send([raw(number % 60_000 + 1) for number in range(5_000)])
            time.sleep(0.2)
            read = sum(len(chunk.offsets) for chunk in until(ring, (1 << 20) // SLOT))
            ring.count()
            ring.close()

        assert read == (1 << 20) // SLOT
        assert ring.dropped == ring.seen - read > 0

    def test_frames_on_both_sides_of_the_end_of_the_ring_are_one_chunk(self):
        slots = (1 << 20) // SLOT
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=1, promiscuous=True)
            pair.send([raw(number) for number in range(1, slots - 99)])
            read = sum(len(chunk.offsets) for chunk in until(ring, slots - 100))
            pair.send([raw(number) for number in range(1, 201)])
            end = time.monotonic() + WAIT_S
            while not ring.waits(199 / slots) and time.monotonic() < end:
                time.sleep(0.01)
            chunk = ring.take()
            ring.close()

        ports = decode(chunk, Addresses()).destination_port.tolist()
        assert [port for port in ports if 0 < port <= 200] == list(range(1, 201))
        assert chunk.first == read + 1

    def test_a_turn_takes_what_is_there_and_not_what_comes_meanwhile(self):
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=1, promiscuous=True)
            pair.send([raw(number) for number in range(1, 1_101)])
            half = ring.waits(0.5), ring.waits(0.75)
            for _ in ring.turn():
                pair.send([raw(9)] * 5)
            left = ring.waits(0), ring.waits(0.25)
            ring.close()

        assert half == (True, False)
        assert left == (True, False)

    @pytest.mark.parametrize(("come", "left"), [(MANY // 2, range(MANY // 2, MANY)), (2 * MANY, range(MANY // 2))])
    def test_what_is_left_when_a_turn_took_as_much_as_fits_waits_in_its_slots_unless_it_is_many(self, come, left):
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=16, promiscuous=True)
            pair.send([raw(9)] * (FRAMES + come))
            told = sum(len(chunk.offsets) for chunk in ring.turn())
            ring.count()
            waits, collected = ring.seen - ring.taken, ring.taken - told
            rest = ring.take()
            ring.close()

        # A few more are the interface's own.
        assert waits in left
        assert len(rest.offsets) >= waits + collected
        assert rest.first == told + 1
        assert ring.dropped == 0

    def test_what_comes_while_frames_are_collected_waits_for_the_next_time(self, monkeypatch):
        add, added = Sheaf.add, []

        def slowly(sheaf, slots):
            add(sheaf, slots)
            added.append(len(slots))
            pair.send([raw(9)])

        monkeypatch.setattr(Sheaf, "add", slowly)
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=1, promiscuous=True)
            pair.send([raw(9)] * 5)
            ring.collect()
            waits = ring.waits(0)
            ring.close()

        assert len(added) == 1
        assert waits

    @pytest.mark.parametrize(("words", "said"), [(("set", "down"), "went down"), (("delete",), "went")])
    def test_an_interface_that_goes_is_told(self, words, said):
        with lab() as pair, pair.inside():
            ring = Ring(pair.watched, megabytes=1, promiscuous=False)
            verb, *rest = words
            subprocess.run(["ip", "link", verb, pair.watched, *rest], check=True)
            with pytest.raises(InterfaceError, match=said):
                ring.count()
            ring.close()


def test_an_interface_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(InterfaceError, match=r"there are: .*lo"):
        Ring("eth-khong-co", megabytes=1, promiscuous=False)


@pytest.mark.root
def test_without_the_right_to_capture_the_message_says_how_to_get_it():
    os.seteuid(NOBODY)
    try:
        with pytest.raises(InterfaceError, match="CAP_NET_RAW"):
            Ring("lo", megabytes=1, promiscuous=False)
    finally:
        os.seteuid(0)
