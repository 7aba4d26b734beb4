# SPDX-License-Identifier: Apache-2.0
"""What need not be asked of an event any more once literals of a detection have been found in it."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from giamsat_wire.record import FieldValue


@dataclass(frozen=True, slots=True)
class Proof:
    """It is given where the field that counts contains one of each set of `literals` (lower case).

    That is the first of `names` that an event has. Then `rest` is all that is left to be asked.
    """

    names: tuple[str, ...]
    literals: tuple[frozenset[str], ...]
    rest: Callable[[Mapping[str, FieldValue]], bool]


def counts(names: tuple[str, ...], field: str, fields: Container[str]) -> bool:
    """Whether, of an event with these fields, this is the one that is read under the names."""
    return next(filter(fields.__contains__, names), None) == field
