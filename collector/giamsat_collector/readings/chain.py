# SPDX-License-Identifier: Apache-2.0
"""One agent's chain of readings: its decoder, and the same as arrays for whoever reads many chains at once."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, Readings, decode
from giamsat_wire.record import Loss, Sample

Whole: TypeAlias = npt.NDArray[np.int64]
Reals: TypeAlias = npt.NDArray[np.float64]
UNWANTED: Final = -1
"""The place of a series that nobody wants to see in each set."""
UNFIT: Final = -2
"""The place of one that is absent, or travels as a double: what changes there is for the decoder alone."""
EXACT: Final = 1 << 53
"""Up to here a double holds every integer, and dividing that gives what dividing the integer gives."""


@dataclass(slots=True)
class Numbers:
    """The series of a chain by id: what their scaled integers are now, and their `places` among the wanted.

    `wanted` are the ids in the order of places, `divisors` what their integers are divided by.
    """

    totals: Whole
    places: Whole
    wanted: Whole
    divisors: Reals


class Chain:
    """The decoder is right at any time but for its integers and values, which `numbers` and `newest` hold meanwhile.

    `newest` are the values of the wanted series in its newest set; `bundled` is how many sets its newest frame held.
    """

    def __init__(self, wanted: Container[str] | None) -> None:
        self.decoder = ChainDecoder(wanted)
        self.newest: Sequence[float] | Reals = self.decoder.values
        self.bundled = 1
        self._numbers: Numbers | None = None

    def decode(self, flags: int, payload: bytes) -> Readings | Happenings | Loss:
        """What a frame holds, as `codec.decode` reads it."""
        self._settle()
        self._numbers = None
        try:
            content = decode(flags, payload, self.decoder)
        finally:
            self.newest = self.decoder.values
        if isinstance(content, Readings):
            self.bundled = len(content.sets)
        return content

    def move(self, totals: Whole, newest: Reals, bundled: int) -> None:
        """Sets were read without the decoder: the integers of all series, the values of the wanted ones in the last."""
        if self._numbers is not None:
            self._numbers.totals = totals
            self.newest, self.bundled = newest, bundled

    def want(self, wanted: Container[str] | None) -> None:
        """From the next set on, give other names."""
        self._settle()
        self._numbers = None
        self.decoder.want(wanted)
        self.newest = self.decoder.values

    def samples(self) -> tuple[Sample, ...]:
        """Every series that is present now, with its newest value."""
        self._settle()
        return self.decoder.samples()

    @property
    def numbers(self) -> Numbers | None:
        """The series as arrays; None where there are none, or integers that a double does not hold."""
        if self._numbers is None and self.decoder.series:
            self._numbers = _numbers(self.decoder)
        return self._numbers

    def _settle(self) -> None:
        if self._numbers is not None:
            self.decoder.scaled = self._numbers.totals.tolist()
        if not isinstance(self.newest, Sequence):
            self.decoder.values = self.newest.tolist()


def exact(integers: Whole) -> bool:
    """Whether a double holds each of them."""
    return not integers.size or bool(integers.min() >= -EXACT and integers.max() <= EXACT)


def _numbers(decoder: ChainDecoder) -> Numbers | None:
    try:
        totals = np.array(decoder.scaled, np.int64)
    except OverflowError:
        return None
    if not exact(totals):
        return None
    wanted = np.fromiter(decoder.places, np.int64, len(decoder.places))
    places = np.full(len(totals), UNWANTED, np.int64)
    places[wanted] = np.arange(len(wanted))
    for unfit in (decoder.absent, decoder.reals):
        places[np.fromiter(unfit, np.int64, len(unfit))] = UNFIT
    divisors = np.array([decoder.series[identity][1] for identity in decoder.places], np.float64)
    return Numbers(totals, places, wanted, divisors)
