# SPDX-License-Identifier: Apache-2.0
"""Metric chains: a keyframe that names every series, then only what changed.

A value travels as an integer of `decimals` decimal places when that is exact, and as a double when it is not, so what
is decoded equals what was read, bit for bit. A series whose values need more decimals than it was declared with is
declared again under a new id.
"""

import struct
import zlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from giamsat.v1 import telemetry_pb2
from giamsat_wire import catalogue, limits
from giamsat_wire.errors import ChainError, MalformedError, OversizedError
from giamsat_wire.record import Columns, Labels, Sample, SampleSet, Series
from giamsat_wire.series import Room, checked, decimals_of, scaled_by, shared, types

_BEGUN: Final = struct.Struct("<Iqq")
_TWICE: Final = "a sample set names a series twice"
_UNDECLARED: Final = "a sample set names a series that was never declared"
_TYPES: Final = {
    catalogue.MetricType.COUNTER: telemetry_pb2.Series.COUNTER,
    catalogue.MetricType.GAUGE: telemetry_pb2.Series.GAUGE,
    catalogue.MetricType.UNTYPED: telemetry_pb2.Series.UNTYPED,
}
_KINDS: Final = {
    telemetry_pb2.Series.COUNTER: catalogue.MetricType.COUNTER,
    telemetry_pb2.Series.GAUGE: catalogue.MetricType.GAUGE,
}


@dataclass(slots=True)
class _Sent:
    """What the other end knows of one series."""

    id: int
    decimals: int
    scaled: int = 0
    real: float | None = None
    present: bool = False


class ChainEncoder:
    """The agent's end of a chain.

    `dropped` counts the samples beyond the series limit, and those whose name or labels the other end would refuse,
    which would cost it the whole chain. Chains of the same readings are told apart by `kind`.
    """

    def __init__(self, kind: int = 0) -> None:
        self._kind = kind
        self._chain = 0
        self._known: dict[tuple[str, Labels], _Sent] = {}
        self._next_id = 0
        self._room = Room()
        self._frames = 0
        self.dropped = 0

    @property
    def key_due(self) -> bool:
        """Whether the next frame begins a chain of its own accord."""
        return self._frames % limits.KEYFRAME_EVERY == 0

    def begin(self) -> None:
        """Make the next frame a keyframe: everything before it is forgotten."""
        self._known.clear()
        self._next_id = 0
        self._room = Room()
        self._frames = 0

    def frame(self, sets: Sequence[SampleSet]) -> telemetry_pb2.MetricFrame:
        """The next frame of the chain; call `begin` first when `key_due`."""
        if not self._frames and sets:
            self._chain = zlib.crc32(_BEGUN.pack(self._kind, sets[0].wall_ns, sets[0].mono_ns))
        self._frames += 1
        message = telemetry_pb2.MetricFrame(chain=self._chain)
        message.sets.extend(self._set(reading, message) for reading in sets)
        return message

    def _set(self, reading: SampleSet, message: telemetry_pb2.MetricFrame) -> telemetry_pb2.SampleSet:
        integers: dict[int, int] = {}
        reals: dict[int, float] = {}
        seen: set[int] = set()
        redeclared: list[int] = []
        for sample in reading.samples:
            sent = self._known.get((sample.name, sample.labels))
            scaled = None if sent is None else scaled_by(sample.value, sent.decimals)
            if sent is None or (scaled is None and (decimals_of(sample.value) or 0) > sent.decimals):
                if sent is not None and sent.present:
                    redeclared.append(sent.id)
                sent = self._declare(sample, message)
                scaled = None if sent is None else scaled_by(sample.value, sent.decimals)
            if sent is None or sent.id in seen:
                continue
            seen.add(sent.id)
            self._value(sent, sample.value, scaled, integers, reals)
        gone = sorted(
            [sent.id for sent in self._known.values() if sent.present and sent.id not in seen] + redeclared,
        )
        for sent in self._known.values():
            sent.present = sent.id in seen
        return telemetry_pb2.SampleSet(
            wall_ns=reading.wall_ns,
            mono_ns=reading.mono_ns,
            changed=_steps(sorted(integers)),
            delta=[integers[identity] for identity in sorted(integers)],
            real=_steps(sorted(reals)),
            real_value=[reals[identity] for identity in sorted(reals)],
            gone=_steps(gone),
        )

    def _declare(self, sample: Sample, message: telemetry_pb2.MetricFrame) -> _Sent | None:
        words = tuple(word for pair in sample.labels for word in pair)
        decimals = decimals_of(sample.value) or 0
        try:
            checked(sample.name, words, decimals)
            taken = self._room.takes(sample.name, words)
        except MalformedError:
            taken = False
        if not taken:
            self.dropped += 1
            return None
        sent = _Sent(self._next_id, decimals)
        self._next_id += 1
        self._known[sample.name, sample.labels] = sent
        message.series.add(
            name=sample.name,
            labels=words,
            type=_TYPES[catalogue.metric(sample.name).type],
            decimals=sent.decimals,
        )
        return sent

    @staticmethod
    def _value(
        sent: _Sent, value: float, scaled: int | None, integers: dict[int, int], reals: dict[int, float]
    ) -> None:
        if scaled is None:
            if not sent.present or repr(sent.real) != repr(value):  # by text, so that NaN equals itself
                reals[sent.id] = value
            sent.real = value
            return
        if not sent.present or sent.real is not None or scaled != sent.scaled:
            integers[sent.id] = scaled - sent.scaled
        sent.scaled, sent.real = scaled, None


