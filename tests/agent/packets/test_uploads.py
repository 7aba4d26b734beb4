# SPDX-License-Identifier: Apache-2.0
import socket
import threading
import time

import pytest

from giamsat_agent.packets.flow_minutes import FIRST_NS, FlowMinutes
from giamsat_agent.packets.flows import Flow
from giamsat_agent.packets.sources.ring import Ring
from giamsat_agent.packets.uploads import FLOOR, HOUR_NS, LEARNT, TIMES, WEEK, Uploads
from giamsat_agent.packets.watch import Watch
from support.lab import lab

DESK, OUTSIDE = "10.0.0.5", "203.0.113.7"
SIX = "fd00::5"
PEERS = ("10.0.0.6", "10.0.0.7", "10.0.0.8")
MB = 1_000_000


def sends(host, size, far=OUTSIDE):
    return Flow(host, far, 50_000, 443, 6, 0, 0, sent_packets=1, sent_bytes=size)


def serves(host, size, far=OUTSIDE):
    return Flow(far, host, 50_000, 443, 6, 0, 0, received_packets=1, received_bytes=size)


def learnt(hours=LEARNT, **usual):
    """One who knows these hosts: each hour, what each of them sent (in MB)."""
    its = Uploads()
    for hour in range(hours):
        flows = [sends(host, size * MB) for host, size in usual.get("hosts", {DESK: 1}).items()]
        assert list(its.take(flows, (1 + hour) * HOUR_NS)) == []
    return its, 1 + hours


def told(its, hour, *flows):
    return list(its.take(flows, hour * HOUR_NS + 60))


def test_an_hour_far_above_every_hour_before_is_told_with_where_it_went():
    its, hour = learnt()

    (upload,) = told(its, hour, sends(DESK, FLOOR), sends(DESK, MB, "203.0.113.8"))

    assert (upload.name, upload.source_ip) == ("upload_volume", DESK)
    assert [target.ip for target in upload.targets] == [OUTSIDE, "203.0.113.8"]
    assert upload.counts == {"megabytes": 101, "own_times": 101, "peers": 0}


def test_a_server_that_sends_out_what_it_is_asked_for_is_seen_as_well():
    its, hour = learnt()

    assert [one.source_ip for one in told(its, hour, serves(DESK, FLOOR))] == [DESK]


@pytest.mark.parametrize(
    ("known", "flows"),
    [
        pytest.param(learnt(), [sends(DESK, FLOOR - MB)], id="less than the floor"),
        pytest.param(learnt(LEARNT - 1), [sends(DESK, FLOOR)], id="not known for long enough"),
        pytest.param(learnt(), [sends("10.0.0.99", FLOOR)], id="never seen before"),
        pytest.param(learnt(hosts={DESK: 40}), [sends(DESK, 199 * MB)], id="its own habit"),
        pytest.param(learnt(), [sends(DESK, FLOOR, "192.168.9.9")], id="within the unit"),
        pytest.param(learnt(), [sends(DESK, FLOOR, "239.1.1.1")], id="to a group"),
        pytest.param(learnt(), [sends(DESK, FLOOR, "255.255.255.255")], id="to everybody"),
        pytest.param(learnt(), [sends(DESK, FLOOR, "127.0.0.9")], id="to itself"),
        pytest.param(learnt(hosts={SIX: 1}), [sends(SIX, FLOOR, "fd00:9::1")], id="within the unit by IPv6"),
        pytest.param(learnt(hosts={SIX: 1}), [sends(SIX, FLOOR, "ff02::1")], id="to a group of IPv6"),
        pytest.param(learnt(), [serves(OUTSIDE, FLOOR, DESK)], id="a download"),
        pytest.param(
            learnt(hosts={DESK: 1, **dict.fromkeys(PEERS, 40)}), [sends(DESK, 199 * MB)], id="its neighbours' habit"
        ),
    ],
)
def test_nothing_is_told_of(known, flows):
    its, hour = known

    assert told(its, hour, *flows) == []


