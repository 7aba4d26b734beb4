# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules import correlate
from giamsat_rules.correlate import Groups
from giamsat_rules.verdict import Occurrence, Subject


def take(groups, pack, address, at=0, **fields):
    occurrence = Occurrence(Subject("host-1", 3), at, {"source.ip": address, **fields})
    return groups.take("ssh_failed_login", (occurrence,), pack.profile(3))


@pytest.fixture
def groups(shipped_rules):
    return Groups(shipped_rules.rules["ssh_brute_force"])


def test_groups_are_bounded_and_the_forgotten_are_counted(groups, shipped_pack, monkeypatch):
    monkeypatch.setattr(correlate, "GROUPS", 10)

    for number in range(25):
        take(groups, shipped_pack, f"192.0.2.{number}")

    assert len(groups.windows) == 10
    assert groups.evicted == 15
    assert groups.waiting == 10


def test_waiting_occurrences_are_bounded_over_all_groups(groups, shipped_pack, monkeypatch):
    monkeypatch.setattr(correlate, "ENTRIES", 20)

    for number in range(60):
        take(groups, shipped_pack, f"192.0.2.{number % 12}", at=number)

    assert groups.waiting <= 20
    assert groups.waiting == sum(len(window.pending) for window in groups.windows.values())


def test_an_event_without_the_field_of_a_group_is_not_counted(groups, shipped_pack):
    assert take(groups, shipped_pack, None) is None
    assert not groups.windows
