# SPDX-License-Identifier: Apache-2.0
"""Hosts that were seen, and the Ethernet addresses of those that are watched."""

from sqlalchemy import JSON, BigInteger, Column, Index, String, Table

from giamsat_collector.schema import metadata

sightings = Table(
    "sightings",
    metadata,
    Column("asset", String(64), primary_key=True, comment="the host whose sensor saw it"),
    Column("segment", String(80), primary_key=True, comment="interface, with the VLAN where there is one"),
    Column("mac", String(17), primary_key=True),
    Column("addresses", JSON, nullable=False),
    Column("name", String(64), nullable=False),
    Column("vendor_class", String(64), nullable=False),
    Column("services", JSON, nullable=False),
    Column("first_ns", BigInteger, nullable=False),
    Column("last_ns", BigInteger, nullable=False),
    Index("ix_sightings_last_ns", "last_ns"),
)

watched_macs = Table(
    "watched_macs",
    metadata,
    Column("asset", String(64), primary_key=True, comment="the agent that told it"),
    Column("mac", String(17), primary_key=True),
    Column("device", String(64), nullable=False, comment="the device it polls and whose address it is; empty: its own"),
)
