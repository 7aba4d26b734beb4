# SPDX-License-Identifier: Apache-2.0
"""People who may use the console, and their sessions. Neither a password nor a token can be read out of these rows."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table

from giamsat_collector.schema import metadata

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password", String(200), nullable=False),
    Column("must_choose", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("changed_ns", BigInteger, nullable=False),
    Column("role", String(16), nullable=False, server_default="administrator"),
    Column("person", String(64), nullable=False, server_default=""),
    Column("login_ns", BigInteger, nullable=False, server_default="0"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("user", ForeignKey("users.name"), nullable=False, index=True),
    Column("created_ns", BigInteger, nullable=False),
    Column("seen_ns", BigInteger, nullable=False),
    Column("address", String(64), nullable=False),
    Column("proved_ns", BigInteger, nullable=False, server_default="0"),
    Column("begun", String(64), nullable=False, server_default="", comment="hash of the token it began with"),
)
