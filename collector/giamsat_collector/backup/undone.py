# SPDX-License-Identifier: Apache-2.0
"""What a backup that is put back undoes: who was refused after it was taken is let in again."""

import sqlite3
from contextlib import closing
from pathlib import Path

from giamsat_collector.backup.snapshot import DATABASE


def let_in_again(before: Path, now: Path) -> list[str]:
    """Agents that were revoked or locked in the data folder `before`, and may connect by that of `now`.

    None where either cannot be read: a disk that was lost says nothing.
    """
    try:
        then, since = _agents(now / DATABASE), _agents(before / DATABASE)
    except sqlite3.Error:
        return []
    return sorted(agent for agent, may in then.items() if may and not since.get(agent, True))


def _agents(database: Path) -> dict[str, bool]:
    """Every agent, and whether it may connect."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as rows:
        rows.execute("PRAGMA query_only = 1")
        return dict(rows.execute("SELECT id, revoked_ns IS NULL AND locked_ns IS NULL FROM agents"))
