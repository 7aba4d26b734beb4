# SPDX-License-Identifier: Apache-2.0
"""Every file of a spool lost or emptied, every write of its life refused, and a disk that is full again and again."""

import contextlib
import copy
import errno
from random import Random

import pytest

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss
from support.clock import ManualClock
from support.files import Disk

LANES = (Lane.EVENT, Lane.METRIC, Lane.BULK)
RAW = 2
"""Flags of frames whose payload means nothing."""


def opened(disk, cap=20_000):
    owner, bits = Owner("agent", "boot"), Random(1).getrandbits
    caps = Caps(urgent=1 << 22, event=cap, metric=cap, bulk=cap)
    return Spool(disk.folder, owner=owner, clock=ManualClock(), random_bits=bits, caps=caps)


def payload(lane, number):
    return f"{lane.name} {number} ".encode().ljust(500, b".")


def put(spool, lane, number):
    seq = spool.append(lane, RAW, payload(lane, number))
    spool.commit(lane)
    return seq


def everything(spool, lane):
    """Everything of a lane that is sent, as it is sent: past each hole once it was declared."""
    after = 0
    while after < spool.state(lane).committed:
        frames = spool.read(lane, after, most_bytes=1 << 24, most_frames=10_000)
        yield from frames
        after = frames[-1].seq if frames else after
        passed = [last for first, last in spool.state(lane).holes if first <= after + 1 <= last]
        if not frames and not passed:
            break
        after = max([after, *passed])


def held(spool, lane):
    """The payload of each."""
    return {frame.seq: frame.payload for frame in everything(spool, lane)}


def declared(spool):
    """Every number that was declared lost, by lane."""
    lost = {lane: set() for lane in Lane}
    for frame in everything(spool, Lane.URGENT):
        said = decode(frame.flags, frame.payload, ChainDecoder()) if frame.flags != RAW else None
        if isinstance(said, Loss):
            lost[said.lane].update(range(said.first, said.last + 1))
    return lost


@pytest.fixture(scope="module")
def full():
    """A spool in which every lane has several segments, some acknowledged, and how many frames were put in each."""
    disk = Disk()
    spool = opened(disk)
    for number in range(1, 31):
        for lane in Lane:
            put(spool, lane, number)
    spool.acknowledge(Lane.EVENT, spool.state(Lane.EVENT).epoch, 3)
    spool.close()
    return disk


def files(disk):
    return [(folder, name) for folder, its in sorted(disk.folders.items()) for name in sorted(its.names_now)]


@pytest.mark.parametrize("harm", ["deleted", "emptied", "cut in half", "zeroed"])
def test_any_one_file_may_be_lost_and_costs_no_more_than_itself(full, harm):
    for folder, name in files(full):
        disk = copy.deepcopy(full)
        names = disk.folders[folder].names_now
        data = names[name].written
        if harm == "deleted":
            del names[name]
        else:
            left = {"emptied": b"", "cut in half": data[: len(data) // 2], "zeroed": bytes(len(data))}[harm]
            names[name].written = names[name].durable = left

        spool = opened(disk)

        for lane in Lane:
            found, lost = held(spool, lane), declared(spool)[lane]
            assert all(put_in == payload(lane, seq) for seq, put_in in found.items() if put_in.endswith(b"."))
            if lane.name.lower() != folder:
                assert set(range(1, 31)) <= found.keys(), (folder, name)
            gone = set(range(1, 31)) - found.keys()
            assert all(payload(lane, seq) in data for seq in gone), (folder, name, lane)
            if gone and max(gone) < 30 and min(gone) > 1 and lane is not Lane.URGENT:
                assert gone <= lost, (folder, name, lane)
        assert put(spool, Lane.URGENT, 99) > 0


def harmed(draw, data):
    """Data with one fault, and which."""
    at = draw.randrange(len(data))
    match draw.choice(("bit", "cut", "zeros")):
        case "bit":
            return "bit", data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]
        case "cut":
            return "cut", data[:at]
        case _:
            end = min(len(data), at + draw.randrange(1, 2_000))
            return "zeros", data[:at] + bytes(end - at) + data[end:]


def test_wherever_a_file_is_harmed_it_starts_and_a_flipped_bit_costs_one_frame(full, pytestconfig):
    draw, places, made = Random(5), files(full), set(range(1, 31))
    for _ in range(pytestconfig.option.harms):
        disk, (folder, name) = copy.deepcopy(full), draw.choice(places)
        inode = disk.folders[folder].names_now[name]
        harm, left = harmed(draw, inode.written)
        inode.written = inode.durable = left

        spool = opened(disk)

        for lane in Lane:
            found, lost = held(spool, lane), declared(spool)[lane]
            real = {seq: data for seq, data in found.items() if data.endswith(b".") or lane is not Lane.URGENT}
            assert all(data == payload(lane, seq) for seq, data in real.items()), (folder, name, harm)
            gone = made - found.keys()
            assert not gone or (lane.name.lower() == folder and (harm != "bit" or len(gone) == 1)), (name, harm, gone)
            # What is cut off whole leaves no trace, and what is acknowledged is not missed.
            known = {seq for seq in gone if seq < max(found) or harm == "bit"}
            assert {seq for seq in known if seq > spool.state(lane).acked} <= lost, (folder, name, harm)


@pytest.mark.parametrize("what", ["sync", "append", "create", "rename", "remove", "put"])
def test_whichever_write_of_its_life_is_refused_nothing_that_was_committed_is_lost(what):
    refused = 0
    for at in range(1, 121):
        disk, left = Disk(), at
        plain = disk.step

        def step(name, plain=plain):
            nonlocal left
            if name == what:
                left -= 1
                if left == 0:
                    raise OSError(errno.EIO, "Input/output error")
            plain(name)

        disk.step = step
        promised = {}
        spool = opened(disk)
        for number in range(1, 41):
            try:
                seq = spool.append(Lane.EVENT, RAW, payload(Lane.EVENT, number))
                spool.commit(Lane.EVENT)
                promised[seq] = payload(Lane.EVENT, number)
            except SpoolError:
                pass
            if number % 10 == 0:
                spool.acknowledge(Lane.EVENT, spool.state(Lane.EVENT).epoch, number // 2)
        refused += left <= 0
        disk.step = plain
        disk.cut()

        spool = opened(disk)
        found, lost = held(spool, Lane.EVENT), declared(spool)[Lane.EVENT]
        acked = 20
        assert all(found.get(seq, said) == said for seq, said in promised.items()), at
        assert {seq for seq in promised if seq > acked} <= found.keys() | lost, at
    assert refused


def test_a_disk_that_is_full_again_and_again_takes_what_is_urgent_and_declares_the_rest():
    disk = Disk()
    spool, taken, urgent = opened(disk), {lane: set() for lane in LANES}, 0
    for cycle in range(100):
        disk.capacity = disk.used + 1_500
        for number in range(12):
            for lane in LANES:
                with contextlib.suppress(SpoolError):
                    taken[lane].add(put(spool, lane, cycle * 100 + number))
        for number in range(10):
            put(spool, Lane.URGENT, cycle * 100 + number)
            urgent += 1
        disk.capacity = 1 << 40
        for lane in LANES:
            spool.commit(lane)
        spool.acknowledge(Lane.BULK, spool.state(Lane.BULK).epoch, spool.state(Lane.BULK).committed)

    lost = declared(spool)
    assert sum(put_in.startswith(b"URGENT") for put_in in held(spool, Lane.URGENT).values()) == urgent == 1_000
    for lane in (Lane.EVENT, Lane.METRIC):
        assert taken[lane] <= held(spool, lane).keys() | lost[lane]
