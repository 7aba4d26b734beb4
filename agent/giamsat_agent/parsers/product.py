# SPDX-License-Identifier: Apache-2.0
"""What one product says, as data: products/<name>.toml.

    vendor = "…"   product = "…"          observer.vendor and observer.product; service.name where a server is meant
    programs = ["…"]                      syslog programs that are this product, `name*` for names that begin so
    columns = {at = 3, "THREAT" = ["receive_time", …]}   comma-separated: the column that names the kind, and names;
                                          `most = 9`: a row of more holds a name with commas, and is not read

    [values]                              named values (key=value, CSV, JSON, CEF, …) are this product's …
    keys = ["devid", "logid"]             … when all of these are there
    where = {vendor = "Fortinet*"}        … and these hold
    rest = "winlog.event_data."           values without a field of their own keep their names, behind this

    [[carried]]                           the same values inside CEF or LEEF, under other names
    where = {"cef.vendor" = "Fortinet"}
    prefixes = ["FTNTFGT"]                what stands before the product's own names
    names = {src = "srcip"}               whose other names are the product's own

    [fields]                              from names of values to ECS fields
    srcip = "source.ip"

    [nothing]                             values that say there is none
    usr = ["Unknown*"]

    [inside]                              what stands inside a value, where no field has said it
    ui = "<:word>(<source.ip:ip>)"

    [[event]]                             the first whose `where` holds names the kind
    where = {type = "traffic", action = ["deny", "blocked"]}
    kind = "connection-denied"
    fields = {misc = "url.original"}      what names mean in this event, in place of [fields]
    set = {"event.outcome" = "failure"}

    [[message]]                           texts: the first template that fits
    template = "Bad password attempt for '<user.name:last>' from <source.ip:ip>:<source.port:int>"
    kind = "user-login"
    set = {"event.outcome" = "failure"}
    once = ", client: "                   where this stands twice, a peer wrote one: the template does not fit

A condition is a text or a list of texts, compared without case; `*` stands for anything, alone for any value, and ""
for none. What fits no event and no template is a log-message.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import compress
from typing import Any, Final, NamedTuple

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed_values
from giamsat_agent.parsers.condition import Condition, Test, condition, listed, test
from giamsat_agent.parsers.template import Template, compiled
from giamsat_wire.record import FieldValue

_SPOKEN: Final = "message"
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset(
        {
            *("vendor", "product", "service", "programs", "columns", "values", "carried", "fields", "nothing"),
            *("inside", "event", "message"),
        }
    ),
    "values": frozenset({"keys", "where", "rest"}),
    "carried": frozenset({"where", "prefixes", "names"}),
    "event": frozenset({"where", "kind", "fields", "set"}),
    "message": frozenset({"template", "kind", "set", "once"}),
}
"""What may stand in a file, and in each of its tables."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a product says: how it is told, its kind and the fields that are always so.

    Of named values `where` tells it, and `spoken` what stands in the words of their message, which differ every time.
    """

    kind: str
    fixed: Mapping[str, FieldValue]
    where: Condition | None = None
    spoken: Condition | None = None
    template: Template | None = None
    fields: tuple[tuple[str, str], ...] = ()
    once: str = ""


@dataclass(frozen=True, slots=True)
class Carrier:
    """How a general form carries a product's values; `keys` are those without which `where` cannot hold."""

    keys: frozenset[str]
    where: Condition
    prefixes: tuple[str, ...]
    names: Mapping[str, str]

    def own(self, name: str) -> str:
        """The product's own name of a value."""
        prefix = next((prefix for prefix in self.prefixes if name.startswith(prefix)), "")
        return self.names.get(name) or name.removeprefix(prefix)


class Row(NamedTuple):
    """Columns of one kind: the names of those that have one, and for each column its name, empty where it has none."""

    names: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """One product's data, ready to be used.

    `asked` are the values, but for the message, that the conditions of its events ask for.
    """

    name: str
    fixed: Mapping[str, FieldValue]
    programs: tuple[str, ...]
    keys: frozenset[str]
    where: Condition
    carriers: tuple[Carrier, ...]
    fields: tuple[tuple[str, str], ...]
    nothing: Mapping[str, Test]
    inside: tuple[tuple[str, Template], ...]
    events: tuple[Said, ...]
    asked: tuple[str, ...]
    messages: tuple[Said, ...]
    columns: Mapping[str, Row]
    kind_column: int
    columns_most: int | None
    rest: str = ""

    def own(self, values: Mapping[str, str]) -> Mapping[str, str] | None:
        """These named values under the product's own names; None when they are another's."""
        for carrier in self.carriers:
            if carrier.keys <= values.keys() and carrier.where(values):
                return {carrier.own(name): value for name, value in values.items()}
        return values if self.keys and self.keys <= values.keys() and self.where(values) else None

    def of_text(self, text: str) -> Meaning | None:
        """What a message says; None when no template fits."""
        fitting = (self.fitted(said, text) for said in self.messages)
        return next((meaning for meaning in fitting if meaning is not None), None)

    def fitted(self, said: Said, text: str) -> Meaning | None:
        """What a message says if it fits this template of the product."""
        forged = said.once and text.count(said.once) > 1
        holes = None if said.template is None or forged else said.template.fit(text)
        return (
            None
            if holes is None
            else Meaning(said.kind, {**self.fixed, **typed_values.fields(holes.items()), **said.fixed})
        )

    @property
    def columns_asked(self) -> int:
        """How many columns of a line are looked at."""
        return max(
            (self.columns_most or 0) + 1, self.kind_column + 1, *(len(row.named) for row in self.columns.values()), 1
        )

    def of_columns(self, columns: list[str]) -> Mapping[str, str] | None:
        """Comma-separated values by their names; None when they are another product's."""
        if self.columns_most is not None and len(columns) > self.columns_most:
            return None
        if len(columns) <= self.kind_column or (row := self.columns.get(columns[self.kind_column])) is None:
            return None
        return dict(zip(row.names, compress(columns, row.named), strict=False))


