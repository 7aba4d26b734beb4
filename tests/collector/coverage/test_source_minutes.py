# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.coverage.source_minutes import SETTLED, Books, Minute
from giamsat_collector.coverage.sources import MINUTE_NS
from giamsat_collector.ingest.conservation import Waiting
from giamsat_wire.lane import Lane
from giamsat_wire.source import OTHER, SOURCES, Counts

NOTHING = {lane: Waiting(0, 0) for lane in Lane}
START = 1_000


class Host:
    """One agent and the books about it: a call for each frame, minutes as they pass."""

    def __init__(self, waiting=None):
        self.waits = NOTHING if waiting is None else waiting
        self.books = Books(lambda _: self.waits)
        self.minute, self.id = START, 0

    def told(self, source="journald", **counts):
        self.id += 1
        at_ns = self.minute * MINUTE_NS
        self.books.take(self.id, "A1", at_ns=at_ns, told={source: Counts(**counts)})

    def came(self, events, source="journald"):
        self.id += 1
        self.books.take(self.id, "A1", at_ns=self.minute * MINUTE_NS, received={source: events})

    def passes(self, minutes=1):
        self.minute += minutes
        self.books.pass_to(self.minute * MINUTE_NS)

    def rows(self):
        return self.books.closed[1]

    def total(self, name):
        return sum(getattr(row, name) for row in self.rows())


def known(host, **counts):
    """A first reading, which says from where on counts grow."""
    host.told(**counts)
    host.passes()
    return host


def test_a_minute_tells_what_was_produced_only_counted_given_up_received_and_still_waits():
    host = known(Host())

    host.told(produced=100, throttled=30, dropped=5)
    host.came(60)
    host.passes()

    assert host.rows() == (
        Minute("A1", START + 1, "journald", produced=100, throttled=30, dropped=5, spooled=5, received=60, lost=0),
    )


def test_what_comes_later_is_received_in_its_own_minute_and_nothing_is_lost():
    host = known(Host({Lane.EVENT: Waiting(3, 0)}))
    host.told(produced=10)
    host.passes()
    for _ in range(2 * SETTLED):
        host.told(produced=10)
        host.passes()
    host.came(10)
    host.passes()

    assert [row.spooled for row in host.rows()] == [10] * (1 + 2 * SETTLED) + [0]
    assert (host.total("received"), host.total("lost")) == (10, 0)


def test_what_never_comes_although_nothing_waits_is_lost_and_the_source_is_shown_as_losing():
    host = known(Host())
    host.told(produced=10)
    host.came(7)
    for _ in range(SETTLED):
        host.passes()
        host.told(produced=10)
        assert host.total("lost") == 0
    host.passes()

    assert host.total("lost") == 3
    source = host.books.of("A1")["journald"]
    assert (source.lacking, source.condition(host.minute * MINUTE_NS)) == (3, "losing")


def test_while_an_agent_says_nothing_nothing_of_it_is_called_lost():
    host = known(Host())
    host.told(produced=10)

    host.passes(5)
    for _ in range(5):
        host.passes()

    assert host.total("lost") == 0


def test_what_an_agent_yielded_before_it_began_anew_was_produced_although_it_never_told():
    host = known(Host(), produced=50)
    host.told(produced=53)
    host.came(3)
    host.passes()
    host.came(4)
    host.told(produced=2)
    host.came(2)
    for _ in range(2 * SETTLED):
        host.passes()
        host.told(produced=2)

    assert (host.total("produced"), host.total("received"), host.total("lost")) == (9, 9, 0)


def test_events_that_overtake_the_counts_are_not_called_lost_afterwards():
    host = known(Host())
    produced = 0
    for _ in range(4 * SETTLED):
        produced += 60
        host.came(60 + 5)
        host.told(produced=produced)
        produced += 5
        host.passes()
    host.told(produced=produced)
    for _ in range(2 * SETTLED):
        host.passes()
        host.told(produced=produced)

    assert (host.total("produced"), host.total("received"), host.total("lost")) == (produced, produced, 0)


def test_a_clock_that_is_set_back_by_hours_keeps_no_minute_open_until_it_is_where_it_was():
    host = known(Host())
    host.told(produced=10, dropped=10)
    host.passes(-7 * 60)
    host.told(produced=13, dropped=10)
    host.came(3)
    host.passes()

    assert [(row.minute, row.produced, row.received) for row in host.rows()] == [
        (START + 1, 10, 0),
        (START + 1 - 7 * 60, 3, 3),
    ]
    assert host.books.of("A1")["journald"].lacking == 0


