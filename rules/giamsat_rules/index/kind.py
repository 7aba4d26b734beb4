# SPDX-License-Identifier: Apache-2.0
"""The kinds of events: what the names of an event's fields, and the values of its telling ones, say of detections.

Most detections ask for a log source, for certain fields, actions or programs, so its kind already rules out nearly all
of them. What a kind says is worked out once, from what each name and each value says by itself: hosts send what they
like, and an event of a kind never seen before costs little more than one of a known kind.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from giamsat_rules.index.bits import Bits, members, union
from giamsat_rules.index.needle import Needles, text_of
from giamsat_rules.matching.anchor import TELLING
from giamsat_rules.matching.logsource import Source, brief, source_of
from giamsat_rules.matching.pattern import as_text
from giamsat_rules.matching.value import as_number
from giamsat_rules.rule import Detection, Fields, LogSource
from giamsat_rules.scanner import Scanning
from giamsat_rules.verdict import TIME
from giamsat_wire.record import FieldValue

MOST: Final = 4_096
"""Kinds that are remembered, and shapes, and values; when there are more, what was remembered is worked out anew."""

NAMES: Final = 2_048
"""Characters of all names of an event's fields together that may be remembered."""


_PLAIN: Final = frozenset({str, tuple})
"""Types of values none of which equals one of another type."""


class Kind:
    """What is the same for all events of a kind.

    `allowed` are the detections its names and telling values do not rule out; of them `sure` need nothing more to be
    shown. `found` are the literals in telling values. `reading` are the other fields in which a literal of an allowed
    one may stand, and `asked` those by whose value allowed ones are found.
    """

    __slots__ = ("allowed", "asked", "found", "reading", "sure")

    def __init__(
        self,
        allowed: Bits,
        sure: Sequence[int],
        found: frozenset[int],
        reading: Sequence[str],
        asked: Sequence[tuple[str, "_Asked"]],
    ) -> None:
        self.allowed = allowed
        self.sure = sure
        self.found = found
        self.reading = reading
        self.asked = asked


class Kinds:
    """What each kind of event says of some detections."""

    def __init__(self, detections: Sequence[Detection], needles: Needles, scanning: Scanning) -> None:
        self._every = (1 << len(detections)) - 1
        self._needles = needles
        self._by_source: dict[LogSource, Bits] = defaultdict(int)
        self._by_presence: dict[frozenset[str], Bits] = defaultdict(int)
        self._by_bound: dict[str, _Bound] = {}
        self._by_field: dict[str, Bits] = defaultdict(int)
        self._readers: dict[str, Bits] = defaultdict(int)
        self._readers_of_all = self._always = self._untold = 0
        told: dict[str, Bits] = defaultdict(int)
        values: dict[str, dict[float | str, Bits]] = defaultdict(lambda: defaultdict(int))
        for number, detection in enumerate(detections):
            bit = 1 << number
            self._by_source[detection.logsource] |= bit
            for names in detection.present:
                self._by_presence[names] |= bit
            for name, texts in detection.bound.items():
                self._by_bound.setdefault(name, _Bound(self._every)).add(bit, texts)
            for literal in detection.told:
                told[literal] |= bit
            self._untold |= 0 if detection.told else bit
            self._read(detection, bit, reads=bool(needles.needs[number]))
            for name, value in detection.anchor.values if detection.anchor else ():
                values[name][value] |= bit
        for name in self._readers:
            self._readers[name] |= self._readers_of_all
        self._asked = {name: _Asked(its) for name, its in values.items()}
        self._teller = scanning(sorted(told)) if told else None
        self._told = [told[literal] for literal in sorted(told)]
        self._named = frozenset().union(
            TELLING, *self._by_presence, self._by_field, self._readers, self._asked, self._by_bound
        )
        self._services = frozenset(source.service for source in self._by_source if source.service)
        self._products = frozenset(source.product for source in self._by_source if source.product)
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._known: dict[object, Kind] = {}
        self._formed = lru_cache(maxsize=MOST)(self._form)
        # Typed: 1, 1.0 and true are equal, and read differently.
        self._hinted = lru_cache(maxsize=MOST, typed=True)(self._hint)
        self._admitted = lru_cache(maxsize=MOST)(self._admits)

    def of(self, fields: Fields) -> Kind:
        """The kind of an event."""
        names = tuple(fields)
        shape = self._shapes.get(names) or self._shape(names)
        said = shape.said(fields)
        return self._known.get((shape, said)) or self._new(shape, said, fields)

    def _read(self, detection: Detection, bit: Bits, *, reads: bool) -> None:
        """Note where a detection's literals may stand, and the fields that alone are enough to show it an event."""
        anchor = detection.anchor
        if anchor is None:
            self._always |= bit
        for name in anchor.fields if anchor else ():
            self._by_field[name] |= bit
        if not reads and not (anchor and anchor.literals):
            return
        if detection.reads is None:
            self._readers_of_all |= bit
        for name in detection.reads or ():
            self._readers[name] |= bit

    def _shape(self, names: tuple[str, ...]) -> "_Shape":
        """What the names of an event's fields are, whatever they say."""
        telling = tuple(name for name in names if name in TELLING)
        others = tuple(name for name in names if name not in TELLING and name != TIME)
        form = self._formed(tuple(name for name in names if name in self._named))
        small = len("".join(names)) <= NAMES
        shape = _Shape(telling, others, form, brief=small)
        if small:
            if len(self._shapes) >= MOST:
                self._shapes.clear()
            self._shapes[names] = shape
        return shape

    def _form(self, names: tuple[str, ...]) -> "_Form":
        """What the names say that detections ask for."""
        lacking = union(bits for wanted, bits in self._by_presence.items() if wanted.isdisjoint(names))
        allowed = self._every & ~lacking
        for name in self._by_bound.keys() - set(names):
            allowed &= self._by_bound[name].free
        return _Form(allowed, union((self._by_field.get(name, 0) for name in names), self._always))

    def _new(self, shape: "_Shape", said: object, fields: Fields) -> Kind:
        values = [fields[name] for name in shape.telling]
        key: object = (shape, said)
        if not _PLAIN.issuperset(map(type, values)):
            key = (shape, said, tuple(map(type, values)))
            if key in self._known:
                return self._known[key]
        kind = self._kind(shape, dict(zip(shape.telling, values, strict=True)))
        if shape.brief and brief(values):
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = kind
        return kind

    def _kind(self, shape: "_Shape", telling: Fields) -> Kind:
        allowed, sure = shape.form
        allowed &= self._admitted(source_of(telling).among(self._services, self._products))
        told, found = self._untold, frozenset[int]()
        for name, value in telling.items():
            hint = self._hinted(name, value) if brief((value,)) else self._hint(name, value)
            allowed &= hint.allowed
            told |= hint.told
            sure |= hint.sure
            found |= hint.found
        allowed &= told
        reading = [name for name in shape.others if self._readers.get(name, self._readers_of_all) & allowed]
        asking = [(name, self._asked[name]) for name in shape.others if name in self._asked]
        asked = tuple([each for each in asking if each[1].every & allowed])
        return Kind(allowed, tuple(members(sure & allowed)), found, tuple(reading), asked)

    def _hint(self, name: str, value: FieldValue) -> "_Hint":
        """What the value of a telling field says by itself."""
        text = text_of({name: value}, (name,))
        found = self._needles.found(text, self._every)
        told = self._teller.found(text) if self._teller is not None else ()
        shown = self._needles.shown(found, self._every)
        bound, asked = self._by_bound.get(name), self._asked.get(name)
        return _Hint(
            allowed=bound.allows(value) if bound else self._every,
            told=union(map(self._told.__getitem__, told)),
            sure=union([1 << each for each in shown], asked.by(value) if asked else 0),
            found=frozenset(found),
        )

    def _admits(self, source: Source) -> Bits:
        """The detections whose log source an event may come from."""
        return union(bits for wanted, bits in self._by_source.items() if source.admits(wanted))


