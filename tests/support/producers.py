# SPDX-License-Identifier: Apache-2.0
"""Who can tell of what: every producer of events, with the fields it fills and what it can say in them.

Nothing is listed by hand. Products say it in their data; of code, its own texts say it: the kinds it names, the names
of fields it writes, and the constants it writes into them. What is read so is at most too much, never too little.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import giamsat_agent
import giamsat_collector
import giamsat_wire
from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.parsers import audit_records, recognizer, typed_values
from giamsat_agent.parsers.plan import PLAIN
from giamsat_agent.parsers.product import products
from giamsat_collector.ingest import notices
from giamsat_wire import catalogue

COLLECTOR = giamsat_collector.__name__
ROOTS = {each.__name__: Path(next(iter(each.__path__))) for each in (giamsat_agent, giamsat_collector, giamsat_wire)}
FIELD = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
PROBES = ("http://a.example:1/b.c?d", "D\\u", "192.0.2.1:2", "host.example", "1")
"""Values that show which fields one field brings with it."""
Texts: TypeAlias = frozenset[str] | None
"""Texts in lower case; None is any."""


@dataclass(frozen=True)
class Producer:
    """One that can emit events of these kinds.

    `says` are fields with the texts they can have, in lower case, None where it can be any; `holes` the names of fields
    that are put together when it runs, out of `words`, which are all texts that stand
    in its code, in lower case.
    """

    name: str
    kinds: frozenset[str]
    says: Mapping[str, Texts]
    holes: tuple[re.Pattern[str], ...] = ()
    words: frozenset[str] = frozenset()

    def may_fill(self, field):
        """Whether one of its events can have the field."""
        return field in self.says or any(self._fits(hole, field) for hole in self.holes)

    def may_say(self, field, text):
        """Whether the field, one of whose values are chosen by us, can be this text."""
        domain = self.says.get(field)
        return text in domain if domain is not None else not self.words or text in self.words

    def _fits(self, hole, field):
        found = hole.fullmatch(field)
        return found is not None and all(part in self.words for part in found.groups())


@cache
def every() -> tuple[Producer, ...]:
    """Every producer of events."""
    return (*_products(), *_modules())


@cache
def words() -> frozenset[str]:
    """Every text that stands in our code."""
    return frozenset().union(*(_read(name).words for name in _names()))


def behaviours() -> frozenset[str]:
    """The classes of what detectors find in frames, as far as their code says them in so many words."""
    return frozenset(
        text
        for name in _names()
        for node in _parsed(name)[0]
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Anomaly.__name__
        for named in node.keywords
        if named.arg == "name"
        for text in _constant(named.value, name) or ()
    )


def _products():
    """What data says: one producer for each kind of each product."""
    envelope = _read(recognizer.__name__).fields
    for product in products():
        rows: dict[str, list[dict[str, Texts]]] = {PLAIN: []}
        of_values = {field for _, field in product.fields}.union(*(template.names for _, template in product.inside))
        for said in (*product.events, *product.messages):
            own = {field for _, field in said.fields} | (set(said.template.names) if said.template else of_values)
            told: dict[str, Texts] = dict.fromkeys(other for field in own for other in _with(field))
            told |= {name: _texts(value) for name, value in {**product.fixed, **said.fixed}.items()}
            rows.setdefault(said.kind, []).append(told)
        joined = _read(audit_records.__name__).fields if product.name == audit_records.PRODUCT else {}
        for kind, those in rows.items():
            names = {name for one in those for name in one}
            says = {name: _union(one[name] for one in those if name in one) for name in names}
            yield Producer(product.name, frozenset({kind}), {**envelope, **joined, **says})


@cache
def _with(field):
    """A field and those that come with it."""
    return {field, *(other for probe in PROBES for other in typed_values.fields([(field, probe)]))}


def _modules():
    """What code says: one producer for each module that names a kind of event."""
    everything = {name: _read(name) for name in _names()}
    for name, module in everything.items():
        kinds = catalogue.events().keys()
        told = {kind for kind in kinds if kind in module.words or any(hole.fullmatch(kind) for hole in module.holes)}
        if not told:
            continue
        importers = {other for other, its in everything.items() if name in its.imports}
        near = {name, *_reached(name, everything), *(other for other in importers if everything[other].makes_events)}
        if name.startswith(COLLECTOR):
            # What the collector remarks on is written down at one place; who remarks names the kind, or takes its name.
            near |= {notices.__name__, *importers}
        folder = ".".join(name.split(".")[:2])
        beside = {other for other in everything if other.startswith(f"{folder}.")}
        modules = [everything[other] for other in near]
        fields = {field for its in modules for field in its.fields}
        yield Producer(
            name,
            frozenset(told),
            {field: _union(its.fields[field] for its in modules if field in its.fields) for field in fields},
            tuple(hole for its in modules for hole in its.holes),
            frozenset(text.lower() for other in near | beside for text in everything[other].words),
        )


def _reached(name, everything):
    """The modules it imports, and those that they import."""
    found: set[str] = set()
    wanted = [name]
    while wanted:
        more = everything[wanted.pop()].imports & everything.keys() - found
        found |= more
        wanted += more
    return found


@cache
def _names():
    found = []
    for root, folder in ROOTS.items():
        for file in sorted(folder.rglob("*.py")):
            parts = (root, *file.relative_to(folder).with_suffix("").parts)
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


@dataclass(frozen=True)
class _Module:
    """What the text of one module says."""

    words: frozenset[str]
    fields: Mapping[str, Texts]
    holes: tuple[re.Pattern[str], ...]
    imports: frozenset[str]
    makes_events: bool


@cache
def _parsed(name):
    """Every node of a module's code; the texts it gives a name to; where names come from that it imports."""
    root, _, rest = name.partition(".")
    file = ROOTS[root].joinpath(*rest.split(".")) if rest else ROOTS[root]
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    constants: dict[str, object] = {}
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=called), value=ast.Constant(value=value)):
                constants[called] = value
            case ast.ImportFrom(module=str(module), names=names) if module.partition(".")[0] in ROOTS:
                constants |= {alias.asname or alias.name: (module, alias.name) for alias in names}
    return tuple(ast.walk(tree)), constants


