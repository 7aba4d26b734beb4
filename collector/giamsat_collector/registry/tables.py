# SPDX-License-Identifier: Apache-2.0
"""Units, information systems, assets, and which asset belongs to which systems. Ids are opaque."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table

from giamsat_collector.schema import metadata

units = Table(
    "units",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("parent", String(64), nullable=False, server_default=""),
    Column("gso_code", String(10), nullable=False, server_default=""),
    Column("valid_from", String(10), nullable=False, server_default=""),
    Column("valid_to", String(10), nullable=False, server_default=""),
    Column("successor", String(64), nullable=False, server_default=""),
)

systems = Table(
    "systems",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("unit", ForeignKey("units.id"), nullable=False, index=True),
    Column("level", Integer, nullable=False),
    Column("pack", String(64), nullable=False),
    Column("example", Boolean, nullable=False),
)

assets = Table(
    "assets",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("unit", ForeignKey("units.id"), nullable=False, index=True),
    Column("since_ns", BigInteger, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("asset", ForeignKey("assets.id"), primary_key=True),
    Column("system", ForeignKey("systems.id"), primary_key=True, index=True),
)
