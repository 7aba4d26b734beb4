# SPDX-License-Identifier: Apache-2.0
"""How the database finds what tells of silence, by what it says itself of its way."""

from giamsat_collector.silence import consequences
from support.plans import ways
from support.shift import Shift


def test_where_silence_belongs_is_found_without_looking_through_the_queue(connection):
    shift = Shift(connection)
    shift.after(300, "a0", "a1", "a2")
    told = shift.silences.away, shift.engine.absences, shift.clock.wall_ns()
    steps = ways(shift.connection, lambda: consequences.settle(shift.connection, *told))

    found = {step.partition(" INDEX ")[2] for step in steps}
    assert found == {"ix_alerts_rule (rule=? AND closed=?)", "ix_alerts_behind (relation=? AND closed=?)"}
