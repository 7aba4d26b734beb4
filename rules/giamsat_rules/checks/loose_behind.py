# SPDX-License-Identifier: Apache-2.0
"""A rule stands behind rules that can stand for it: they are there, no less severe, and tell of the same values.

What is broken down by accounts alone may stand behind any of its own asset that names accounts in what it found.
"""

from collections.abc import Iterator

from giamsat_rules.behind import BESIDE, standing
from giamsat_rules.check import Book
from giamsat_rules.errors import Problem
from giamsat_rules.language.header import SEVERITIES
from giamsat_rules.owner import Owner
from giamsat_rules.rule import Correlation, Detection, Rule


def find(book: Book) -> Iterator[Problem]:
    """Every name behind which no alert could ever stand, and rules that would stand behind themselves."""
    speaking = {rule.header.name: rule for rule in book.speaking()}
    stands = standing({name: rule.header.behind for name, rule in speaking.items()})
    for name, rule in speaking.items():
        for other in rule.header.behind.rules:
            why = _wrong(rule, speaking.get(other))
            if why is not None:
                what, remedy = why
                yield Problem(rule.header.origin, f"{name} stands behind {other}, {what}", remedy)
        if rule.header.behind.rules and name not in stands:
            what = f"{name} stands behind itself: what it stands behind stands behind it"
            yield Problem(rule.header.origin, what, "let the weaker stand behind the stronger")


def _wrong(rule: Rule, other: Rule | None) -> tuple[str, str] | None:
    """What is wrong with a rule that stands behind another, and what to do."""
    if other is None:
        return "which is no rule here that raises something", "correct giamsat.behind.rules"
    ranks = [SEVERITIES.index(each.header.severity) for each in (rule, other)]
    if ranks[0] > ranks[1]:
        return "which is less severe: it would hide more than it shows", "let the less severe stand behind this one"
    ours, theirs = set(_group_by(rule)), set(_group_by(other))
    beside = ours == {BESIDE} and rule.header.behind.per is Owner.ASSET
    if not ours or not theirs or not (ours <= theirs or theirs <= ours or beside):
        by = ", ".join(sorted(theirs)) or "nothing"
        return f"which is broken down by {by}, and this is not", "group one by all that the other is grouped by"
    return None


def _group_by(rule: Rule) -> tuple[str, ...]:
    return rule.group_by if isinstance(rule, Detection | Correlation) else ()
