# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.grouping import opened
from giamsat_collector.alerts.lifecycle import MOVES, Action, ConflictError, Request, decide, legal
from giamsat_collector.errors import RefusedError
from support.verdicts import PLACEMENT, verdict

ALERT = opened(verdict(), PLACEMENT, 1)


def asked(action, **words):
    return Request(action, "an", owner=words.pop("owner", "binh"), note=words.pop("note", "vì sao"), **words)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", State)
def test_an_action_is_done_where_it_is_legal_and_refused_elsewhere(action, state):
    alert = replace(ALERT, state=state)
    states, leads_to = MOVES[action]

    if state in states:
        after, change = decide(alert, asked(action), 5)
        assert after.state == (leads_to or state)
        assert (change.before, change.after, change.actor) == (state, after.state, "an")
        assert after.revision == alert.revision + 1
    else:
        with pytest.raises(RefusedError, match=legal(state)[0]):
            decide(alert, asked(action), 5)


def test_every_state_can_be_left():
    assert all(legal(state) for state in State)


def test_reopening_takes_the_owner_away():
    closed = replace(ALERT, state=State.RESOLVED, owner="an")

    assert decide(closed, asked(Action.REOPEN), 5)[0].owner is None


def test_who_acknowledges_does_not_take_an_alert_from_its_owner():
    assert decide(replace(ALERT, owner="chi"), asked(Action.ACKNOWLEDGE), 5)[0].owner == "chi"


def test_a_stale_view_decides_nothing():
    with pytest.raises(ConflictError):
        decide(ALERT, asked(Action.ACKNOWLEDGE, revision=ALERT.revision + 1), 5)
