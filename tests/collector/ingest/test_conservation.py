# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.ingest.conservation import Books, Claim, Waiting
from giamsat_collector.ingest.session import Incoming, LaneOffer, Mark, Missing, Session
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane

EVENT = Lane.EVENT


def frame(seq, epoch=1):
    return Incoming(EVENT, epoch, seq, 0, b"p", checksum(flags=0, lane=EVENT, seq=seq, payload=b"p"))


def books(at=0):
    made = Books()
    made.opened([Mark(EVENT, 1, at)])
    return made


@pytest.mark.parametrize(
    ("stored", "mark", "produced", "acked", "off"),
    [
        pytest.param([1, 2, 3], 3, 5, 2, 0, id="some is spooled and one acknowledgement is under way"),
        pytest.param([1, 2], 3, 5, 2, 1, id="the mark passed a frame that was not stored"),
        pytest.param([1, 2, 3, 3], 3, 5, 3, 1, id="a frame was stored twice"),
        pytest.param([1], 1, 5, 4, 3, id="the agent was told of more than the mark covers"),
        pytest.param([1, 2, 3], 3, 1, 1, 2, id="more is stored than was produced"),
    ],
)
def test_what_does_not_meet_is_counted(stored, mark, produced, acked, off):
    account = books()
    account.stored(frame(seq) for seq in stored)

    worse = account.check([Claim(EVENT, produced, acked)], {EVENT: mark})

    assert account.violations == ({EVENT: off} if off else {})
    assert worse is bool(off)


def test_an_alarm_is_given_once_and_again_after_it_was_right():
    account = books()

    told = [account.check([Claim(EVENT, 9, acked)], {EVENT: 0}) for acked in (1, 1, 0, 1)]

    assert told == [True, False, False, True]


def test_a_greeting_settles_what_was_before_it():
    account = books(at=40)

    account.stored([frame(41)])

    assert account.check([Claim(EVENT, 50, 41)], {EVENT: 41}) is False


def test_a_gap_counts_once_the_mark_has_passed_it_and_outlasts_a_greeting_in_between():
    gap, account = Missing(EVENT, 1, 3, 6), books()
    account.declared([gap])

    account.stored([frame(1)])
    assert account.check([Claim(EVENT, 9, 0)], {EVENT: 1}) is False
    account.opened([Mark(EVENT, 1, 1)])
    account.stored([frame(2)])
    assert account.check([Claim(EVENT, 9, 0)], {EVENT: 6}) is False


@given(st.lists(st.integers(1, 12), max_size=60), st.integers(0, 3))
def test_whatever_an_agent_sends_and_however_commits_fail_the_books_of_a_real_session_balance(seqs, fails_every):
    session, account = Session(), Books()
    session.hello([LaneOffer(EVENT, 1, 1, 1)])
    account.opened([Mark(EVENT, 1, 0)])
    waiting = []
    for number, seq in enumerate(seqs):
        if type(session.offer(frame(seq))).__name__ == "Accepted":
            waiting.append(frame(seq))
        if fails_every and number % (fails_every + 1) == fails_every:
            session.failed()
        elif waiting:
            session.durable(waiting)
            account.stored(waiting)
        waiting = []

    mark = session.marks()[EVENT]
    assert account.check([Claim(EVENT, 12, mark)], session.marks()) is False


def test_what_an_agent_holds_back_is_what_it_produced_beyond_the_mark():
    books = Books()
    assert books.waiting({}) == {}
    books.opened([Mark(Lane.EVENT, 1, 0)])

    books.check([Claim(Lane.EVENT, 9, 4, given_up=2)], {Lane.EVENT: 5})

    assert books.waiting({Lane.EVENT: 5}) == {Lane.EVENT: Waiting(4, 2)}