class _Form(NamedTuple):
    """Of the names of an event's fields: the detections they do not rule out, and those they are enough for."""

    allowed: Bits
    sure: Bits


class _Hint(NamedTuple):
    """Of one value: the detections it does not rule out, those it tells, those it shows, and the literals in it."""

    allowed: Bits
    told: Bits
    sure: Bits
    found: frozenset[int]


class _Shape:
    """The names of an event's fields: those that are telling, and the others. `said` reads the telling values."""

    __slots__ = ("brief", "form", "others", "said", "telling")

    def __init__(self, telling: tuple[str, ...], others: tuple[str, ...], form: _Form, *, brief: bool) -> None:
        self.telling = telling
        self.others = others
        self.form = form
        self.brief = brief
        self.said: Callable[[Fields], object] = itemgetter(*telling) if telling else bool


class _Bound:
    """The detections that hold for some values of a field only; all others are `free`."""

    def __init__(self, every: Bits) -> None:
        self.free = every
        self._by_value: dict[str, Bits] = defaultdict(int)

    def add(self, bit: Bits, values: Iterable[str]) -> None:
        """One that holds for these values only."""
        self.free &= ~bit
        for value in values:
            self._by_value[value] |= bit

    def allows(self, value: FieldValue) -> Bits:
        """Those that this value of the field does not rule out."""
        several = value if isinstance(value, tuple) else (value,)
        return union((self._by_value.get(as_text(each).lower(), 0) for each in several), self.free)


class _Asked:
    """The detections that are found by a field's values."""

    def __init__(self, values: Mapping[float | str, Bits]) -> None:
        self.every = union(values.values())
        self._texts = {value: its for value, its in values.items() if isinstance(value, str)}
        self._numbers = {value: its for value, its in values.items() if not isinstance(value, str)}

    def by(self, value: FieldValue) -> Bits:
        """Those that this value of the field may meet."""
        found = 0
        for each in value if isinstance(value, tuple) else (value,):
            if self._texts:
                found |= self._texts.get(as_text(each).lower(), 0)
            if self._numbers and (number := as_number(each)) is not None:
                found |= self._numbers.get(number, 0)
        return found
