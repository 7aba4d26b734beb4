# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.own_host import SELF
from giamsat_collector.silence.outage import SLACK_NS, UNITS, Host, Outage, behind, outages

SECOND = 10**9
NOW = 10_000 * SECOND
PERIOD = 15 * SECOND


def host(name, unit, ago, *, quiet=None, period=PERIOD):
    """A host that was last heard so many seconds ago; nobody listened before `quiet` seconds ago."""
    heard = NOW - ago * SECOND
    return Host(name, unit, heard, heard if quiet is None else max(heard, NOW - quiet * SECOND), period)


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


def test_who_tells_that_it_is_seldom_heard_makes_nothing_of_what_fell_at_other_times():
    """Its own end may be that late; those of others are not, and it says nothing about its unit's other hosts."""
    slow = host("x", "x", 9300, period=3600 * SECOND)
    apart = [*unit("a", 5700, 5700), *unit("b", 720, 721), *unit("d", 1), *unit("e", 1)]

    assert fallen(slow, *apart) == {"a": ["a0", "a1"], "b": ["b0", "b1"]}
    assert fallen(slow, *apart[2:], *unit("f", 719)) == {SELF: ["b0", "b1", "f0", "x"], "b": ["b0", "b1"]}
    before = [slow, host("y", "x", 9200)]
    assert fallen(*before, *apart[2:], *unit("f", 719)) == {"b": ["b0", "b1"], "x": ["x", "y"]}
    most = [*apart[2:4], *unit("f", 719), *unit("g", 718)]
    assert fallen(*before, *most, *unit("h", 650, 720))[SELF] == ["b0", "b1", "f0", "g0"], "h lived on, x fell before"


def test_the_centre_stands_for_a_unit_only_with_all_its_hosts():
    found = outages([*unit("a", 100, 104), *unit("b", 101), *unit("c", 99)], {}, NOW)

    assert behind(found, {SELF, "a"}) == {"a": SELF, "a0": SELF, "a1": SELF, "b0": SELF, "c0": SELF}
    assert behind(found, {"a"}) == {"a0": "a", "a1": "a"}, "no alert, nobody it stands for"
    assert behind(found, frozenset()) == {}


HOSTS = st.lists(
    st.builds(
        lambda number, unit, ago, quiet, period: host(f"h{number}", unit, ago, quiet=quiet, period=period * SECOND),
        st.integers(0, 10_000),
        st.sampled_from(["", "u", "v", "w", "x", "y"]),
        st.integers(0, 400),
        st.none() | st.integers(0, 400),
        st.sampled_from([15, 15, 15, 60]),
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
def test_what_is_said_to_fall_together_was_last_heard_together_each_by_its_own_patience(hosts):
    known = {one.asset: one for one in hosts}
    for place, outage in outages(hosts, {}, NOW).items():
        those = [known[asset] for asset in outage.hosts]
        newest = max(one.heard_ns for one in those)

        assert all(newest - one.heard_ns <= one.patience_ns + SLACK_NS for one in those)
        assert len(those) >= 2
        assert place != SELF or len({one.unit or one.asset for one in those}) >= UNITS
