# SPDX-License-Identifier: Apache-2.0
"""Series as hosts declare them: checked once and held once, however many hosts have the same.

What is held is bounded by its size, not by its number: a host may declare others again and again, and large ones.
"""

import math
import re
from collections.abc import Mapping
from sys import getsizeof
from typing import Final

from giamsat_wire import limits
from giamsat_wire.bounded_cache import BoundedCache
from giamsat_wire.catalogue import MetricType
from giamsat_wire.errors import MalformedError, OversizedError
from giamsat_wire.record import Series

_LARGEST: Final = 1 << 53
MOST_DECIMALS: Final = 9
"""Decimal places that a value may have to travel as an integer."""
SERIES_BYTES: Final = 16 << 20
"""Memory for series of all hosts together that are held once; those beyond cost their own check and memory again."""
ARRANGED_SERIES: Final = 1 << 15
"""Likewise of what hosts have of the wanted series: how many series all arrangements together name."""
TYPED_NAMES: Final = 1 << 15
"""Likewise of the types of a host's names."""
_SERIES: Final = 600
_PAIR: Final = 100
"""Bytes of a series and of each of its labels, beside the texts themselves."""
_CHECKED: Final[BoundedCache[tuple[str, tuple[str, ...], int], tuple[Series, int]]] = BoundedCache(SERIES_BYTES)
_ARRANGED: Final[BoundedCache[tuple[Series, ...], tuple[Series, ...]]] = BoundedCache(ARRANGED_SERIES)
_TYPED: Final[BoundedCache[tuple[tuple[str, MetricType], ...], Mapping[str, MetricType]]] = BoundedCache(TYPED_NAMES)
_NAME: Final = re.compile(r"\A[a-zA-Z_:][a-zA-Z0-9_:]*\Z")


def checked(name: str, words: tuple[str, ...], decimals: int) -> tuple[Series, int]:
    """A declared series as it is kept. Most hosts declare the same ones: they are checked once and held once.

    Raises:
        MalformedError: its name, labels or decimals are not those of a Prometheus series within `limits`.
    """
    known = _CHECKED.get((name, words, decimals))
    if known is not None:
        return known
    if len(words) % 2 or len(words) > 2 * limits.LABELS_PER_SERIES or decimals > MOST_DECIMALS:
        raise MalformedError(f"series {name[:80]!r} has odd or too many labels, or too many decimals")
    if len(name) > limits.NAME_CHARACTERS or not all(map(_NAME.match, (name, *words[::2]))):
        raise MalformedError(f"{name[:80]!r} or one of its labels is not a Prometheus name")
    if any(len(word) > limits.LABEL_CHARACTERS for word in words):
        raise OversizedError(f"a label of {name} is longer than {limits.LABEL_CHARACTERS} characters")
    series = (name, tuple(zip(words[::2], words[1::2], strict=True))), 10**decimals
    weight = _SERIES + _PAIR * len(words) // 2 + getsizeof(name) + sum(map(getsizeof, words))
    return _CHECKED.keep((name, words, decimals), series, weight)


class Room:
    """What one agent may still name in a chain."""

    def __init__(self) -> None:
        self._series = 0
        self._characters = 0

    def takes(self, name: str, words: tuple[str, ...]) -> bool:
        """Whether there is room for one more series; it is taken then."""
        characters = self._characters + len(name) + sum(map(len, words))
        if self._series >= limits.SERIES_PER_AGENT or characters > limits.SERIES_CHARACTERS:
            return False
        self._series, self._characters = self._series + 1, characters
        return True


def shared(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """The same object for the same series of all hosts and frames, so that they can be told by a glance."""
    known = _ARRANGED.get(series)
    return _ARRANGED.keep(series, series, 1 + len(series)) if known is None else known


def types(declared: tuple[tuple[str, MetricType], ...]) -> Mapping[str, MetricType]:
    """The type of each name, as one object for all hosts that declared the same."""
    known = _TYPED.get(declared)
    return _TYPED.keep(declared, dict(declared), 1 + len(declared)) if known is None else known


def scaled_by(value: float, decimals: int) -> int | None:
    """`value` as an integer of that many decimal places, or None when that would not be exact."""
    if not math.isfinite(value) or abs(value) * 10**decimals > _LARGEST:
        return None
    integer = round(value * 10**decimals)
    minus_zero = integer == 0 and math.copysign(1.0, value) < 0
    return integer if integer / 10**decimals == value and not minus_zero else None


def decimals_of(value: float) -> int | None:
    """The fewest decimal places that hold `value` exactly; None when it must travel as a double."""
    return next((places for places in range(MOST_DECIMALS + 1) if scaled_by(value, places) is not None), None)