def _steps(ids: Sequence[int]) -> list[int]:
    """Ascending ids as the steps between them; the first counts from -1."""
    return [now - before for before, now in zip([-1, *ids], ids, strict=False)]


class ChainDecoder:
    """The collector's end of one agent's chain.

    Values are kept as they came and made into numbers only where somebody wants them: of each set those named in
    `wanted` (None: all), and everything there is now on request. What it holds is open to whom reads many chains at
    once: by id the `series` with their divisors and `scaled` integers, the `reals` and who is `absent`; of those that
    are wanted and present the places in `arranged` and `values`. A new arrangement is another object in `places`.
    """

    def __init__(self, wanted: Container[str] | None = None) -> None:
        self.wanted = wanted
        self.begun = False
        self.chain = 0
        self._forget()

    def _forget(self) -> None:
        self.series: list[tuple[Series, int]] = []
        self.types: Mapping[str, catalogue.MetricType] = {}
        self._room = Room()
        self.scaled: list[int] = []
        self.reals: dict[int, float] = {}
        self.absent: set[int] = set()
        self.watched: list[int] = []
        self.arranged: tuple[Series, ...] = ()
        self.places: dict[int, int] = {}
        self.values: list[float] = []

    def want(self, wanted: Container[str] | None) -> None:
        """From the next set on, give other names."""
        self.wanted = wanted
        self.watched = [identity for identity, ((name, _), _) in enumerate(self.series) if self._wants(name)]
        self._arrange()

    def samples(self) -> tuple[Sample, ...]:
        """Every series that is present now, with its newest value."""
        present = [identity for identity in range(len(self.series)) if identity not in self.absent]
        named = zip(present, (self.series[identity][0] for identity in present), strict=True)
        return tuple(Sample(name, self._value(identity), labels) for identity, (name, labels) in named)

    def frame(self, message: telemetry_pb2.MetricFrame, *, key: bool) -> tuple[Columns, ...]:
        """The wanted series of every set of the frame, those that did not change included.

        Raises:
            ChainError: the frame continues a chain of which this decoder has not seen what came before.
            MalformedError: the frame contradicts itself or `limits`; the chain is then broken until a keyframe.
        """
        if key:
            self._forget()
            self.chain = message.chain
        elif not self.begun or message.chain != self.chain:
            raise ChainError("metric frame without its keyframe before it; the next keyframe mends this")
        self.begun = False
        if len(message.sets) > limits.SETS_PER_FRAME:
            raise OversizedError(f"{len(message.sets)} sample sets in a frame, at most {limits.SETS_PER_FRAME}")
        if message.series:
            declared = {series.name: self._declare(series) for series in message.series}
            self.types = types(tuple({**self.types, **declared}.items()))
        readings = tuple([self._set(one) for one in message.sets])
        self.begun = True
        return readings

    def _declare(self, series: telemetry_pb2.Series) -> catalogue.MetricType:
        words = tuple(series.labels[:])
        if not self._room.takes(series.name, words):
            most = (
                f"{limits.SERIES_PER_AGENT} series, or {limits.SERIES_CHARACTERS} characters in their names and labels"
            )
            raise OversizedError(f"more than {most}, from one agent")
        identity = len(self.series)
        self.series.append(checked(series.name, words, series.decimals))
        self.scaled.append(0)
        self.absent.add(identity)
        if self._wants(series.name):
            self.watched.append(identity)
        return _KINDS.get(series.type, catalogue.MetricType.UNTYPED)

    def _wants(self, name: str) -> bool:
        return self.wanted is None or name in self.wanted

    def _set(self, message: telemetry_pb2.SampleSet) -> Columns:
        deltas, reals = message.delta[:], message.real_value[:]  # a list is walked several times as fast as a field
        changed, real, gone = _named(message.changed[:]), _named(message.real[:]), _named(message.gone[:])
        if len(changed) != len(deltas) or len(real) != len(reals):
            raise MalformedError("a sample set names more series than it has values, or fewer")
        if max(changed[-1:] + real[-1:] + gone[-1:], default=-1) >= len(self.series):
            raise MalformedError(_UNDECLARED)
        self._add(changed, deltas)
        if self.reals and not self.reals.keys().isdisjoint(changed):
            for identity in self.reals.keys() & changed:
                del self.reals[identity]
        self.reals.update(zip(real, reals, strict=True))
        if gone or (self.absent and not self.absent.isdisjoint(changed + real)):
            self.absent.difference_update(changed, real)
            self.absent.update(gone)
            self._arrange()
        else:
            self._move(changed, real)
        return Columns(message.wall_ns, message.mono_ns, self.arranged, self.values)

    def _add(self, changed: Iterable[int], deltas: Iterable[int]) -> None:
        """Add every change to the value it changes: the loop that a collector spends its time in."""
        scaled = self.scaled
        for identity, delta in zip(changed, deltas, strict=True):
            scaled[identity] += delta

    def _arrange(self) -> None:
        """Say anew which wanted series are present, in an order that does not depend on when they were declared."""
        present = sorted(set(self.watched) - self.absent, key=lambda identity: self.series[identity][0])
        self.arranged = shared(tuple([self.series[identity][0] for identity in present]))
        self.places = {identity: place for place, identity in enumerate(present)}
        self.values = [self._value(identity) for identity in present]

    def _move(self, changed: Iterable[int], real: Iterable[int]) -> None:
        """Read what changed of the wanted series into values of their own: those of the set before stay as they are."""
        values, places = self.values.copy(), self.places
        for identity in places.keys() & changed:
            values[places[identity]] = self.scaled[identity] / self.series[identity][1]
        for identity in places.keys() & real:
            values[places[identity]] = self.reals[identity]
        self.values = values

    def _value(self, identity: int) -> float:
        real = self.reals.get(identity)
        return self.scaled[identity] / self.series[identity][1] if real is None else real


def _named(steps: Sequence[int]) -> list[int]:
    """The ids that steps lead to; the first counts from -1."""
    if not steps:
        return []
    if 0 in steps:
        raise MalformedError(_TWICE)
    return list(accumulate(steps, initial=-1))[1:]
