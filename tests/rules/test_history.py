# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules import history
from giamsat_rules.history import Memory
from giamsat_rules.owner import Owner
from giamsat_rules.rule import History
from giamsat_rules.verdict import Occurrence, Subject

DAY = 24 * 3600 * 10**9


@pytest.fixture
def profile(shipped_pack):
    return shipped_pack.profile(3)


def memory(per=Owner.ASSET):
    return Memory(History(("source.ip",), per, 30 * 86400.0, 7 * 86400.0))


def login(day, ip="192.0.2.1", asset="a", unit="u"):
    return Occurrence(Subject(asset, 3, unit), int(day * DAY), {"source.ip": ip})


def test_nothing_is_new_while_it_learns_and_what_it_learnt_is_not_new(profile):
    kept = memory()

    told = [kept.is_new(login(day, ip), profile) for day, ip in [(0, "x"), (1, "y"), (8, "x"), (8, "y"), (8, "z")]]

    assert told == [False, False, False, False, True]


def test_what_was_not_seen_for_the_span_is_new_again(profile):
    kept = memory()

    told = [kept.is_new(login(day), profile) for day in (0, 8, 37, 68)]

    assert told == [False, False, False, True]


def test_a_late_event_is_not_new_for_being_old(profile):
    kept = memory()
    for day in (0, 50):
        kept.is_new(login(day), profile)

    assert kept.is_new(login(40), profile) is False


@pytest.mark.parametrize(("per", "new"), [(Owner.ASSET, True), (Owner.UNIT, False)])
def test_what_one_host_has_seen_is_known_to_its_unit_only_if_the_rule_says_so(profile, per, new):
    kept = memory(per)
    for asset in ("a", "b"):
        kept.is_new(login(0, "known", asset), profile)
    kept.is_new(login(1, "x", "a"), profile)

    assert kept.is_new(login(9, "x", "b"), profile) is new


def test_an_event_without_the_field_is_never_new(profile):
    kept = memory()
    kept.is_new(login(0), profile)

    assert kept.is_new(Occurrence(Subject("a", 3), 99 * DAY, {}), profile) is False


def test_what_is_forgotten_before_its_time_is_counted(profile, monkeypatch):
    monkeypatch.setattr(history, "VALUES", 3)
    kept = memory()
    for n in range(5):
        kept.is_new(login(0, str(n)), profile)

    assert kept.evicted == 2
    assert kept.count == 3


def test_what_is_recalled_from_a_record_is_known_as_if_it_had_been_seen(profile):
    kept = memory()
    kept.recall(Subject("a", 3, "u"), ("x",), 0, int(9 * DAY))

    assert [kept.is_new(login(10, ip), profile) for ip in ("x", "y")] == [False, True]


def test_a_long_value_is_known_again_and_takes_no_more_room_than_a_short_one(profile):
    kept, long = memory(), "x" * 8_192
    kept.recall(Subject("a", 3, "u"), (long,), 0, int(9 * DAY))

    assert [kept.is_new(login(10, ip), profile) for ip in (long, f"{long}y")] == [False, True]
    assert max(len(value) for values in kept.seen["a"] for value in values) == history.CHARACTERS


def test_who_sends_ever_new_values_forgets_its_own_and_nobody_elses(profile, monkeypatch):
    monkeypatch.setattr(history, "OWN", 50)
    monkeypatch.setattr(history, "VALUES", 80)
    kept, others = memory(), ("ordinary", "second")
    for asset in others:
        kept.is_new(login(0, "known", asset), profile)
    for number in range(500):
        kept.is_new(login(1, f"{number}", "flood"), profile)
        kept.is_new(login(1, f"{number}", "another flood"), profile)

    assert (kept.count, kept.evicted) == (80, 2 + 1_000 - 80)
    assert [kept.is_new(login(9, "known", asset), profile) for asset in others] == [False, False]
    assert kept.is_new(login(9, "another", "ordinary"), profile)
    assert not kept.is_new(login(10, "another", "ordinary"), profile)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12)), max_size=80))
def test_who_has_the_most_gives_up_what_it_has_not_seen_for_longest(noted):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "OWN", 6)
        patch.setattr(history, "VALUES", 12)
        patch.setattr(history, "OWNERS", 4)
        kept = memory()
        for at, (asset, value) in enumerate(noted):
            before = {owner: len(its) for owner, its in kept.seen.items()}
            kept.recall(Subject(asset, 3), (str(value),), at, at)
            lost = [owner for owner, size in before.items() if len(kept.seen.get(owner, ())) < size]

            assert all(before[owner] == max(before.values()) for owner in lost if owner in kept.seen)
            sizes = {owner: len(its) for owner, its in kept.seen.items() if its}
            assert {owner: size for size, owners in kept.sizes.owners.items() for owner in owners} == sizes
            assert (kept.sizes.most, kept.count) == (max(sizes.values()), sum(sizes.values()))
            assert kept.sizes.largest in sizes
