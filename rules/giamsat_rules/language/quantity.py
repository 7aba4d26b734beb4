# SPDX-License-Identifier: Apache-2.0
"""Quantities and comparisons as rules and packs write them.

A quantity is a number, a time span or, in Sigma's notation of values that the environment supplies, `'%name%'`: a
parameter of the level pack.
"""

import math
import re
from typing import Final

from sigma.correlations import SigmaCorrelationTimespan
from sigma.exceptions import SigmaError

from giamsat_rules.language.header import OWN, Block
from giamsat_rules.rule import Comparison, Parameter, Quantity

_PLACEHOLDER: Final = re.compile(r"%([a-z][a-z0-9_]{0,63})%")


def quantity(value: object) -> Quantity | None:
    """A number, a Sigma time span in seconds, or a parameter; None when it is none of them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e300 else math.inf  # noqa: PLR2004 - beyond it, no float is exact or useful
        return number if math.isfinite(number) else None
    if not isinstance(value, str):
        return None
    if named := _PLACEHOLDER.fullmatch(value):
        return Parameter(named[1])
    try:
        return float(SigmaCorrelationTimespan(value).seconds)
    except (SigmaError, ValueError, OverflowError):
        return None


def comparison(
    said: object, block: Block, name: str, *, within: str = OWN
) -> tuple[Comparison | None, Quantity | None]:
    """The one comparison that is said, and what it compares with."""
    given = [key for key in said if key in list(Comparison)] if isinstance(said, dict) else []
    if not isinstance(said, dict) or len(given) != 1:
        block.fault(f"{name} needs exactly one comparison", f"use one of: {', '.join(Comparison)}", within, name)
        return None, None
    return Comparison(given[0]), needed(said[given[0]], block, name, given[0], within=within)


def needed(value: object, block: Block, *path: str, within: str = OWN) -> Quantity | None:
    """The quantity at `path`; noted when it is none."""
    found = quantity(value)
    if found is None:
        block.fault(
            f"{'.'.join(path)} is {str(value)[:60]!r}",
            "give a number, a time such as 5m, or '%parameter%'",
            within,
            *path,
        )
    return found