def test_a_frame_that_waited_for_the_disk_opens_no_minute_anew():
    host = known(Host())
    host.passes(-10)
    host.came(3)
    host.passes(11)

    assert [(row.minute, row.received) for row in host.rows()] == [(START + 1, 3)]


def test_a_loss_is_shown_for_an_hour():
    host = known(Host())
    host.told(produced=1, dropped=1)
    host.passes()
    seen = []
    for _ in range(62):
        seen.append(host.books.of("A1")["journald"].lacking)
        host.told(produced=1, dropped=1)
        host.passes()

    assert seen[0] == 1
    assert seen.count(1) == 60
    assert seen[-1] == 0


@pytest.mark.parametrize(("up", "condition"), [(None, "quiet"), (True, "quiet"), (False, "stopped")])
def test_a_source_that_cannot_be_read_has_stopped_and_one_of_which_nothing_comes_is_quiet(up, condition):
    host = known(Host(), up=up)

    assert host.books.of("A1")["journald"].condition(host.minute * MINUTE_NS) == condition


def test_frames_that_are_in_the_rows_already_only_say_from_where_on_counts_grow():
    first = known(Host())
    first.told(produced=10)
    first.came(4)
    first.passes()
    through, rows = first.books.closed
    books = Books(lambda _: NOTHING)

    books.begin(through, rows)
    books.take(through - 1, "A1", at_ns=first.minute * MINUTE_NS, told={"journald": Counts(10)})
    books.take(through, "A1", at_ns=first.minute * MINUTE_NS, received={"journald": 4})
    books.take(through + 1, "A1", at_ns=first.minute * MINUTE_NS, told={"journald": Counts(12)})
    books.pass_to((first.minute + 1) * MINUTE_NS)

    (row,) = books.closed[1]
    assert (row.produced, row.received, row.spooled) == (2, 0, 8)


def test_the_last_frame_that_counts_is_the_last_one_of_the_minutes_that_are_over():
    host = known(Host())
    host.came(1)
    before = host.id
    host.minute += 1
    host.came(1)

    assert host.books.closed[0] == before
    host.books.kept(host.rows())
    assert host.rows() == ()


def test_a_host_that_names_ever_new_sources_is_bounded():
    host = Host()
    for number in range(2 * SOURCES):
        host.came(1, source=f"s{number}")
    host.passes()

    assert len(host.rows()) == SOURCES + 1
    assert next(row.received for row in host.rows() if row.source == OTHER) == SOURCES


@given(st.lists(st.tuples(*[st.integers(0, 50)] * 4), max_size=30))
def test_the_books_balance_in_every_minute(minutes):
    host = known(Host())
    counts, spooled = Counts(), 0
    for more, throttled, dropped, arrives in minutes:
        produced = counts.produced + more + throttled + dropped
        counts = Counts(produced, counts.throttled + throttled, counts.dropped + dropped)
        spooled += more
        arrived = min(arrives, spooled)
        spooled -= arrived
        host.waits = {Lane.EVENT: Waiting(spooled, 0)}
        host.told(produced=counts.produced, throttled=counts.throttled, dropped=counts.dropped)
        host.came(arrived)
        host.passes()

    waited = 0
    for row in host.rows():
        assert row.produced == row.throttled + row.dropped + row.received + row.lost + row.spooled - waited
        waited = row.spooled
    assert (host.total("produced"), host.total("lost"), waited) == (counts.produced, 0, spooled)


def test_what_came_of_a_host_before_it_first_told_was_produced():
    host = Host()
    host.came(4)

    host.told(produced=9)
    host.passes()

    (row,) = host.rows()
    assert (row.produced, row.received, row.spooled) == (4, 4, 0)


def test_the_minute_that_goes_on_and_those_that_are_not_kept_yet_are_told_with_the_rest():
    host = known(Host())
    host.told(produced=5)
    host.passes()
    host.came(2)

    over, now = host.books.running("A1")

    assert (over.produced, over.received, over.spooled) == (5, 0, 5)
    assert (now.minute, now.produced, now.received, now.spooled) == (over.minute + 1, 0, 2, 3)
    assert host.books.running("A2") == ()


def test_of_an_agent_that_tells_of_no_source_what_came_was_produced():
    host = Host()
    for _ in range(3):
        host.came(4)
        host.passes()

    assert [(row.produced, row.received, row.spooled, row.lost) for row in host.rows()] == [(4, 4, 0, 0)] * 3
