# SPDX-License-Identifier: Apache-2.0
"""Lists of what is known to be evil: one row for each, which is exchanged as a whole."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from giamsat_collector.schema import metadata

indicator_lists = Table(
    "indicator_lists",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("source", String(200), nullable=False),
    Column("document", String(200), nullable=False),
    Column("brought_ns", BigInteger, nullable=False),
    Column("brought_by", String(64), nullable=False),
    Column("renewed_days", Integer, comment="a newer one is expected after so many; none: never"),
    Column("entries", Integer, nullable=False),
    Column("lines", LargeBinary, nullable=False, comment="one entry a line, zlib"),
    Column("hits", BigInteger, nullable=False, comment="events and flows that met an entry"),
    Column("last_hit_ns", BigInteger),
)
