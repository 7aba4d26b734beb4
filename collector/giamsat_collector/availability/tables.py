# SPDX-License-Identifier: Apache-2.0
"""Minutes of each check, when each was configured, and declared maintenance."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from giamsat_collector.schema import metadata

days = Table(
    "availability_days",
    metadata,
    Column("asset", String(64), primary_key=True),
    Column("check_name", String(64), primary_key=True),
    Column("day", Integer, primary_key=True, comment="days since 1970, UTC"),
    Column("up", LargeBinary(180), nullable=False, comment="a bit a minute, the first the lowest"),
    Column("down", LargeBinary(180), nullable=False, comment="the same"),
)

checks = Table(
    "availability_checks",
    metadata,
    Column("asset", String(64), primary_key=True),
    Column("check_name", String(64), primary_key=True),
    Column("first", Integer, nullable=False, comment="minute since 1970 of its first reading"),
    Column("last", Integer, nullable=False, comment="that of its last one"),
    Column("ended", Integer, nullable=True, comment="minute in which its agent no longer had it"),
)

maintenances = Table(
    "maintenances",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("system", ForeignKey("systems.id"), nullable=False, index=True),
    Column("from_ns", BigInteger, nullable=False),
    Column("to_ns", BigInteger, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("author", String(64), nullable=False),
    Column("at_ns", BigInteger, nullable=False, comment="when it was declared"),
    Column("withdrawn_ns", BigInteger, nullable=True),
    Column("withdrawn_by", String(64), nullable=True),
    Column("second", String(64), nullable=True, comment="who agreed, so that it silences at the high levels, too"),
    Column("agreed_ns", BigInteger, nullable=True),
)
