# SPDX-License-Identifier: Apache-2.0
"""How far each reader of the committed frames has come."""

from sqlalchemy import Connection, insert, select, update

from giamsat_collector.ingest.tables import progress


def reached(connection: Connection, reader: str) -> int:
    """The id of the last frame a reader is done with; 0 when it has not begun."""
    return connection.scalar(select(progress.c.frame_id).where(progress.c.reader == reader)) or 0


def reach(connection: Connection, reader: str, frame_id: int) -> None:
    """A reader is done with everything up to this frame."""
    moved = connection.execute(update(progress).where(progress.c.reader == reader).values(frame_id=frame_id))
    if moved.rowcount == 0:
        connection.execute(insert(progress).values(reader=reader, frame_id=frame_id))
