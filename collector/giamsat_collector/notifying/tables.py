# SPDX-License-Identifier: Apache-2.0
"""How far each notifier has come."""

from sqlalchemy import BigInteger, Column, String, Table

from giamsat_collector.schema import metadata

told = Table(
    "notified",
    metadata,
    Column("notifier", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False, comment="the last row of alert_changes it is done with"),
)
