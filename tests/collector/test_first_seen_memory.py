# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.first_seen import Known, topic
from giamsat_collector.first_seen_memory import FirstSeenMemory
from giamsat_collector.sightings import sighting
from giamsat_rules import history
from giamsat_rules.history import Memory
from giamsat_rules.load import load_pack, shipped
from giamsat_rules.rule import History, Owner
from giamsat_rules.verdict import Occurrence, Subject

DAY = 86_400 * 10**9
ASKED = History(("source.ip",), Owner.ASSET, 30 * 86_400.0, 7 * 86_400.0)
TOPIC = topic("new", ASKED)


@pytest.fixture
def profile():
    return load_pack(shipped().pack).profile(3)


def login(day, ip, asset="a"):
    return Occurrence(Subject(asset, 3, "u"), int(day * DAY), {"source.ip": ip})


def followed(memory):
    first_seen_memory = FirstSeenMemory()
    first_seen_memory.follow({"new": memory})
    return first_seen_memory


def test_a_value_is_told_when_it_is_new_and_once_a_day_after_that(profile):
    memory = Memory(ASKED)
    first_seen_memory = followed(memory)
    told = []
    for day in (0, 0.5, 1.2, 1.3):
        memory.is_new(login(day, "x"), profile)
        told.append(dict(first_seen_memory.taken()))

    assert told == [{(TOPIC, "a", ("x",)): 0}, {}, {(TOPIC, "a", ("x",)): int(1.2 * DAY)}, {}]


def test_what_is_forgotten_before_its_time_is_told_too(profile, monkeypatch):
    monkeypatch.setattr(history, "OWN", 1)
    monkeypatch.setattr(history, "OWNERS", 1)
    memory = Memory(ASKED)
    first_seen_memory = followed(memory)
    for ip, asset in [("x", "a"), ("y", "a"), ("z", "b")]:
        memory.is_new(login(0, ip, asset), profile)

    assert first_seen_memory.taken() == {
        (TOPIC, "a", ("x",)): None,
        (TOPIC, "a", ("y",)): None,
        (TOPIC, "b", ("z",)): 0,
    }


def test_the_next_life_knows_what_the_one_before_it_knew(profile):
    memory = Memory(ASKED)
    first_seen_memory = followed(memory)

    first_seen_memory.give([Known(TOPIC, "a", ("x",), 0, 8 * DAY), Known("another rule's", "a", ("y",), 0, 8 * DAY)])

    assert first_seen_memory.taken() == {}
    assert [memory.is_new(login(9, ip), profile) for ip in ("x", "y")] == [False, True]


def test_hosts_of_networks_are_told_of_elsewhere(profile):
    memory = Memory(History(sighting.FIELDS, Owner.ASSET, 30.0, 7.0))
    first_seen_memory = followed(memory)
    seen = dict(zip(sighting.FIELDS, ("eth0", "02:00:00:00:00:05"), strict=True))
    memory.is_new(Occurrence(Subject("a", 3), 0, seen), profile)

    assert first_seen_memory.taken() == {}
    assert list(memory.seen) == ["a"]
