# SPDX-License-Identifier: Apache-2.0
"""Agents as the collector's database and allow list know them."""

from giamsat_collector.enrol.agents import Certified, Enrolled

FAR_NS = 1 << 62


def certified(generation=1, key=b"k" * 32, serial="5f", chain=b"PEM", expires_ns=FAR_NS):
    return Certified(generation, key, serial, chain, 7, expires_ns)


def enrolled(id_="A1", unit="40.412", *, bound=b"b" * 32, pending=None, revoked_ns=None, **certificate):
    """An agent with one certificate; the words that are not given are those of any agent."""
    return Enrolled(
        id=id_,
        unit=unit,
        token="t",
        hostname="máy-1",
        machine_id="m",
        os="Debian",
        bound_spki_sha256=bound,
        enrolled_ns=7,
        current=certified(**certificate),
        pending=pending,
        revoked_ns=revoked_ns,
        revoked_why=revoked_ns and "gone",
    )
