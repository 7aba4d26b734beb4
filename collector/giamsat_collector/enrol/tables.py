# SPDX-License-Identifier: Apache-2.0
"""Tokens, and the agents that were enrolled with them."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from giamsat_collector.schema import metadata

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("secret_sha256", LargeBinary(32), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("system", String(64)),
    Column("uses", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("expires_ns", BigInteger, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("unit", String(64), nullable=False),
    Column("token", String(16), nullable=False, index=True),
    Column("hostname", String(255), nullable=False),
    Column("machine_id", String(64), nullable=False),
    Column("os", String(200), nullable=False),
    Column("spki_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("bound_spki_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("serial", String(48), nullable=False),
    Column("chain_pem", LargeBinary, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("recovery_left", Integer, nullable=False),
    Column("enrolled_ns", BigInteger, nullable=False),
    Column("revoked_ns", BigInteger),
    Column("revoked_why", String(200)),
)
