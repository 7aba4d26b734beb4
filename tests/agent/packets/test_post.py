# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket

import pytest

from giamsat_agent.packets.post import WAITING, Post
from giamsat_agent.packets.report import Counted, decode
from support.clock import ManualClock

SECOND_NS = 1_000_000_000


@contextlib.contextmanager
def listening(path):
    """The agent's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(5)
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
    line.settimeout(5)
    return [decode(line.recv(1 << 16)) for _ in range(count)]


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


def test_what_waits_is_bounded_and_the_newest_is_kept(tmp_path, post):
    for number in range(WAITING + 10):
        post.send(Counted("eth0", number, 0, 0))
    with listening(tmp_path / "s") as listener:
        post.flush()
        line, _ = listener.accept()
        with line:
            first = heard(line, 1)[0]

    assert first.seen == 10


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
