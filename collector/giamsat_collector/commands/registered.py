# SPDX-License-Identifier: Apache-2.0
"""The registry for commands that judge by themselves: each asset with its place, as the running collector knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from giamsat_collector.commands.asking import request
from giamsat_rules.verdict import Subject


@dataclass(frozen=True, slots=True)
class Registered:
    """The registry as the running collector knows it: each asset with its place."""

    assets: Mapping[str, Mapping[str, Any]]

    def subject(self, asset: str, _at_ns: int | None = None) -> Subject:
        """How it is judged now: a candidate is rehearsed for what comes, not for what was."""
        found = self.assets.get(asset) or {"level": None, "unit": "", "system": None, "pack": None}
        return Subject(asset, found["level"], found["unit"] or None, found["system"], found["pack"])

    def unit_names(self) -> Mapping[str, str]:
        """Units by id."""
        return {each["unit"]: each["unit_name"] for each in self.assets.values()}


def registered_assets(config: Path | None) -> Mapping[str, Mapping[str, Any]]:
    """Every asset with its place, as the running collector knows it."""
    return {each["asset"]: each for each in request(config, "registry.placements")}
