# SPDX-License-Identifier: Apache-2.0
"""Tokens, the agents that were enrolled with them, and every certificate an agent ever had."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, false

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
    Column("networks", String(800), nullable=False, server_default="", comment="from where alone; empty: anywhere"),
    Column("two_persons", Boolean, nullable=False, server_default=false(), comment="counts once a second one agreed"),
    Column("second", String(64)),
    Column("agreed_ns", BigInteger),
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
    Column("bound_spki_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("generation", Integer, nullable=False, comment="of the certificate in use"),
    Column("recovery_left", Integer, nullable=False),
    Column("enrolled_ns", BigInteger, nullable=False),
    Column("revoked_ns", BigInteger),
    Column("revoked_why", String(200)),
    Column("locked_ns", BigInteger),
    Column("locked_why", String(200)),
)

certificates = Table(
    "certificates",
    metadata,
    Column("agent", String(36), ForeignKey("agents.id"), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("spki_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("serial", String(48), nullable=False),
    Column("chain_pem", LargeBinary, nullable=False),
    Column("issued_ns", BigInteger, nullable=False),
    Column("expires_ns", BigInteger, nullable=False),
    Column(
        "roots", Integer, nullable=False, server_default="0", comment="version of those given with it; 0: none taken"
    ),
)
