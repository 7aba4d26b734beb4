# SPDX-License-Identifier: Apache-2.0
"""How urgent an alert is: severity of the rule times level of the system, by the table in priorities.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from giamsat_rules.language.header import SEVERITIES

HIGHEST_LEVEL: Final = 5


@cache
def table() -> Mapping[str, tuple[int, ...]]:
    """Severity to the priorities at levels 1 to 5."""
    text = resources.files("giamsat_collector.alerts").joinpath("priorities.toml").read_text(encoding="utf-8")
    return {severity: tuple(row) for severity, row in tomllib.loads(text).items()}


def rank(severity: str) -> int:
    """How severe, the least first; a word that nobody knows counts as high."""
    return SEVERITIES.index(severity if severity in SEVERITIES else "high")


def priority(severity: str, level: int | None) -> int:
    """1 (first) to 5; an unknown level counts as the highest, an unknown severity as high."""
    row = table().get(severity, table()["high"])
    return row[(level or HIGHEST_LEVEL) - 1]
