# SPDX-License-Identifier: Apache-2.0
import cProfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.alerts.alert import GroupCount
from giamsat_collector.alerts.folding import TOGETHER_NS, Told, placings, shared
from giamsat_rules.behind import Behind, standing
from giamsat_rules.language.header import SEVERITIES
from giamsat_rules.owner import Owner

MATTER = standing(
    {"scan": Behind(("guess",), Owner.UNIT), "guess": Behind(("spray", "success")), "spray": Behind(("success",))}
)
ONE, OTHER = "192.0.2.7", "192.0.2.8"


def group(source=ONE, first=0, last=0, *, over=False, **more):
    return GroupCount({"source.ip": source, **more}, 1, first, last, over)


def alert(rule, *groups, id_="", **changes):
    one = Told(id_ or rule, rule, "h1", "u1", "medium", 3, None, free=True, groups=groups or (group(),))
    return replace(one, **changes)


def stands(*every):
    """Whom each alert stands behind, of those whose place changes."""
    return {one.alert: one.cause for one in placings(every, MATTER)}


def test_of_one_matter_all_stand_behind_the_strongest_and_of_two_alike_behind_the_more_urgent():
    assert stands(alert("scan"), alert("guess"), alert("spray"), alert("success")) == dict.fromkeys(
        ["scan", "guess", "spray"], "success"
    )
    assert stands(alert("guess"), alert("spray"), alert("success", group(OTHER), severity="high")) == {"guess": "spray"}
    twice = alert("guess", id_="g1", asset="h1"), alert("guess", id_="g2", asset="h2", severity="high", priority=2)
    assert stands(alert("scan", asset="h3"), *twice) == {"scan": "g2"}


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (alert("guess", group(OTHER)), alert("spray")),
        (alert("guess", group(), group(OTHER)), alert("spray")),
        (alert("guess", group(), GroupCount({}, 9, 0, 0)), alert("spray", group(), GroupCount({}, 9, 0, 0))),
        (alert("guess"), alert("spray", group(over=True))),
        (alert("guess", group(over=True)), alert("spray")),
        (alert("guess", severity="high"), alert("spray")),
        (alert("guess", severity="unheard-of"), alert("spray")),
        (alert("guess", priority=2), alert("spray", severity="critical")),
        (alert("guess", asset="h2"), alert("spray")),
        (alert("scan", asset="h2", unit="u2"), alert("guess")),
        (alert("scan", asset="h2", unit=""), alert("guess", unit="")),
        (alert("guess", GroupCount({"user.name": "an"}, 1, 0, 0)), alert("spray")),
        (alert("guess", group(last=TOGETHER_NS + 1)), alert("spray")),
        (alert("guess"), alert("spray", group(first=TOGETHER_NS + 1, last=TOGETHER_NS + 1))),
        (alert("spray"), alert("guess", severity="critical")),
    ],
    ids=[
        *("other-offender", "one-offender-more", "the-rest", "over", "nothing-left", "more-severe", "unknown-severity"),
        *(
            "more-urgent",
            "other-asset",
            "other-unit",
            "no-unit",
            "other-names",
            "later",
            "earlier",
            "weaker",
        ),
    ],
)
def test_nothing_stands_behind_what_does_not_tell_all_of_it(weaker, stronger):
    assert stands(weaker, stronger) == {}
    hidden = replace(weaker, cause=stronger.id)
    assert stands(hidden, stronger) == {weaker.id: None}, "it comes into the queue"


def test_who_is_told_of_by_more_names_is_still_who_is_told_of():
    mine, theirs = group(**{"user.name": "root"}), group(**{"user.name": "an"})
    assert stands(alert("guess", mine, theirs), alert("spray")) == {"guess": "spray"}
    assert stands(alert("guess"), alert("spray", mine, theirs)) == {"guess": "spray"}
    assert stands(alert("guess", mine), alert("spray", theirs)) == {}


AN, BINH = GroupCount({"user.name": "an"}, 1, 0, 0), GroupCount({"user.name": "binh"}, 1, 0, 0)


