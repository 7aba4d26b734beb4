# SPDX-License-Identifier: Apache-2.0
"""How the database finds what tells of silence, by what it says itself of its way."""

from sqlalchemy import event

from giamsat_collector.silence import consequences
from support.shift import Shift


def test_where_silence_belongs_is_found_without_looking_through_the_queue(connection):
    shift = Shift(connection)
    shift.after(300, "a0", "a1", "a2")
    asked = []
    event.listen(shift.connection, "before_cursor_execute", lambda *called: asked.append(called[2:4]))
    consequences.settle(shift.connection, shift.silences.away, shift.engine.absences, shift.clock.wall_ns())

    plans = [shift.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values) for query, values in tuple(asked)]
    ways = {row.detail.partition(" INDEX ")[2] for plan in plans for row in plan}
    assert ways == {"ix_alerts_rule (rule=? AND closed=?)", "ix_alerts_behind (relation=? AND closed=?)"}
