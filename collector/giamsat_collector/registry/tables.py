# SPDX-License-Identifier: Apache-2.0
"""Units, information systems, assets and what belongs to what, as they stand now; and what was ever told of them.

Ids are opaque.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

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
    Column("valid_to", String(10), nullable=False, server_default=""),
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

Id = BigInteger().with_variant(Integer, "sqlite")

tellings = Table(
    "registry_tellings",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("told_ns", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("what", String(200), nullable=False),
    Column("document", String(200), nullable=False),
)

facts = Table(
    "registry_facts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("telling", ForeignKey("registry_tellings.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("record", String(64), nullable=False),
    Column("from_ns", BigInteger, nullable=False, comment="from when on it is so; 0 is always"),
    Column("fields", JSON, nullable=False),
    Index("ix_registry_facts_record", "kind", "record"),
)
