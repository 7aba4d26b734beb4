# SPDX-License-Identifier: Apache-2.0
"""A filter hides alerts, so somebody answers for it, says why, and it ends by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem

DAYS: Final = 90
"""How far ahead a filter may end."""


def find(book: Book) -> Iterator[Problem]:
    """Every filter without reason or author, and every one that does not end within `DAYS` days, or has ended."""
    today = datetime(book.today.year, book.today.month, book.today.day, tzinfo=UTC)
    latest_ns = int((today + timedelta(days=DAYS + 1)).timestamp()) * 10**9
    for each in book.rules.filters:
        name, origin = each.header.name, each.header.origin
        if not each.reason or not each.author:
            what = f"the filter {name} does not say why it hides, or who decided so"
            yield Problem(origin, what, "give giamsat.filter.reason and author")
        if each.until_ns is None or each.until_ns > latest_ns:
            what = f"the filter {name} does not end within {DAYS} days"
            yield Problem(origin, what, "give giamsat.filter.until, and renew it when it is due")
        elif each.until_ns <= int(today.timestamp()) * 10**9:
            yield Problem(origin, f"the filter {name} has ended and hides nothing", "remove it, or decide anew")
