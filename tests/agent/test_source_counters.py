# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.source_counters import Tally
from giamsat_wire.record import Event, SampleSet
from giamsat_wire.source import OTHER, SOURCES, Counts, counts


def event(kind="user-login", provider="journald", **fields):
    return Event(kind, 1, 1, {"event.provider": provider, **fields})


def test_what_a_source_yielded_and_what_was_only_counted_add_up():
    tally = Tally()

    tally.produced([event(), event(**{"giamsat.folded.count": 40}), event(provider="agent")])
    tally.dropped([event()])

    assert tally.counts == {"journald": Counts(42, 40, 1), "agent": Counts(1)}
    assert counts(SampleSet(1, 1, tuple(tally.samples()))) == tally.counts


def test_a_source_is_there_until_it_is_lost_and_again_when_it_is_opened():
    tally = Tally()
    found = []
    for kind in ("user-login", "log-source-opened", "user-login", "log-source-lost", "log-source-opened"):
        tally.produced([event(kind)])
        found.append(tally.counts["journald"].up)

    assert found == [None, True, True, False, True]


def test_sources_beyond_the_limit_are_counted_together_and_say_nothing_of_being_there():
    tally = Tally()

    tally.produced(event("log-source-lost", provider=f"p{number}") for number in range(SOURCES + 5))

    assert len(tally.counts) == SOURCES + 1
    assert tally.counts[OTHER] == Counts(5)