@cache
def _read(name):
    said: set[str] = set()
    holes: list[re.Pattern[str]] = []
    imports: set[str] = set()
    writes: dict[str, list[Texts]] = {}
    makes_events = False
    for node in _parsed(name)[0]:
        match node:
            case ast.Constant(value=str(text)):
                said.add(text)
            case ast.JoinedStr(values=values):
                holes += _hole(values)
            case ast.ImportFrom(module=str(module), names=names):
                imports |= {module, *(f"{module}.{alias.name}" for alias in names)}
            case ast.Attribute(value=ast.Name(id="ecs"), attr="event"):
                makes_events = True
            case ast.Dict(keys=keys, values=values):
                for pair in zip(keys, values, strict=True):
                    _note(writes, pair, name)
            case ast.Assign(targets=[ast.Subscript(slice=key)], value=value):
                _note(writes, (key, value), name)
            case _:
                pass
    fields: dict[str, Texts] = {text: None for text in said if FIELD.fullmatch(text)}
    fields |= {field: _union(values) for field, values in writes.items()}
    return _Module(frozenset(said), fields, tuple(holes), frozenset(imports), makes_events)


def _hole(values):
    """A name put together of fixed text and of what is only known when it runs."""
    parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else "([a-z0-9_]+)" for part in values]
    text = "".join(parts)
    return [re.compile(text)] if re.match(r"[a-z]+\\[.-]", text) else []


def _note(writes, pair, module):
    """What is written into a field."""
    key, value = pair
    for field in _constant(key, module) or ():
        if FIELD.fullmatch(field):
            writes.setdefault(field, []).append(_constant(value, module))


def _constant(node, module):
    """The texts an expression can be; None is any."""
    match node:
        case ast.Constant(value=value):
            return _texts(value)
        case ast.IfExp(body=body, orelse=other):
            return _union([_constant(body, module), _constant(other, module)])
        case ast.Name(id=name):
            return _named(name, module)
        case _:
            return None


def _named(name, module):
    value = _parsed(module)[1].get(name)
    if isinstance(value, tuple):
        return _named(value[1], value[0])
    return _texts(value) if isinstance(value, str) else None


def _texts(value):
    return frozenset(str(one).lower() for one in (value if isinstance(value, tuple) else (value,)))


def _union(domains):
    everything: frozenset[str] = frozenset()
    for domain in domains:
        if domain is None:
            return None
        everything |= domain
    return everything
