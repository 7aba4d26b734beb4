# SPDX-License-Identifier: Apache-2.0
"""Frames as they came, how far each lane is durable, and what was set aside."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    cast,
    func,
)

from giamsat_collector.schema import metadata


class Payload(LargeBinary):
    """Bytes that every driver takes as they are; wrapping each of thousands a second costs more than the rest."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        """No processing."""


Id = BigInteger().with_variant(Integer, "sqlite")

frames = Table(
    "frames",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("agent", String(36), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("received_ns", BigInteger, nullable=False, index=True),
    Column("offset_ns", BigInteger, nullable=False, comment="collector's clock minus the host's"),
    Column("payload", Payload, nullable=False),
    UniqueConstraint("agent", "epoch", "lane", "seq"),
    sqlite_autoincrement=True,
)

high_water = Table(
    "high_water",
    metadata,
    Column("agent", String(36), primary_key=True),
    Column("lane", Integer, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("crc", BigInteger, nullable=False, server_default="0", comment="of the frame of that number; 0: not known"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("agent", String(36), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("received_ns", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index("ix_quarantine_agent", "agent", "id"),
)

losses = Table(
    "losses",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("agent", String(36), nullable=False),
    Column("lane", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("declared_ns", BigInteger, nullable=False),
    Column("frames", BigInteger, nullable=True, comment="how many of them; null: all"),
    Index("ix_losses_agent", "agent", "lane", "epoch", "last"),
)
LOST: Final = func.sum(cast(func.coalesce(losses.c.frames, losses.c.last - losses.c.first + 1), Double))
"""How many frames were declared lost; whole numbers could overflow."""

contacts = Table(
    "contacts",
    metadata,
    Column("agent", String(36), primary_key=True),
    Column("hostname", String(255), nullable=False),
    Column("version", String(40), nullable=False),
    Column("period_s", Float, nullable=False),
    Column("offset_ns", BigInteger, nullable=False),
    Column("heard_ns", BigInteger, nullable=False),
    Column("left", String(200)),
)

progress = Table(
    "progress",
    metadata,
    Column("reader", String(40), primary_key=True),
    Column("frame_id", BigInteger, nullable=False, comment="everything up to this frame has been judged"),
)
