# SPDX-License-Identifier: Apache-2.0
"""Incidents as a table for a person: the next report due of each."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from rich.table import Table

from giamsat_collector.commands.asking import folded, whole
from giamsat_collector.commands.moment import moment
from giamsat_collector.commands.one_incident import left
from giamsat_collector.console.views.words import visible


def table(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> Table:
    """A line for each, from the short JSON of incidents."""
    heads = ("trạng thái\nstate", "tiêu đề\ntitle", "loại\ngroup", "cấp\nlevel", "đơn vị\nunit", "phát hiện\ndetected")
    last = ("báo cáo tới hạn\nnext report", "phụ trách\nowner")
    lines = Table(whole("số\nno"), *map(folded, (*heads, *last)), box=None)
    for one in found:
        place = one["places"][0]
        units = {each["unit"] for each in one["places"]}
        unsent = [each for each in one["reports"] if each["sent"] is None]
        due = min(unsent, key=lambda each: str(each["due"]), default=None)
        lines.add_row(
            str(one["number"]),
            one["state"],
            visible(one["title"]) + (" (!)" if one["serious"] else ""),
            one["group"],
            "?" if place["level"] is None else str(place["level"]),
            place["unit"] + (f" +{len(units) - 1}" if len(units) > 1 else ""),
            moment(one["detected"], zone),
            f"{due['report']}: {left(due)}" if due else "-",
            visible(one["owner"]),
        )
    return lines