def trying(*users, **changes):
    """Someone of whom is known who he tried to be."""
    return replace(group(**changes), users=users)


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ([AN], [trying("an")]),
        ([AN], [trying("binh", "an")]),
        ([AN, BINH], [trying("an"), trying("binh", source=OTHER)]),
        ([replace(BINH, over=True), AN], [trying("an")]),
        ([AN], [trying("an", **{"service.name": "imap"})]),
    ],
    ids=["it", "one-of-two", "two-offenders", "the-other-is-over", "by-more-names"],
)
def test_what_knows_only_an_account_stands_behind_what_found_this_account_tried(weaker, stronger):
    assert stands(alert("guess", *weaker), alert("spray", *stronger)) == {"guess": "spray"}


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ([AN], [trying("binh")]),
        ([AN], [trying()]),
        ([AN, BINH], [trying("an")]),
        ([AN], [trying("an", over=True)]),
        ([AN], [trying("an", first=TOGETHER_NS + 1, last=TOGETHER_NS + 1)]),
        ([group(**{"user.name": "an"})], [trying("an", source=OTHER)]),
        ([trying("an")], [trying("an", source=OTHER)]),
        ([AN, GroupCount({}, 9, 0, 0)], [trying("an")]),
        ([GroupCount({"user.id": "an"}, 1, 0, 0)], [trying("an")]),
    ],
    ids=["somebody-else", "nobody", "one-more", "over", "later", "known", "both-tried", "the-rest", "other-name"],
)
def test_alerts_about_others_stay_apart_whomever_somebody_tried(weaker, stronger):
    assert stands(alert("guess", *weaker), alert("spray", *stronger)) == {}


def test_what_is_shared_is_said_by_the_account_too():
    assert shared([AN, BINH], [trying("an")]) == ("user.name an", "user.name binh")
    assert shared([AN], [group()]) == ()


def test_a_sensor_that_tells_of_several_targets_tells_of_others_than_its_own_asset():
    one, other = group(**{"destination.ip": "198.51.100.1"}), group(**{"destination.ip": "198.51.100.2"})

    assert stands(alert("guess", one), alert("spray")) == {"guess": "spray"}
    assert stands(alert("guess", one, other), alert("spray")) == {}
    assert stands(alert("scan", one, other), alert("guess")) == {"scan": "guess"}, "of a unit it may be anybody"


def test_what_somebody_took_up_stays_in_the_queue():
    assert stands(alert("guess", free=False), alert("spray")) == {}


def test_what_stands_behind_another_stays_there_and_follows_when_that_one_goes_behind_a_third():
    hidden = alert("scan", cause="guess", free=False)
    assert stands(hidden, alert("guess")) == {}
    assert stands(hidden, alert("guess"), alert("guess", id_="g2", asset="h2", priority=1)) == {}
    assert stands(hidden, alert("guess"), alert("success")) == {"scan": "success", "guess": "success"}
    assert stands(hidden) == {"scan": None}, "nobody stands for it any more"


@pytest.mark.parametrize("one_offender", [True, False])
def test_a_unit_that_is_attacked_all_over_takes_time_by_how_many_alerts_there_are_and_no_more(one_offender):
    def calls(number):
        every = []
        for host in range(number):
            source = group(ONE if one_offender else f"host {host}")
            every += [alert(rule, source, id_=f"{rule} {host}", asset=f"h{host}") for rule in ("scan", "guess")]
        profile = cProfile.Profile()
        assert len(profile.runcall(list, placings(every, MATTER))) == number
        return sum(one.callcount for one in profile.getstats())

    assert calls(400) < 2.5 * calls(200)


def test_an_offender_of_many_names_takes_time_by_how_many_there_are_and_no_more():
    def calls(number):
        offender = group(**{f"name.{each}": "x" for each in range(number)})
        profile = cProfile.Profile()
        profile.runcall(list, placings([alert("scan", offender), alert("guess", offender)], MATTER))
        return sum(one.callcount for one in profile.getstats())

    assert calls(16) < 2.5 * calls(8)


SOME = st.builds(
    alert,
    st.sampled_from(["scan", "guess", "spray", "success"]),
    st.builds(group, st.sampled_from([ONE, OTHER]), st.just(0), st.sampled_from([0, 2 * TOGETHER_NS])),
    asset=st.sampled_from(["h1", "h2"]),
    unit=st.sampled_from(["u1", "u2", ""]),
    severity=st.sampled_from(["medium", "high", "critical"]),
    priority=st.integers(1, 4),
    cause=st.sampled_from([None, None, "0", "1", "gone"]),
    free=st.booleans(),
)


@given(st.lists(SOME, max_size=8))
def test_behind_whatever_stands_in_the_queue_nothing_graver_is_hidden(every):
    alerts = {str(number): replace(one, id=str(number)) for number, one in enumerate(every)}
    causes = {one.id: one.cause for one in alerts.values()}
    causes |= {one.alert: one.cause for one in placings(alerts.values(), MATTER)}

    for name, cause in causes.items():
        if cause is not None:
            one, other = alerts[name], alerts[cause]
            assert causes[cause] is None, "it stands in the queue itself"
            assert other.priority <= one.priority
            assert SEVERITIES.index(other.severity) >= SEVERITIES.index(one.severity)
            assert {each.group["source.ip"] for each in one.groups} <= {
                each.group["source.ip"] for each in other.groups
            }
            assert other.rule in MATTER[one.rule].rules
    again = [replace(one, cause=causes[one.id]) for one in alerts.values()]
    assert list(placings(again, MATTER)) == [], "looked at again, all stay where they are"
