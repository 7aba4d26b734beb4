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
    fields = {misc = "url.original"}      fields that names mean in this event alone
    set = {"event.outcome" = "failure"}

    [[message]]                           texts: the first template that fits
    template = "Bad password attempt for '<user.name:last>' from <source.ip:ip>:<source.port:int>"
    kind = "user-login"
    set = {"event.outcome" = "failure"}
    once = ", client: "                   where this stands twice, a peer wrote one: the template does not fit

A condition is a text or a list of texts, compared without case; `*` stands for anything, alone for any value, and ""
for none. What fits no event and no template is a log-message.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain, islice
from types import MappingProxyType
from typing import Final, TypeAlias

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed
from giamsat_agent.parsers.template import Template, compiled
from giamsat_wire.record import FieldValue

PLAIN: Final = "log-message"
"""The kind of what says nothing that is judged."""
REST_MOST: Final = 24
"""With those that have fields of their own they stay below what an event may hold."""
_NAME: Final = re.compile(r"[A-Z]\w{0,63}")
"""Names of Windows' own values."""
Condition: TypeAlias = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a product says: how it is told, its kind and the fields that are always so."""

    kind: str
    fixed: Mapping[str, FieldValue]
    where: Condition | None = None
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

    def own(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """The values under the product's own names."""
        return {self._own(name): value for name, value in values.items()}

    def _own(self, name: str) -> str:
        prefix = next((prefix for prefix in self.prefixes if name.startswith(prefix)), "")
        return self.names.get(name) or name.removeprefix(prefix)


