# SPDX-License-Identifier: Apache-2.0
"""How SQLite finds what something asks for, by what it says itself of its way."""

from sqlalchemy import event


def ways(connection, ask):
    """Each step of each statement that `ask` has executed on this connection."""
    asked = []

    def hear(*said):
        asked.append(said[2:4])

    event.listen(connection, "before_cursor_execute", hear)
    ask()
    event.remove(connection, "before_cursor_execute", hear)
    plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given).all() for words, given in asked]
    return [row.detail for plan in plans for row in plan]
