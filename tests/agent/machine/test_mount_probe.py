# SPDX-License-Identifier: Apache-2.0
import os
import threading

import pytest

from giamsat_agent.machine.mount_probe import LEFT_BEHIND_MOST, MountProbe
from giamsat_wire.clock import SystemClock
from support.until import holds

HEALTHY = os.statvfs("/")
SHORT_S = 0.05


class Mounts:
    """Answers like statvfs: paths under /hung only once they are released, /failed never."""

    def __init__(self):
        self.released = threading.Event()
        self.asked = []

    def __call__(self, path):
        self.asked.append(path)
        if path.startswith("/hung"):
            self.released.wait(timeout=120)
        if path == "/failed":
            raise PermissionError(path)
        return HEALTHY


@pytest.fixture
def mounts():
    mounts = Mounts()
    yield mounts
    mounts.released.set()


@pytest.fixture
def probe(mounts):
    return MountProbe(SystemClock(), mounts)


def test_every_mount_that_answers_is_told(probe):
    assert probe.ask(["/", "/var"], wait_s=60) == {"/": HEALTHY, "/var": HEALTHY}


def test_a_mount_that_fails_is_missing_and_the_next_is_asked(probe):
    assert list(probe.ask(["/failed", "/"], wait_s=60)) == ["/"]


def test_a_hung_mount_costs_the_later_ones_nothing(probe):
    assert list(probe.ask(["/hung", "/", "/hung/too", "/var"], wait_s=1)) == ["/", "/var"]
    assert list(probe.ask(["/hung", "/"], wait_s=60)) == ["/"]


def test_a_mount_that_is_slow_is_waited_for_while_the_later_ones_are_asked(mounts):
    def released_by_the_next(path):
        if path == "/":
            mounts.released.set()
        return mounts(path)

    probe = MountProbe(SystemClock(), released_by_the_next)

    assert set(probe.ask(["/hung", "/"], wait_s=60)) == {"/hung", "/"}
    assert set(probe.ask(["/hung", "/"], wait_s=60)) == {"/hung", "/"}


def test_a_hung_mount_is_not_asked_again_while_it_hangs(probe, mounts):
    for _ in range(3):
        probe.ask(["/hung"], wait_s=SHORT_S)

    holds(lambda: mounts.asked, 60, "it was asked")
    assert mounts.asked == ["/hung"]


def test_a_mount_that_answers_again_is_told_again(probe, mounts):
    probe.ask(["/hung"], wait_s=SHORT_S)
    mounts.released.set()
    left_behind = probe._left_behind["/hung"]
    while left_behind.answers.empty():
        pass

    assert list(probe.ask(["/hung"], wait_s=60)) == ["/hung"]


def test_past_the_bound_no_further_thread_is_left_behind(probe, mounts):
    for i in range(LEFT_BEHIND_MOST + 3):
        probe.ask([f"/hung/{i}"], wait_s=0.01)

    holds(lambda: len(mounts.asked) >= LEFT_BEHIND_MOST, 60, "each thread has asked")
    assert len(mounts.asked) == LEFT_BEHIND_MOST
