# SPDX-License-Identifier: Apache-2.0
"""Minutes of flows: one row for each sensor, interface and minute."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from giamsat_collector.schema import metadata

flow_minutes = Table(
    "flow_minutes",
    metadata,
    Column("asset", String(64), primary_key=True, comment="the host whose sensor saw them"),
    Column("interface", String(64), primary_key=True),
    Column("start_ns", BigInteger, primary_key=True),
    Column("end_ns", BigInteger, nullable=False),
    Column("lines", LargeBinary, nullable=False, comment="as giamsat_wire.flow writes them, zlib"),
    Column("rest_flows", BigInteger, nullable=False),
    Column("rest_packets", BigInteger, nullable=False),
    Column("rest_bytes", BigInteger, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes of lines"),
    Index("ix_flow_minutes_start_ns", "start_ns"),
)
