# SPDX-License-Identifier: Apache-2.0
"""Evidence to states. Pure: the same evidence gives the same answer, and no evidence is never a good one.

"Nothing alarming" and "nothing arrived" are different answers: without data an obligation is unknown, not met.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from giamsat_collector.coverage.evidence import Attestation, HostEvidence, SystemEvidence
from giamsat_collector.coverage.sources import STEPS, Condition, is_packets
from giamsat_rules.obligation import Obligation, Proof
from giamsat_rules.rule import Texts

DAY_S: Final = 86_400.0
FLOWS_S: Final = 900.0
"""Sensors tell each minute who talked with whom; bulk data waits on a thin link."""
NAMED: Final = 3
"""Hosts named in a reason; of more the number is said."""


class State(StrEnum):
    """How an obligation stands, worst first."""

    UNMET = "unmet"
    UNKNOWN = "unknown"
    PARTLY = "partly"
    EQUIVALENT = "equivalent"
    EXEMPT = "exempt"
    MET = "met"


GOOD: Final = frozenset({State.MET, State.EQUIVALENT, State.EXEMPT})
SILENT: Final = Texts("chưa máy nào gửi dữ liệu", "no host has ever sent anything")
ENROL: Final = Texts(
    "Cấp mã ghi danh (giamsat-collector enrol issue) và cài agent trên các máy của hệ thống",
    "Issue a token (giamsat-collector enrol issue) and install the agent on the system's hosts",
)
"""The one thing to do where nothing ever arrived, whatever is owed."""


@dataclass(frozen=True, slots=True)
class Stepped(Texts):
    """A reason that has a next step of its own, whatever is owed."""

    step: Texts = field(default_factory=Texts)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one obligation of one system stands, and why."""

    obligation: Obligation
    clause: str
    state: State
    reason: Texts

    @property
    def step(self) -> Texts | None:
        """What is to be done next; None where nothing is."""
        if self.state in GOOD:
            return None
        if isinstance(self.reason, Stepped):
            return self.reason.step
        return ENROL if self.reason is SILENT else self.obligation.step


@dataclass(frozen=True, slots=True)
class SystemCoverage:
    """How a system stands: met when every obligation is, unknown when nothing arrived of it.

    `pack`, `profile` and `stranger` are those of its evidence.
    """

    system: str
    level: int
    state: State
    findings: tuple[Finding, ...]
    pack: str = ""
    profile: str = ""
    stranger: str = ""


Answer = tuple[State, Texts]
NOTHING_TO_JUDGE: Final[Answer] = (State.UNKNOWN, Texts("không có dữ liệu để đánh giá", "there is nothing to judge"))


def decide(obligations: Iterable[Obligation], evidence: SystemEvidence) -> SystemCoverage:
    """How a system stands now."""
    findings = tuple(
        Finding(one, one.clauses[evidence.level], *_answered(one, evidence))
        for one in obligations
        if evidence.level in one.clauses
    )
    states = {finding.state for finding in findings}
    if not findings or _nothing(evidence):
        state = State.UNKNOWN
    elif states <= GOOD:
        state = State.MET
    elif State.UNMET in states and not states & GOOD:
        state = State.UNMET
    else:
        state = State.PARTLY
    measured_by = (evidence.pack, evidence.profile, evidence.stranger)
    return SystemCoverage(evidence.system, evidence.level, state, findings, *measured_by)


def _answered(obligation: Obligation, evidence: SystemEvidence) -> Answer:
    attested = evidence.attested.get(obligation.id)
    if obligation.proof is Proof.ATTESTED:
        return _attested(attested) if attested else (State.UNKNOWN, Texts("chưa có văn bản", "no document yet"))
    found = _nothing(evidence) or _PROOFS[obligation.proof](obligation, evidence)
    if found[0] is State.MET:
        return _waived(obligation.proof, evidence) or found
    if found[0] not in GOOD and attested is not None and attested.state != State.MET:
        return _attested(attested)
    return found


