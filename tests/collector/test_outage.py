# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.itself import SELF
from giamsat_collector.outage import SLACK_NS, UNITS, Host, Outage, behind, outages

SECOND = 10**9
NOW = 10_000 * SECOND
PERIOD = 15 * SECOND


def host(name, unit, ago, *, quiet=None):
    """A host that was last heard so many seconds ago; nobody listened before `quiet` seconds ago."""
    heard = NOW - ago * SECOND
    return Host(name, unit, heard, heard if quiet is None else max(heard, NOW - quiet * SECOND), PERIOD)


def unit(name, *ago):
    return [host(f"{name}{number}", name, each) for number, each in enumerate(ago)]


def fallen(*hosts, standing=()):
    return {place: sorted(found.hosts) for place, found in outages(hosts, dict.fromkeys(standing, NOW), NOW).items()}


def test_a_unit_of_which_nobody_is_heard_is_cut_off_since_the_last_was():
    found = outages([*unit("u", 100, 110), *unit("v", 1)], {}, NOW)

    assert found == {"u": Outage("u", NOW - 100 * SECOND, frozenset({"u0", "u1"}), frozenset({"u"}))}


def test_one_that_is_still_heard_says_that_the_line_stands():
    assert fallen(*unit("u", 100, 110, 30)) == {}


def test_of_one_host_nobody_can_tell_whether_the_line_fell():
    assert fallen(*unit("u", 100)) == {}
    assert fallen(host("a", "", 100), host("b", "", 100)) == {}, "hosts of no unit share nothing"


def test_who_fell_silent_long_before_is_no_witness_and_stands_behind_nothing():
    assert fallen(*unit("u", 100, 5000)) == {}
    assert fallen(*unit("u", 100, 105, 5000)) == {"u": ["u0", "u1"]}


def test_after_a_restart_nobody_is_called_silent_before_somebody_listened_for_long_enough():
    fresh = [host("a", "u", 100, quiet=20), host("b", "u", 100, quiet=20)]

    assert fallen(*fresh) == {}
    assert fallen(*fresh, standing={"u"}) == {"u": ["a", "b"]}, "what was cut off before is, as long as nobody is heard"
    assert outages(fresh, {"u": NOW - 70 * SECOND}, NOW)["u"].since_ns == NOW - 70 * SECOND, "nor later"
    assert outages(fresh, {"u": NOW - 500 * SECOND}, NOW)["u"].since_ns == NOW - 100 * SECOND, "they were heard then"


def test_most_units_at_once_are_the_centre_and_each_of_several_hosts_is_cut_off_too():
    found = fallen(*unit("a", 100, 104), *unit("b", 101), *unit("c", 99), *unit("d", 1), *unit("e", 1))

    assert found == {SELF: ["a0", "a1", "b0", "c0"], "a": ["a0", "a1"]}


def test_fewer_than_half_of_what_was_heard_is_not_the_centre():
    assert fallen(*unit("a", 100), *unit("b", 101), *unit("c", 99), *(one for u in "defg" for one in unit(u, 1))) == {}


def test_what_fell_long_before_or_comes_later_does_not_hide_that_the_centre_fell():
    earlier, later = unit("x", 9000, 9001), unit("y", 60)
    most = [*unit("a", 400), *unit("b", 401), *unit("c", 399)]

    assert fallen(*most, *earlier, *later) == {SELF: ["a0", "b0", "c0"], "x": ["x0", "x1"]}


def test_the_centre_stands_for_a_unit_only_with_all_its_hosts():
    found = outages([*unit("a", 100, 104), *unit("b", 101), *unit("c", 99)], {}, NOW)

    assert behind(found, {SELF, "a"}) == {"a": SELF, "a0": SELF, "a1": SELF, "b0": SELF, "c0": SELF}
    assert behind(found, {"a"}) == {"a0": "a", "a1": "a"}, "no alert, nobody it stands for"
    assert behind(found, frozenset()) == {}


HOSTS = st.lists(
    st.builds(
        lambda number, unit, ago, quiet: host(f"h{number}", unit, ago, quiet=quiet),
        st.integers(0, 10_000),
        st.sampled_from(["", "u", "v", "w", "x", "y"]),
        st.integers(0, 400),
        st.none() | st.integers(0, 400),
    ),
    max_size=14,
    unique_by=lambda one: one.asset,
)


@given(HOSTS, st.sets(st.sampled_from(["u", "v", "w", "x", "y", SELF])))
def test_no_host_that_is_heard_stands_behind_anything_and_no_alert_behind_one_behind_another(hosts, told):
    found = outages(hosts, {}, NOW)
    standing = behind(found, told)
    alive = {one.asset for one in hosts if one.alive(NOW)}

    assert not alive & standing.keys()
    assert not set(standing.values()) & standing.keys() & (told - {"u", "v", "w", "x", "y"})
    assert all(standing[place] == SELF for place in standing.keys() & found.keys())
    assert all(standing[standing[one]] == SELF for one in standing if standing[one] in standing) or SELF not in told


@given(HOSTS)
def test_what_is_said_to_fall_together_was_last_heard_together(hosts):
    heard = {one.asset: one.heard_ns for one in hosts}
    for place, outage in outages(hosts, {}, NOW).items():
        times = [heard[one] for one in outage.hosts]

        assert max(times) - min(times) <= 2.5 * PERIOD + SLACK_NS
        assert len(outage.hosts) >= (UNITS if place == SELF else 2)
