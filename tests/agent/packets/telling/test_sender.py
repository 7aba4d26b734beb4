# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket

import pytest

from giamsat_agent.packets.telling.report import Counted, Evidence, Sight, decode
from giamsat_agent.packets.telling.sender import WAITING, Post
from support.clock import ManualClock

SECOND_NS = 1_000_000_000


@contextlib.contextmanager
def listening(path):
    """The agent's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(60)
        yield listener


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def post(tmp_path, clock):
    post = Post(str(tmp_path / "s"), clock)
    yield post
    post.close()


def heard(line, count):
    line.settimeout(60)
    return [decode(line.recv(1 << 16)) for _ in range(count)]


def all_heard(listener, post, count):
    """What comes while it is being flushed: more than a socket holds."""
    post.flush()
    line, _ = listener.accept()
    with line:
        return [report for _ in range(count) if post.flush() is False for report in heard(line, 1)]


def test_what_is_told_while_the_agent_is_away_is_sent_when_it_is_back(tmp_path, post, clock):
    for number in range(3):
        post.send(Counted("eth0", number, 0, 0))
    assert post.flush() is False
    clock.advance(SECOND_NS)
    with listening(tmp_path / "s") as listener:
        fresh = post.flush()
        line, _ = listener.accept()
        with line:
            found = heard(line, 3)

    assert fresh is True
    assert [report.seen for report in found] == [0, 1, 2]


def test_what_waits_is_bounded_the_newest_is_kept_and_what_is_let_go_of_is_counted(tmp_path, post):
    for number in range(WAITING + 10):
        post.send(Evidence("eth1" if number % 5 else "eth0", str(number), "port-scan", b""))
    for interface in ("eth0", "eth1"):
        post.send(Counted(interface, 1, 0, 0))
    with listening(tmp_path / "s") as listener:
        *evidence, zero, one = all_heard(listener, post, WAITING)

    assert [report.id for report in evidence] == [str(number) for number in range(12, WAITING + 10)]
    assert (zero.untold, one.untold) == (2, 8)


def test_counts_and_sights_that_are_let_go_of_are_said_again_and_so_not_counted(tmp_path, post):
    for number in range(WAITING + 10):
        post.send(Counted("eth0", number, 0, 0) if number % 2 else Sight("eth0", watched=False))
    with listening(tmp_path / "s") as listener:
        *_, last = all_heard(listener, post, WAITING)

    assert (last.seen, last.untold) == (WAITING + 9, 0)


def test_an_agent_that_went_away_is_connected_to_again(tmp_path, post, clock):
    with listening(tmp_path / "s") as listener:
        post.flush()
        listener.accept()[0].close()
        post.send(Counted("eth0", 1, 0, 0))
        assert post.flush() is False
        clock.advance(2 * SECOND_NS)
        assert post.flush() is True
        line, _ = listener.accept()
        with line:
            assert heard(line, 1)[0].seen == 1


def test_what_no_socket_takes_is_counted_and_holds_nothing_up(tmp_path, post):
    post.send(Evidence("eth0", "x", "port-scan", bytes(2 << 20)))
    with listening(tmp_path / "s") as listener:
        post.flush()
        line, _ = listener.accept()
        with line:
            post.send(Counted("eth0", 7, 0, 0))
            post.flush()
            (counted,) = heard(line, 1)

    assert (counted.seen, counted.untold) == (7, 1)
