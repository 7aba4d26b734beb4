# SPDX-License-Identifier: Apache-2.0
"""What the page of one system prints: every obligation, how it stands, and what that is told from."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.coverage import CoverageRow
from giamsat_collector.coverage.decide import Finding, State, SystemCoverage
from giamsat_collector.registry.record import System
from giamsat_rules.obligation import Mode
from giamsat_rules.rule import Texts

STATES: Final = {
    State.UNMET: "chưa đạt",
    State.UNKNOWN: "chưa có dữ liệu",
    State.PARTLY: "đạt một phần",
    State.EQUIVALENT: "đạt bằng biện pháp tương đương",
    State.EXEMPT: "được miễn",
    State.MET: "đạt",
}
MODES: Final = {
    Mode.AUTOMATED: "tự động, từ dữ liệu đã nhận",
    Mode.PARTIAL: "tự động một phần",
    Mode.ATTESTED: "xác nhận bằng văn bản",
}
_WORST: Final = list(STATES)
COVERED: Final = {State.EQUIVALENT: "met", State.EXEMPT: "met"}
"""The class that marks what counts as met."""


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """One obligation: its clause, its state and why, how and from what that is told, and the step that is due."""

    title: str
    id: str
    clause: str
    state: str
    state_code: str
    reason: str
    mode: str
    evidence: tuple[str, ...]
    step: str

    @classmethod
    def of(cls, found: Finding, reader: Reader) -> "ObligationRow":
        """An obligation as it looks to a reader."""
        owed = found.obligation
        return cls(
            title=_text(owed.title, reader),
            id=owed.id,
            clause=found.clause,
            state=reader.text(STATES[found.state]),
            state_code=COVERED.get(found.state, found.state.value),
            reason=words.visible(_text(found.reason, reader)),
            mode=reader.text(MODES[owed.mode]),
            evidence=tuple(_text(one, reader) for one in owed.evidence),
            step=_text(found.step, reader) if found.step else "",
        )


@dataclass(frozen=True, slots=True)
class SystemView:
    """A system as the list of all of them shows it, its profile by hash, and its obligations, the worst first."""

    row: CoverageRow
    profile: str
    obligations: tuple[ObligationRow, ...]
    refresh: str

    @classmethod
    def of(cls, found: SystemCoverage, system: System, unit: str, reader: Reader) -> "SystemView":
        """A system as it looks to a reader."""
        row = CoverageRow.of(found, system, unit, reader)
        owed = sorted(found.findings, key=lambda one: _WORST.index(one.state))
        return cls(row, found.profile, tuple(ObligationRow.of(one, reader) for one in owed), row.address)


def _text(texts: Texts, reader: Reader) -> str:
    return reader.choice(texts.vi, texts.en)