def test_what_goes_out_by_ipv6_is_told():
    its, hour = learnt(hosts={SIX: 1})

    assert [upload.source_ip for upload in told(its, hour, sends(SIX, FLOOR, "2001:db8::7"))] == [SIX]


def test_more_than_the_neighbours_ever_send_is_told_with_how_much_more():
    its, hour = learnt(hosts={DESK: 1, **dict.fromkeys(PEERS, 40)})

    (upload,) = told(its, hour, sends(DESK, 40 * TIMES * MB))

    assert (upload.counts["peers"], upload.counts["peer_times"], upload.counts["own_times"]) == (3, 5, 200)


def test_it_is_told_again_when_it_grew_by_a_quarter_and_does_not_become_a_habit():
    its, hour = learnt()

    sizes = [FLOOR, 10 * MB, 15 * MB, 20 * MB]
    assert [len(told(its, hour, sends(DESK, size))) for size in sizes] == [1, 0, 1, 0]
    assert len(told(its, hour + 1, sends(DESK, FLOOR))) == 1


def test_a_backup_each_night_is_a_habit_after_the_first_night():
    its, hour = Uploads(), 0
    found = []
    for night in range(4):
        for step in range(24):
            hour = 1 + 24 * night + step
            found += told(its, hour, sends(DESK, 500 * MB if step == 2 else MB))

    assert found == []


def test_hours_that_nobody_watched_are_no_habit_of_sending_nothing():
    its, hour = learnt(1)

    assert told(its, hour + LEARNT, sends(DESK, FLOOR)) == []


def test_a_habit_outlasts_a_week_that_nobody_watched():
    its, hour = learnt(hosts={DESK: 40})

    assert told(its, hour) == []
    assert told(its, hour + WEEK, sends(DESK, 199 * MB)) == []
    assert len(told(its, hour + WEEK, sends(DESK, MB))) == 1


def test_hours_in_which_it_sent_nothing_while_watched_are_its_habit():
    its, hour = learnt(1)
    for more in range(LEARNT):
        assert told(its, hour + more) == []

    assert len(told(its, hour + LEARNT, sends(DESK, FLOOR))) == 1


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip")
def test_a_real_upload_is_measured_and_told():
    its, hour = learnt(hosts={"10.9.0.2": 1})
    size = 120 * MB
    with lab() as pair:
        pair.run(pair.there, "ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo")
        pair.run(pair.here, "ip", "route", "add", OUTSIDE, "via", pair.there_address)
        with pair.inside(pair.there):
            server = socket.create_server((OUTSIDE, 443))
        taker = threading.Thread(target=_take_all, args=(server,))
        taker.start()
        with pair.inside(pair.here):
            ring = Ring(pair.watched, megabytes=8, promiscuous=False)
            client = socket.create_connection((OUTSIDE, 443))
        flows = FlowMinutes(pair.watched, 8_192)
        list(flows.due(time.time_ns()))
        watch = Watch([flows])
        with client:
            for _ in range(size // MB):
                client.sendall(bytes(MB))
                _look(ring, watch)
        taker.join(60)
        _look(ring, watch)
        with pair.inside(pair.here):
            ring.count()
        ring.close()
        server.close()
    (minute,) = flows.due(time.time_ns() + FIRST_NS)
    (upload,) = its.take(flows.ended, hour * HOUR_NS)

    assert ring.dropped == 0
    assert f"10.9.0.2,{client_port(minute)},{OUTSIDE},443" in minute.lines[0]
    assert (upload.source_ip, upload.targets[0].ip) == ("10.9.0.2", OUTSIDE)
    assert size <= upload.counts["megabytes"] * MB + MB <= size * 1.2


def client_port(minute):
    return minute.lines[0].split(",")[2]


def _take_all(server):
    connection, _ = server.accept()
    with connection:
        while connection.recv(1 << 20):
            pass


def _look(ring, watch):
    while (chunk := ring.take()) is not None:
        list(watch.take(chunk))