@dataclass(frozen=True, slots=True)
class Product:
    """One product's data, ready to be used."""

    name: str
    fixed: Mapping[str, FieldValue]
    programs: tuple[str, ...]
    keys: frozenset[str]
    where: Condition
    carriers: tuple[Carrier, ...]
    fields: tuple[tuple[str, str], ...]
    nothing: Mapping[str, Condition]
    inside: tuple[tuple[str, Template], ...]
    events: tuple[Said, ...]
    messages: tuple[Said, ...]
    columns: Mapping[str, tuple[str, ...]]
    kind_column: int
    columns_most: int | None
    rest: str = ""

    def own(self, values: Mapping[str, str]) -> Mapping[str, str] | None:
        """These named values under the product's own names; None when they are another's."""
        for carrier in self.carriers:
            if carrier.keys <= values.keys() and carrier.where(values):
                return carrier.own(values)
        return values if self.keys and self.keys <= values.keys() and self.where(values) else None

    def of_values(self, values: Mapping[str, str]) -> Meaning:
        """What named values say."""
        said = next((event for event in self.events if event.where is not None and event.where(values)), None)
        wanted = self.fields if said is None else (*said.fields, *self.fields)
        void = self._void(values) if self.nothing else ()
        own = [(field, values[name]) for name, field in wanted if name in values and name not in void]
        told = typed.fields(chain(own, self._in(values)) if self.inside else own)
        fixed = {} if said is None else said.fixed
        rest = self._rest(values, {name for name, _ in wanted}) if self.rest else {}
        return Meaning(PLAIN if said is None else said.kind, {**self.fixed, **told, **fixed, **rest})

    def _rest(self, values: Mapping[str, str], known: Collection[str]) -> dict[str, FieldValue]:
        """Values that no field takes, under their own names: at most REST_MOST of them."""
        found = (
            (self.rest + name.removeprefix(self.rest), value)
            for name, value in values.items()
            if name not in known and _NAME.fullmatch(name.removeprefix(self.rest))
        )
        return typed.fields(islice(found, REST_MOST))

    def _void(self, values: Mapping[str, str]) -> list[str]:
        """The names whose values say that there is none."""
        return [name for name, says_none in self.nothing.items() if name in values and says_none(values)]

    def _in(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Fields that stand inside of values."""
        for name, template in self.inside:
            if name in values and (holes := template.fit(values[name])) is not None:
                yield from holes.items()

    def of_text(self, text: str) -> Meaning | None:
        """What a message says; None when no template fits."""
        fitting = (self.fitted(said, text) for said in self.messages)
        return next((meaning for meaning in fitting if meaning is not None), None)

    def fitted(self, said: Said, text: str) -> Meaning | None:
        """What a message says if it fits this template of the product."""
        forged = said.once and text.count(said.once) > 1
        holes = None if said.template is None or forged else said.template.fit(text)
        return (
            None if holes is None else Meaning(said.kind, {**self.fixed, **typed.fields(holes.items()), **said.fixed})
        )

    def of_columns(self, columns: list[str]) -> Mapping[str, str] | None:
        """Comma-separated values by their names; None when they are another product's."""
        if self.columns_most is not None and len(columns) > self.columns_most:
            return None
        if len(columns) <= self.kind_column or (names := self.columns.get(columns[self.kind_column])) is None:
            return None
        return {name: value for name, value in zip(names, columns, strict=False) if name}


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
        ValueError: the file is not TOML, or a template is none (TemplateError).
        KeyError: an event has no `where` or no `kind`.
    """
    said = tomllib.loads(text)
    fixed = {f"observer.{key}": said[key] for key in ("vendor", "product", "type") if key in said}
    if "service" in said:
        fixed["service.name"] = said["service"]
    values = said.get("values", {})
    columns = dict(said.get("columns", {}))
    at, most = columns.pop("at", 0), columns.pop("most", None)
    return Product(
        name=name,
        fixed=MappingProxyType(fixed),
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
        nothing={name: condition({name: texts}) for name, texts in said.get("nothing", {}).items()},
        inside=tuple((name, compiled(template)) for name, template in _pairs(said.get("inside", {}))),
        events=tuple(
            Said(row["kind"], _fixed(row), where=condition(row["where"]), fields=tuple(_pairs(row.get("fields", {}))))
            for row in said.get("event", ())
        ),
        messages=tuple(
            Said(row["kind"], _fixed(row), template=compiled(row["template"]), once=row.get("once", ""))
            for row in said.get("message", ())
        ),
        columns={kind: tuple(names) for kind, names in columns.items()},
        kind_column=at,
        columns_most=most,
        rest=values.get("rest", ""),
    )


def condition(where: Mapping[str, str | list[str]]) -> Condition:
    """A condition over named values."""
    tests = tuple((name, *_tests(_listed(wanted))) for name, wanted in where.items())

    def holds(values: Mapping[str, str]) -> bool:
        for name, plain, globs in tests:
            value = values.get(name, "").lower()
            if value not in plain and not (globs and any(glob(value) for glob in globs)):
                return False
        return True

    return holds


def _fixed(row: Mapping[str, Mapping[str, FieldValue | list[str]]]) -> Mapping[str, FieldValue]:
    """The fields that are always so; a list of texts is a tuple, as events carry it."""
    said = row.get("set", {})
    return MappingProxyType({name: tuple(value) if isinstance(value, list) else value for name, value in said.items()})


def _pairs(fields: Mapping[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    for name, wanted in fields.items():
        yield from ((name, field) for field in _listed(wanted))


def _listed(said: str | list[str]) -> list[str]:
    return said if isinstance(said, list) else [said]


def _tests(wanted: list[str]) -> tuple[frozenset[str], tuple[Callable[[str], bool], ...]]:
    """The texts that a value may be, and the tests of those with `*`."""
    texts = [text.lower() for text in wanted]
    return frozenset(text for text in texts if "*" not in text), tuple(_glob(text) for text in texts if "*" in text)


def _glob(wanted: str) -> Callable[[str], bool]:
    if wanted == "*":
        return bool
    first, *inner, last = wanted.split("*")
    if not inner and not last:
        return lambda value: value.startswith(first)
    if not any((first, last, *inner[1:])):
        return lambda value: inner[0] in value

    def holds(value: str) -> bool:
        at = len(first)
        if not value.startswith(first):
            return False
        for piece in inner:
            at = value.find(piece, at) + len(piece)
            if at < len(piece):
                return False
        return len(value) - at >= len(last) and value.endswith(last)

    return holds
