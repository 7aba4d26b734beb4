# SPDX-License-Identifier: Apache-2.0
"""Officials read Vietnamese, others English: a rule speaks both, and says what a non-expert does first."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem


def find(book: Book) -> Iterator[Problem]:
    """Every title, description or runbook that is missing in a language, and rules that name no false positives."""
    for rule in book.own():
        header = rule.header
        for name, texts in (("title", header.title), ("description", header.description), ("runbook", header.runbook)):
            for language, text in (("vi", texts.vi), ("en", texts.en)):
                if not text:
                    what = f"{header.name} has no {name} in {language}"
                    yield Problem(header.origin, what, f"add giamsat.{name}.{language}")
            if texts.vi and texts.vi == texts.en:
                what = f"the {name} of {header.name} is the same in both languages"
                yield Problem(header.origin, what, f"translate giamsat.{name}.vi")
        if not header.false_positives:
            yield Problem(header.origin, f"{header.name} names no false positives", "add falsepositives")
