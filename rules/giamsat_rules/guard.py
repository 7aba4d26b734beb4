# SPDX-License-Identifier: Apache-2.0
"""Keeps one rule's fault from the others: a rule that raises, or takes too much of the engine's time, is disabled.

Time is a bucket: a rule may use `SHARE` of what passes, and `BURST_NS` at once. One judgement counts at most `MOST_NS`,
so that a machine that pauses while a rule happens to be running does not cost it its place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar, TypeVarTuple

SHARE: Final = 0.1
BURST_NS: Final = 1_000_000_000
MOST_NS: Final = 100_000_000
NEGLIGIBLE_NS: Final = 10_000
"""What one judgement may take without being counted."""

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


@dataclass(slots=True)
class Guard:
    """Runs judgements; `disabled` names the rules that are judged no more, and why.

    `mono_ns` measures their time; without it nothing is measured, and the same input always gives the same output.
    """

    mono_ns: Callable[[], int] | None = None
    disabled: dict[str, str] = field(default_factory=dict)
    _spent: dict[str, tuple[float, int]] = field(default_factory=dict)

    def run(self, rule: str, judge: Callable[[*Ts], T], *args: *Ts) -> T | None:
        """What `judge` says to its arguments; None, now and from now on, once the rule is disabled."""
        if rule in self.disabled:
            return None
        began_ns = self.mono_ns() if self.mono_ns else 0
        try:
            said = judge(*args)
        except Exception as error:  # noqa: BLE001 - one rule's fault must not stop the others; it is counted and shown
            self.disabled[rule] = f"{type(error).__name__}: {error}"
            return None
        if self.mono_ns:
            now_ns = self.mono_ns()
            if now_ns - began_ns > NEGLIGIBLE_NS:
                self._account(rule, now_ns - began_ns, now_ns)
        return said

    def _account(self, rule: str, cost_ns: int, now_ns: int) -> None:
        spent_ns, at_ns = self._spent.get(rule, (0.0, now_ns))
        spent_ns = max(0.0, spent_ns - SHARE * (now_ns - at_ns)) + min(cost_ns, MOST_NS)
        self._spent[rule] = (spent_ns, now_ns)
        if spent_ns > BURST_NS:
            self.disabled[rule] = f"it used more than {SHARE:.0%} of the engine's time; write it with fewer wildcards"
