# SPDX-License-Identifier: Apache-2.0
"""Lists of what is known to be evil, in few words."""

import zlib

from giamsat_collector.indicators import import_plan
from giamsat_collector.indicators.indicator import Indicator, understood
from giamsat_collector.indicators.lists import Lists
from giamsat_collector.indicators.lookup import About, Lookup
from giamsat_collector.indicators.packing import unpacked

NOW = 1_790_000_000
DAY = 86_400
LONG = NOW + 365 * DAY


def entry(value, *, until=LONG, confidence=75, since=NOW - 10 * DAY, comment=""):
    """An entry of a list."""
    return Indicator(*understood(value), since, until, confidence, "", comment)


def lookup(*values, name="ncsc", brought=NOW - DAY):
    """A list of values or entries, ready to be asked."""
    entries = [value if isinstance(value, Indicator) else entry(value) for value in values]
    return Lookup([(About(name, "Trung tâm", brought), entries)])


def file(text):
    """A file as the command line sends it."""
    return zlib.compress(text.encode() if isinstance(text, str) else text)


async def change(packed, wanted, before, now_s):
    """What a file would make of a list, said by this very process."""
    return import_plan.change(packed, wanted, unpacked(before), now_s)


def lists(store, clock, indicators, tell):
    """Lists that start no process."""
    return Lists(store, clock, indicators, tell, change=change)
