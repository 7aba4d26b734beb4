# SPDX-License-Identifier: Apache-2.0
"""The one rulebook in force, and its exchange for another between two frames."""

from collections.abc import Mapping

from giamsat_collector.judge import Judge
from giamsat_collector.rulebook.rulebook import Rulebook
from giamsat_rules.engine import Engine
from giamsat_rules.rule import Header
from giamsat_rules.suppression import Suppressions


class InForce:
    """Holds the rulebook that judges; whoever needs a rule, a level or an obligation asks here, each time anew.

    `number` is its place on the shelf; 0: the configuration names it.
    """

    def __init__(self, book: Rulebook, judge: Judge, number: int = 0) -> None:
        self.book, self.number = book, number
        self._judge = judge

    @property
    def disabled(self) -> Mapping[str, str]:
        """The rules that are judged no more, and why."""
        return self._judge.engine.counters.disabled

    @property
    def suppressions(self) -> Suppressions:
        """What people have agreed to hide, which outlives every exchange of rules."""
        return self._judge.engine.suppressions

    def header(self, name: str) -> Header | None:
        """What a rule says of itself; None when it is not in force."""
        rule = self.book.rules.rules.get(name)
        return rule.header if rule else None

    def follow(self, book: Rulebook, engine: Engine, number: int) -> None:
        """Judge by another rulebook from the next frame on; `engine` was made of it.

        What the rules before remember goes on where the rule is the same. It takes microseconds: the engine was made
        elsewhere, so no frame waits for it.
        """
        self._judge.follow(engine)
        self.book, self.number = book, number