def _nothing(evidence: SystemEvidence) -> Answer | None:
    """What to answer when nothing ever arrived: without data nothing is met."""
    if any(host.quiet_s is not None for host in evidence.hosts):
        return None
    return State.UNKNOWN, SILENT


def _attested(attested: Attestation) -> Answer:
    return State(attested.state), Texts(
        f"{attested.document}: {attested.text}, tới {attested.expires}",
        f"{attested.document}: {attested.text}, until {attested.expires}",
    )


def _waived(proof: Proof, evidence: SystemEvidence) -> Answer | None:
    """That it is met by less than the level asks for, which somebody signed; None when nobody did."""
    named = [one for one in evidence.eased if proof is Proof.RULES_JUDGED or one.name == _LIMITS.get(proof)]
    if not named:
        return None
    one, what = named[0], ", ".join(each.name for each in named[:NAMED]) + (" …" if len(named) > NAMED else "")
    return State.EXEMPT, Texts(
        f"{one.document}: nới {what}, tới {one.expires}", f"{one.document}: {what} eased, until {one.expires}"
    )


def _hosts(
    evidence: SystemEvidence, good: Callable[[HostEvidence], bool], bad: Callable[[list[HostEvidence]], Texts]
) -> Answer:
    """All hosts must be good; some are partly, none is unmet."""
    failing = [host for host in evidence.hosts if not good(host)]
    count = len(evidence.hosts)
    if not failing:
        return State.MET, Texts(f"{count} trên {count} máy", f"{count} of {count} hosts")
    return (State.UNMET if len(failing) == count else State.PARTLY), bad(failing)


def _names(hosts: list[HostEvidence]) -> str:
    named = ", ".join(host.name for host in hosts[:NAMED])
    return named if len(hosts) <= NAMED else f"{named} … ({len(hosts)})"


def _hosts_reporting(_: Obligation, evidence: SystemEvidence) -> Answer:
    return _hosts(
        evidence,
        lambda host: host.reports,
        lambda hosts: Texts(f"không gửi dữ liệu: {_names(hosts)}", f"not reporting: {_names(hosts)}"),
    )


def _logs_arriving(_: Obligation, evidence: SystemEvidence) -> Answer:
    def good(host: HostEvidence) -> bool:
        heard = any(age <= evidence.log_silent_s for age in host.logs.values())
        return host.reports and heard and not host.stopped and not _losing_logs(host)

    return _hosts(evidence, good, lambda hosts: _lacking_logs(hosts[:NAMED], _names(hosts)))


def _losing_logs(host: HostEvidence) -> list[str]:
    return [source for source in host.losing if not is_packets(source)]


def _lacking_logs(hosts: list[HostEvidence], names: str) -> Texts:
    """Why the logs of these hosts do not count: a source that stopped or loses is named."""
    stopped = ", ".join(f"{host.name} {source[:80]}" for host in hosts for source in host.stopped[:NAMED])
    losing = ", ".join(f"{host.name} {source[:80]}" for host in hosts for source in _losing_logs(host)[:NAMED])
    vi, en = [], []
    if stopped:
        vi.append(f"không đọc được nhật ký: {stopped}")
        en.append(f"a log cannot be read: {stopped}")
    if losing:
        vi.append(f"mất sự kiện trong giờ qua: {losing}")
        en.append(f"events were lost in the last hour: {losing}")
    if not vi:
        return Texts(f"không có nhật ký: {names}", f"no log arrives from: {names}")
    return Stepped("; ".join(vi), "; ".join(en), STEPS[Condition.STOPPED if stopped else Condition.LOSING])


def _clock_in_sync(_: Obligation, evidence: SystemEvidence) -> Answer:
    limit = evidence.offset_limit_s
    return _hosts(
        evidence,
        lambda host: host.reports and abs(host.offset_s) <= limit,
        lambda hosts: Texts(
            f"lệch quá {_comma(limit)} s hoặc không đo được: {_names(hosts)}",
            f"off by more than {limit:g} s, or not measured: {_names(hosts)}",
        ),
    )


