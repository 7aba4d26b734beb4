# SPDX-License-Identifier: Apache-2.0
"""Keeps one rule's fault from the others: a rule that raises, or takes too much of the engine's time, is disabled.

Time is a bucket: a rule may use `SHARE` of what passes, and `BURST_NS` at once. What passes while it judges is quick to
read and says too much of a machine that is busy, where rules wait as well: a rule over its bucket begins anew, held to
what its thread computes, and is disabled when that overflows too. To ask for that takes longer than most judgements:
who owes nothing any more after `SUSPECTED_NS` is trusted again. One judgement counts at most `MOST_NS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar, TypeVarTuple

from giamsat_wire.clock import computed_ns

SHARE: Final = 0.1
BURST_NS: Final = 1_000_000_000
MOST_NS: Final = 100_000_000
SUSPECTED_NS: Final = 10_000_000_000
NEGLIGIBLE_NS: Final = 10_000
"""What one judgement may take without being counted."""

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timing:
    """What a rule's time is read from, in ns: what has passed, and what the thread that asks has computed."""

    passed: Callable[[], int]
    computed: Callable[[], int] = computed_ns


UNTIMED: Final = Timing(passed=int, computed=int)
"""Time stands still, and the same input always gives the same output."""


@dataclass(slots=True)
class Guard:
    """Runs judgements; `disabled` names the rules that are judged no more, and why."""

    timing: Timing = UNTIMED
    disabled: dict[str, str] = field(default_factory=dict)
    _suspected: dict[str, int] = field(default_factory=dict)
    _spent: dict[str, tuple[float, int]] = field(default_factory=dict)

    def run(self, rule: str, judge: Callable[[*Ts], T], *args: *Ts) -> T | None:
        """What `judge` says to its arguments; None, now and from now on, once the rule is disabled."""
        if rule in self.disabled:
            return None
        read = self._read(rule) if rule in self._suspected else self.timing.passed
        began_ns = read()
        try:
            said = judge(*args)
        except Exception as error:  # noqa: BLE001 - one rule's fault must not stop the others; it is counted and shown
            self.disabled[rule] = f"{type(error).__name__}: {error}"
            return None
        cost_ns = read() - began_ns
        if cost_ns > NEGLIGIBLE_NS:
            self._account(rule, cost_ns, self.timing.passed())
        return said

    def _read(self, rule: str) -> Callable[[], int]:
        """What the time of a rule that is suspected is read from."""
        now_ns = self.timing.passed()
        if now_ns >= self._suspected[rule]:
            spent_ns, at_ns = self._spent[rule]
            if spent_ns <= SHARE * (now_ns - at_ns):
                del self._suspected[rule]
                return self.timing.passed
            self._suspected[rule] = now_ns + SUSPECTED_NS
        return self.timing.computed

    def _account(self, rule: str, cost_ns: int, now_ns: int) -> None:
        spent_ns, at_ns = self._spent.get(rule, (0.0, now_ns))
        spent_ns = max(0.0, spent_ns - SHARE * (now_ns - at_ns)) + min(cost_ns, MOST_NS)
        if spent_ns > BURST_NS and rule in self._suspected:
            self.disabled[rule] = f"it used more than {SHARE:.0%} of the engine's time; write it with fewer wildcards"
        elif spent_ns > BURST_NS:
            self._suspected[rule], spent_ns = now_ns + SUSPECTED_NS, 0.0
        self._spent[rule] = (spent_ns, now_ns)
