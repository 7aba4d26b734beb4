# SPDX-License-Identifier: Apache-2.0
"""What people answer for, the newest for each obligation of a system, and the signed statement of each day."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

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

statements = Table(
    "coverage_statements",
    metadata,
    Column("day", String(10), primary_key=True, comment="ISO date, in the collector's zone"),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
)
