# SPDX-License-Identifier: Apache-2.0
"""The contract of a scanner: which of many literals stand in a text. `scanners` holds the implementations."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeAlias


class Scanner(Protocol):
    """Looks for all its literals at once."""

    def found(self, text: str) -> Collection[int]:
        """The numbers of the literals that stand in `text`; one may be named more than once."""
        ...


Scanning: TypeAlias = Callable[[Sequence[str]], Scanner]
"""Builds a scanner for literals, which it numbers from 0; they are not empty and hold printable ASCII only."""
