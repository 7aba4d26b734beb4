# SPDX-License-Identifier: Apache-2.0
"""How large the database is, and how much of it is free again.

Pages of rows that were let go of stay in the file, and the next rows are written into them: the file is as large as it
ever had to be, and grows only when no page is free. It is never made smaller while the collector runs. `VACUUM` writes
the whole file anew, so it needs that much room again and holds the one writer meanwhile. `auto_vacuum` counts only
for a file that was made with it or was vacuumed since, and then moves pages about that would soon be used anyway.
"""

from dataclasses import dataclass

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of the database file without its write-ahead log, and how many of them the next rows may use."""

    size: int
    free: int


def space(connection: Connection) -> Space:
    """How it is in the snapshot that `connection` reads; nothing but the first page is looked at."""
    pages, free, page = (
        int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return Space(pages * page, free * page)
