# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.indicators import hunting
from giamsat_collector.indicators.contact import Indicators
from giamsat_collector.indicators.hunting import Hunt
from giamsat_wire.codec import encode_happenings
from support.flowing import WEB
from support.flowing import event as flows_told
from support.listing import lookup
from support.stored import NOON_NS, holding, stored

LISTED = lookup("evil.example", "203.0.113.7")
MINUTE_NS = 60 * 10**9


def asking(ident, name="c2.evil.example", source="10.0.0.5", **about):
    return holding(ident, "dns-query", dns__question__name=name, source__ip=source, **about)


def hunted(*frames):
    hunt = Hunt(Indicators(LISTED))
    for frame in frames:
        hunt.look(frame)
    return hunt


def test_the_same_find_is_one_with_its_first_and_last_time():
    hunt = hunted(
        asking(1), asking(2, received_ns=NOON_NS + MINUTE_NS), asking(3, "good.example"), asking(4, agent="A2")
    )

    mine, other = sorted(hunt.found(), key=lambda one: one["asset"])
    assert mine == {
        "indicator": "evil.example",
        "feed": "ncsc",
        "role": "contact",
        "who": "10.0.0.5",
        "asset": "A1",
        "count": 2,
        "first": "2027-01-15T12:00:00.000Z",
        "last": "2027-01-15T12:01:00.000Z",
    }
    assert (other["asset"], other["count"], hunt.frames) == ("A2", 1, 4)


def test_flows_that_were_told_are_looked_through_and_what_is_none_is_passed_over():
    events = [flows_told(WEB.line(), wall_ns=NOON_NS), flows_told("no flow", wall_ns=NOON_NS)]
    (encoded,) = encode_happenings(events)

    (one,) = hunted(stored(1, payload=encoded.payload, flags=int(encoded.flags))).found()

    assert (one["indicator"], one["who"], one["role"]) == ("203.0.113.7", "10.0.0.5", "contact")


def test_frames_that_cannot_be_read_and_finds_beyond_the_bound_are_counted(monkeypatch):
    monkeypatch.setattr(hunting, "MOST", 1)

    hunt = hunted(stored(1, payload=b"torn"), asking(2), asking(3, source="10.0.0.6"), asking(4))

    assert (hunt.unread, hunt.beyond, len(hunt.finds)) == (1, 1, 1)


def test_what_an_agent_says_that_lists_say_is_no_find():
    claimed = {"giamsat__threat__role": "visitor", "threat__indicator__name": "x", "giamsat__threat__who": "y"}

    (one,) = hunted(
        holding(1, giamsat__threat__role="visitor"), asking(2, "good.example", **claimed), asking(3)
    ).found()

    assert (one["indicator"], one["role"], one["count"]) == ("evil.example", "contact", 1)
