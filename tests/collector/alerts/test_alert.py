# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.alerts.alert import State


def test_only_the_two_endings_take_no_more_events():
    assert {state for state in State if state.closed} == {State.RESOLVED, State.FALSE_POSITIVE}
