# SPDX-License-Identifier: Apache-2.0
"""The list of hosts for Prometheus' http_sd: one target per host, with its unit, system and level as labels."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One host as Prometheus is told of it. `level` is None for a host that belongs to no system."""

    asset: str
    hostname: str
    unit: str
    system: str | None
    level: int | None


def groups(targets: Iterable[Target], address: str) -> list[dict[str, object]]:
    """The JSON body of an http_sd answer; `address` is this collector as Prometheus reached it, HOST:PORT."""
    return [
        {
            "targets": [address],
            "labels": {
                "__scheme__": "https",
                "__metrics_path__": f"/metrics/hosts/{target.asset}",
                "job": "giamsat-node",
                "instance": target.hostname or target.asset,
                "agent_id": target.asset,
                "unit": target.unit,
                "system": target.system or "",
                "level": "unclassified" if target.level is None else str(target.level),
            },
        }
        for target in targets
    ]