@cache
def products() -> tuple[Product, ...]:
    """Every product that is shipped, by name."""
    folder = resources.files("giamsat_agent.parsers").joinpath("products")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(read(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")) for file in files)


@cache
def one(name: str) -> Product:
    """The product that is shipped under this name, without reading the others."""
    file = resources.files("giamsat_agent.parsers").joinpath("products", f"{name}.toml")
    return read(name, file.read_text(encoding="utf-8"))


def read(name: str, text: str) -> Product:
    """The product that a file describes.

    Raises:
        ValueError: the file is not TOML, holds a key nobody would read, or a template is none (TemplateError).
        KeyError: an event has no `where` or no `kind`.
    """
    said = tomllib.loads(text)
    _must_be_read(name, said)
    fixed = {f"observer.{key}": said[key] for key in ("vendor", "product") if key in said}
    if "service" in said:
        fixed["service.name"] = said["service"]
    values = said.get("values", {})
    columns = dict(said.get("columns", {}))
    at, most = columns.pop("at", 0), columns.pop("most", None)
    return Product(
        name=name,
        fixed=fixed,
        programs=tuple(said.get("programs", ())),
        keys=frozenset(values.get("keys", ())),
        where=condition(values.get("where", {})),
        carriers=tuple(
            Carrier(
                frozenset(row["where"]), condition(row["where"]), tuple(row.get("prefixes", ())), row.get("names", {})
            )
            for row in said.get("carried", ())
        ),
        fields=tuple(_pairs(said.get("fields", {}))),
        nothing={name: test(texts) for name, texts in said.get("nothing", {}).items()},
        inside=tuple((name, compiled(template)) for name, template in _pairs(said.get("inside", {}))),
        events=tuple(
            Said(row["kind"], _fixed(row), *_told(row["where"]), fields=tuple(_pairs(row.get("fields", {}))))
            for row in said.get("event", ())
        ),
        asked=tuple(dict.fromkeys(name for row in said.get("event", ()) for name in row["where"] if name != _SPOKEN)),
        messages=tuple(
            Said(row["kind"], _fixed(row), template=compiled(row["template"]), once=row.get("once", ""))
            for row in said.get("message", ())
        ),
        columns={kind: Row(tuple(filter(None, names)), tuple(names)) for kind, names in columns.items()},
        kind_column=at,
        columns_most=most,
        rest=values.get("rest", ""),
    )


def _must_be_read(name: str, said: Mapping[str, Any]) -> None:
    """Refuse a key that stands for nothing: what it was meant to say would be missed by nobody."""
    rows = [(table, row) for table in ("carried", "event", "message") for row in said.get(table, ())]
    for table, row in [("", said), ("values", said.get("values", {})), *rows]:
        if unknown := row.keys() - _KEYS[table]:
            where = f"{name}.toml, [[{table}]]" if table else f"{name}.toml"
            raise ValueError(f"{where}: {', '.join(sorted(unknown))}: not known; known are {', '.join(_KEYS[table])}")


def _told(where: Mapping[str, str | list[str]]) -> tuple[Condition, Condition | None]:
    """What tells an event, and what its message has to say, if anything."""
    spoken = condition({_SPOKEN: where[_SPOKEN]}) if _SPOKEN in where else None
    return condition({name: wanted for name, wanted in where.items() if name != _SPOKEN}), spoken


def _fixed(row: Mapping[str, Mapping[str, FieldValue | list[str]]]) -> Mapping[str, FieldValue]:
    """The fields that are always so; a list of texts is a tuple, as events carry it."""
    said = row.get("set", {})
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def _pairs(fields: Mapping[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    for name, wanted in fields.items():
        yield from ((name, field) for field in listed(wanted))
