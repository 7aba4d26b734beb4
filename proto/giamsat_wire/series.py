# SPDX-License-Identifier: Apache-2.0
"""Series as hosts declare them: checked once and held once, however many hosts have the same."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from giamsat_wire import limits
from giamsat_wire.catalogue import MetricType
from giamsat_wire.errors import MalformedError, OversizedError
from giamsat_wire.record import Series

MOST_DECIMALS: Final = 9
"""Decimal places that a value may have to travel as an integer."""
SERIES_REMEMBERED: Final = 1 << 16
"""Series of all hosts together that are held once; those beyond cost their own check and memory again."""
ARRANGEMENTS_REMEMBERED: Final = 1 << 12
"""Likewise of what hosts have of the wanted series."""
TYPES_REMEMBERED: Final = 1 << 10
"""Likewise of the types of a host's names."""
_NAME: Final = re.compile(r"\A[a-zA-Z_:][a-zA-Z0-9_:]*\Z")


@lru_cache(maxsize=SERIES_REMEMBERED)
def checked(name: str, words: tuple[str, ...], decimals: int) -> tuple[Series, int]:
    """A declared series as it is kept. Most hosts declare the same ones: they are checked once and held once.

    Raises:
        MalformedError: its name, labels or decimals are not those of a Prometheus series within `limits`.
    """
    if len(words) % 2 or len(words) > 2 * limits.LABELS_PER_SERIES or decimals > MOST_DECIMALS:
        raise MalformedError(f"series {name[:80]!r} has odd or too many labels, or too many decimals")
    if len(name) > limits.NAME_CHARACTERS or not all(map(_NAME.match, (name, *words[::2]))):
        raise MalformedError(f"{name[:80]!r} or one of its labels is not a Prometheus name")
    if any(len(word) > limits.LABEL_CHARACTERS for word in words):
        raise OversizedError(f"a label of {name} is longer than {limits.LABEL_CHARACTERS} characters")
    return (name, tuple(zip(words[::2], words[1::2], strict=True))), 10**decimals


@lru_cache(maxsize=ARRANGEMENTS_REMEMBERED)
def shared(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """The same object for the same series of all hosts and frames, so that they can be told by a glance."""
    return series


@lru_cache(maxsize=TYPES_REMEMBERED)
def types(declared: tuple[tuple[str, MetricType], ...]) -> Mapping[str, MetricType]:
    """The type of each name, as one object for all hosts that declared the same."""
    return dict(declared)
