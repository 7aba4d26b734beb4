# SPDX-License-Identifier: Apache-2.0
"""Figures as files say them: mibs/<name>.yml holds what many kinds of device have, profiles/<name>.yml what one has.

    root: .1.3.6.1.2.1.33                 below it everything is; a device without it is asked for nothing more
    everywhere: true                      asked of every device; else of those whose profile names it under `mibs`
    scalars:                              objects that are alone
      upsBatteryTemperature: {at: .1.3.6.1.2.1.33.1.2.7.0, also: snmp_temperature_celsius}
    tables:
      - entry: .1.3.6.1.2.1.2.2.1
        index: ifIndex                    what a row is called, or a list for an index of several numbers
        labels: {ifDescr: 2}              further names of a row, by column
        columns: {ifInOctets: {at: 10, type: counter}, ifOperStatus: 8}
        whole: true                       most columns are wanted: the table is read in one go

What may stand beside `at` is what `mib.Figure` explains, under the same names but for `type` (counter; else a gauge).
A key that nobody would read is refused.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from giamsat_agent.devices.mib import Figure, Mib, Table

FIRST: Final = ("host-resources", "if")
"""What a device that answers in part is asked first."""
FIGURES: Final = frozenset({"scalars", "tables"})
"""The keys of a file that say figures."""
_OF_MIB: Final = FIGURES | {"root", "everywhere"}
_OF_TABLE: Final = frozenset({"entry", "index", "labels", "columns", "whole"})
_OF_FIGURE: Final = frozenset(
    {
        *("at", "type", "part", "scale", "times", "over", "exponent", "by", "also", "when", "of", "share", "shows"),
        *("beside", "left", "dates", "never"),
    }
)


@cache
def every() -> Mapping[str, Mib]:
    """Every MIB that ships, by name."""
    folder = resources.files(__package__).joinpath("mibs")
    names = [entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml")]
    names.sort(key=lambda name: (name not in FIRST, name))
    texts = {name: folder.joinpath(f"{name}.yml").read_text(encoding="utf-8") for name in names}
    found = {name: yaml.load(text, Loader=yaml.CSafeLoader) for name, text in texts.items()}
    for name, said in found.items():
        must_be_read(said, _OF_MIB, f"{name}.yml")
    return {name: parse(name, said) for name, said in found.items()}


def must_be_read(said: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    """Do nothing if every key is one of these.

    Raises:
        ValueError: nobody would read it, and what it was meant to say would be missed by nobody.
    """
    if unknown := said.keys() - keys:
        raise ValueError(f"{where}: {', '.join(sorted(unknown))}: not known; known are {', '.join(sorted(keys))}")


def parse(name: str, document: Mapping[str, Any]) -> Mib:
    """One MIB as its file says it.

    Raises:
        ValueError: a table or a figure has a key that nobody would read.
        KeyError: a table lacks `entry`, `index` or `columns`, a figure `at`.
    """
    return Mib(
        name=name,
        root=document.get("root", ""),
        everywhere=document.get("everywhere", False),
        scalars=tuple(_figure(key, said, "") for key, said in document.get("scalars", {}).items()),
        tables=tuple(_table(row) for row in document.get("tables", ())),
    )


def _table(row: Mapping[str, Any]) -> Table:
    entry = row["entry"]
    must_be_read(row, _OF_TABLE, f"table {entry}")
    index = row["index"]
    return Table(
        entry=entry,
        index=(index,) if isinstance(index, str) else tuple(index),
        labels={name: _oid(entry, place) for name, place in row.get("labels", {}).items()},
        figures=tuple(_figure(name, said, entry) for name, said in row["columns"].items()),
        whole=row.get("whole", False),
    )


def _figure(name: str, said: Any, entry: str) -> Figure:  # noqa: ANN401 - as the file says it
    if not isinstance(said, Mapping):
        said = {"at": said}
    must_be_read(said, _OF_FIGURE, name)
    return Figure(
        name=name,
        oid=_oid(entry, said["at"]),
        kind=said.get("type", "gauge"),
        part=re.compile(said["part"]) if "part" in said else None,
        scale=_by_value(said.get("scale")),
        times=_oid(entry, said["times"]) if "times" in said else "",
        over=_oid(entry, said["over"]) if "over" in said else "",
        exponent=tuple(_oid(entry, place) for place in said.get("exponent", ())),
        by=_oid(entry, said["by"]) if "by" in said else "",
        also=_by_value(said.get("also")),
        when=frozenset(map(float, said.get("when", ()))),
        of=tuple(_oid(entry, place) for place in said.get("of", ())),
        beside=tuple(_oid(entry, place) for place in said.get("beside", ())),
        share=_by_value(said.get("share")),
        left=_by_value(said.get("left")),
        shows=said.get("shows", ""),
        dates=said.get("dates", ""),
        never=frozenset(map(float, said.get("never", ()))),
    )


def _by_value(said: Any) -> dict[str, Any]:  # noqa: ANN401 - so here
    """What holds for each value of another column; alone, what holds for all."""
    if isinstance(said, Mapping):
        return {str(key): value for key, value in said.items()}
    return {} if said is None else {"": said}


def _oid(entry: str, place: int | str) -> str:
    if isinstance(place, int):
        return f"{entry}.{place}"
    return place if entry else place.removesuffix(".0")