def _packets_watched(_: Obligation, evidence: SystemEvidence) -> Answer:
    watching = [host for host in evidence.hosts if host.reports and host.captures]
    wholly = [host for host in watching if host.captures > host.thinned]
    seeing = [host for host in wholly if host.flows_s is not None and host.flows_s <= FLOWS_S]
    keeping = [host for host in seeing if not any(map(is_packets, host.losing))]
    if keeping:
        return State.MET, Texts(f"thấy luồng tại {_names(keeping)}", f"flows are seen at {_names(keeping)}")
    if seeing:
        return State.PARTLY, Stepped(
            f"mất sự kiện trong giờ qua: {_names(seeing)}",
            f"events were lost in the last hour: {_names(seeing)}",
            STEPS[Condition.LOSING],
        )
    if wholly:
        return State.PARTLY, Texts(
            f"bắt gói tại {_names(wholly)} nhưng 15 phút qua không báo luồng nào",
            f"packets are watched at {_names(wholly)}, but no flow was told for 15 minutes",
        )
    if watching:
        return State.PARTLY, Texts(
            f"máy thiếu bộ nhớ hoặc bộ xử lý nên chỉ xem một phần thời gian: {_names(watching)}",
            f"a part of the time only, for the host lacks memory or processor time: {_names(watching)}",
        )
    return State.UNMET, Texts("không máy nào bắt gói tin", "no host watches packets")


def _records_retained(obligation: Obligation, evidence: SystemEvidence) -> Answer:
    days = obligation.days[evidence.level]
    needed_s = min(days * DAY_S, evidence.watched_s)
    kept, watched = evidence.kept_s / DAY_S, evidence.watched_s / DAY_S
    said = Texts(
        f"bản ghi cũ nhất {kept:.1f} ngày, giám sát từ {watched:.1f} ngày, phải lưu {days} ngày".replace(".", ","),
        f"the oldest record is {kept:.1f} days old, watched for {watched:.1f} days, {days} days are owed",
    )
    return (State.MET if evidence.kept_s >= needed_s - DAY_S / 24 else State.UNMET), said


def _rules_judged(_: Obligation, evidence: SystemEvidence) -> Answer:
    if not any(host.reports for host in evidence.hosts):
        return NOTHING_TO_JUDGE
    if evidence.disabled:
        names = ", ".join(evidence.disabled[:NAMED])
        return State.PARTLY, Texts(f"quy tắc bị ngừng: {names}", f"rules are disabled: {names}")
    return State.MET, Texts("mọi quy tắc của cấp độ đang được xét", "every rule of the level is judged")


def _alerts_reviewed(obligation: Obligation, evidence: SystemEvidence) -> Answer:
    days = obligation.days[evidence.level]
    if evidence.waiting_s is None and not any(host.reports for host in evidence.hosts):
        return NOTHING_TO_JUDGE
    if evidence.waiting_s is None or evidence.waiting_s <= days * DAY_S:
        return State.MET, Texts("không có cảnh báo quá hạn", "no alert is overdue")
    waited = evidence.waiting_s / DAY_S
    return State.UNMET, Texts(
        f"có cảnh báo đã chờ {waited:.0f} ngày, hạn {days} ngày",
        f"an alert has waited for {waited:.0f} days, {days} are allowed",
    )


OFFSET: Final = "clock_offset_seconds"
LOG_SILENT: Final = "log_source_silent_after"
_LIMITS: Final = {Proof.CLOCK_IN_SYNC: OFFSET, Proof.LOGS_ARRIVING: LOG_SILENT}
"""The parameters by which what arrived is measured."""
_PROOFS: Final[Mapping[Proof, Callable[[Obligation, SystemEvidence], Answer]]] = {
    Proof.HOSTS_REPORTING: _hosts_reporting,
    Proof.LOGS_ARRIVING: _logs_arriving,
    Proof.CLOCK_IN_SYNC: _clock_in_sync,
    Proof.PACKETS_WATCHED: _packets_watched,
    Proof.RECORDS_RETAINED: _records_retained,
    Proof.RULES_JUDGED: _rules_judged,
    Proof.ALERTS_REVIEWED: _alerts_reviewed,
}


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")
