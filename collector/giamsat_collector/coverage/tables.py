# SPDX-License-Identifier: Apache-2.0
"""What people answer for, one row for an obligation of a system; the newest replaces what stood there."""

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from giamsat_collector.schema import metadata

attestations = Table(
    "attestations",
    metadata,
    Column("system", ForeignKey("systems.id"), primary_key=True),
    Column("obligation", String(100), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("document", String(200), nullable=False),
    Column("text", String(1000), nullable=False),
    Column("expires", String(10), nullable=False, comment="ISO date; the last day it counts"),
    Column("actor", String(64), nullable=False),
    Column("at_ns", BigInteger, nullable=False),
)
