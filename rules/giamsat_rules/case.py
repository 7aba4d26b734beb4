# SPDX-License-Identifier: Apache-2.0
"""Cases: the evidence that a rule fires when it should and is silent when it nearly should.

    given: {event.action: user-login, event.outcome: failure}      fields of every event of this file
    fires:
      - why: five from one address
        level: 5                          1-5; unclassified when absent
        events: [{times: 5, every: 10s, source.ip: 192.0.2.7}]
        expect: {alerts: 1, count: 5, threshold: {ssh_failed_logins: 5}, cleared: 0, ended: 0, late: false}
    near_misses:                          the same, and nothing may be raised
      - {why: one less, level: 5, events: [{times: 4, every: 10s, source.ip: 192.0.2.7}]}

An event may say `after: 10m` (a pause before it), `late: true`, `clamped: true`; `{n}` in a text is its number, from 1.
Instead of events: `readings: [{times: 3, every: 15s, labels: {…}, values: {metric_name: 1.0}}]`, where
`grows: {metric_name: 60}` adds so much from each to the next; or `silence: [{agent: 91s, journald: 10s}]`: how long ago
each source was last heard of, one judgement each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_rules.document import Document
from giamsat_rules.engine import Engine
from giamsat_rules.errors import Origin, Problem
from giamsat_rules.language.quantity import quantity
from giamsat_rules.level import LevelPack
from giamsat_rules.rule import RuleSet
from giamsat_rules.verdict import Occurrence, Subject, Verdict
from giamsat_wire.catalogue import events as event_kinds
from giamsat_wire.record import FieldValue, Sample, SampleSet

START_NS: Final = 1_767_225_600 * 10**9
"""When every case begins: 2026-01-01 00:00 UTC."""
ASSET: Final = "host-1"
TIMES: Final = 10_000
"""The most repetitions of one event or reading."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come out: how many episodes were raised, and whatever else the case states (None: not stated)."""

    alerts: int
    count: int | None = None
    cleared: int | None = None
    ended: int | None = None
    late: bool | None = None
    threshold: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One story: what happened, at which level, and what the rule must say to it."""

    why: str
    level: int | None
    steps: tuple[Occurrence | SampleSet | Mapping[str, int], ...]
    expect: Expectation
    origin: Origin


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All cases of the rule named `rule`."""

    rule: str
    fires: tuple[Case, ...]
    near_misses: tuple[Case, ...]
    origin: Origin

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.fires) + len(self.near_misses)


def read_cases(document: Document, problems: list[Problem]) -> CaseFile:
    """Understand one file of cases; a case that cannot be understood is left out and noted."""
    rule = document.file.name.removesuffix(".cases.yml")
    unknown = document.value.keys() - {"given", "fires", "near_misses"}
    problems += [
        document.problem(f"{key} is not known", "use given, fires, near_misses", key) for key in sorted(unknown)
    ]
    fires = tuple(_section(document, "fires", 1, problems))
    near_misses = tuple(_section(document, "near_misses", 0, problems))
    return CaseFile(rule, fires, near_misses, document.at())


def _section(document: Document, section: str, alerts: int, problems: list[Problem]) -> Iterator[Case]:
    stories = document.value.get(section) or []
    if not isinstance(stories, list):
        problems.append(document.problem(f"{section} is not a list", "begin each case with `- why:`", section))
        return
    for index, story in enumerate(stories):
        try:
            yield _case(_mapped(document.value.get("given")), _mapped(story), alerts, document.at(section, index))
        except (TypeError, ValueError, KeyError) as error:
            what = f"this case cannot be understood: {error}"
            problems.append(document.problem(what, "compare it with a shipped case", section, index))


def _mapped(said: object) -> dict[str, object]:
    if said is not None and not isinstance(said, dict):
        raise TypeError(f"{said!r} is not a map")
    return dict(said or {})


def failure(case: Case, rule: str, engine: Engine) -> str | None:
    """Why the case fails on a fresh engine; None when the rule says exactly what is expected."""
    verdicts = [verdict for verdict in judged(case, engine) if verdict.rule == rule]
    if rule in engine.counters.disabled:
        return f"the rule is disabled: {engine.counters.disabled[rule]}"
    raised = [verdict for verdict in verdicts if verdict.change == "raised"]
    groups = [verdict.group for verdict in raised]
    found = Expectation(
        alerts=len(raised),
        count=sum(verdict.count for verdict in verdicts),
        cleared=sum(verdict.change == "cleared" for verdict in verdicts),
        # An end of what was never told of ends nothing.
        ended=sum(verdict.change == "ended" and verdict.group in groups for verdict in verdicts),
        late=any(verdict.late for verdict in verdicts),
        threshold=raised[0].threshold if raised else {},
    )
    for name in ("alerts", "count", "cleared", "ended", "late", "threshold"):
        wanted, got = getattr(case.expect, name), getattr(found, name)
        if wanted is not None and wanted != got:
            return f"expected {name} {wanted}, got {got}"
    return None


def strays(rules: RuleSet, files: Iterable[CaseFile]) -> Iterator[str]:
    """Every file whose rule is not there, with what to do."""
    for file in files:
        if file.rule not in rules.rules:
            yield f"{file.origin}: there is no rule {file.rule} that can be judged; name the file as its rule"


def failures(rules: RuleSet, pack: LevelPack, files: Iterable[CaseFile]) -> Iterator[str]:
    """Every case that fails, with its place, why, and what to do; of files whose rule is there."""
    for file in files:
        if file.rule not in rules.rules:
            continue
        alone = rules.alone(file.rule)
        for case in (*file.fires, *file.near_misses):
            why = failure(case, file.rule, Engine(alone, pack))
            if why:
                yield f"{case.origin}: {case.why}: {why}; correct the rule, the level pack or the case"


def judged(case: Case, engine: Engine) -> Iterator[Verdict]:
    """Everything the engine says to the case."""
    subject = Subject(ASSET, case.level)
    for step in case.steps:
        match step:
            case Occurrence():
                yield from engine.judge(step)
            case SampleSet():
                yield from engine.judge_samples(subject, step)
            case _:
                yield from engine.judge_presence(subject, {k: START_NS - ago for k, ago in step.items()}, START_NS)
    yield from engine.settle()


def _case(given: dict[str, object], story: dict[str, object], alerts: int, origin: Origin) -> Case:
    level = story.get("level")
    subject = Subject(ASSET, int(str(level)) if level is not None else None)
    steps: list[Occurrence | SampleSet | Mapping[str, int]] = []
    steps += _events(given, _maps(story, "events"), subject)
    steps += _readings(given, _maps(story, "readings"))
    steps += [{str(source): _ns(ago) for source, ago in said.items()} for said in _maps(story, "silence")]
    if not steps or "why" not in story:
        raise ValueError("it needs why, and events, readings or silence")
    if unknown := story.keys() - {"why", "level", "events", "readings", "silence", "expect"}:
        raise ValueError(f"{', '.join(sorted(unknown))} is not known")
    expect = Expectation(**({"alerts": alerts} | _mapped(story.get("expect"))))  # type: ignore[arg-type]  # compared, not computed with
    return Case(str(story["why"]), subject.level, tuple(steps), expect, origin)


def _maps(story: Mapping[str, object], key: str) -> list[dict[str, object]]:
    said = story.get(key) or []
    if not isinstance(said, list):
        raise TypeError(f"{key} is not a list")
    return [_mapped(each) for each in said]


def _events(given: dict[str, object], said: list[dict[str, object]], subject: Subject) -> Iterator[Occurrence]:
    now_ns, number = START_NS, 0
    for line in said:
        fields = given | line
        times, every_ns = _repetition(fields)
        late, clamped = fields.pop("late", False) is True, fields.pop("clamped", False) is True
        now_ns += _ns(fields.pop("after", 0))
        for repetition in range(times):
            number += 1
            now_ns += every_ns if repetition else 0
            yield Occurrence(subject, now_ns, _fields(fields, number), late=late, clamped=clamped, ref=number)


def _fields(said: Mapping[str, object], number: int) -> dict[str, FieldValue]:
    """An event's fields; its category and type come from the catalogue of event kinds, as they do from an agent."""
    fields: dict[str, FieldValue] = {}
    kind = event_kinds().get(str(said.get("event.action")))
    if kind:
        fields |= {"event.category": kind.category, "event.type": kind.type}
    for name, value in said.items():
        if isinstance(value, list):
            fields[name] = tuple(str(each) for each in value)
        elif isinstance(value, str):
            fields[name] = value.replace("{n}", str(number))
        elif isinstance(value, bool | int | float):
            fields[name] = value
        elif value is not None:
            raise ValueError(f"the field {name} is {value!r}")
    return fields


def _readings(given: dict[str, object], said: list[dict[str, object]]) -> Iterator[SampleSet]:
    now_ns, begun = START_NS, False
    for line in said:
        fields = given | line
        times, every_ns = _repetition(fields)
        now_ns += _ns(fields.pop("after", 0))
        for repetition in range(times):
            now_ns += every_ns if begun else 0
            begun = True
            yield SampleSet(now_ns, now_ns, tuple(_samples(fields, repetition)))


def _samples(said: Mapping[str, object], repetition: int) -> Iterator[Sample]:
    grows = _mapped(said.get("grows"))
    labels = tuple(sorted((name, str(value)) for name, value in _mapped(said.get("labels")).items()))
    for name, value in _mapped(said["values"]).items():
        yield Sample(name, float(str(value)) + repetition * float(str(grows.get(name, 0))), labels)


def _repetition(fields: dict[str, object]) -> tuple[int, int]:
    times = int(str(fields.pop("times", 1)))
    if not 1 <= times <= TIMES:
        raise ValueError(f"times is {times}, not between 1 and {TIMES}")
    return times, _ns(fields.pop("every", 0))


def _ns(said: object) -> int:
    seconds = quantity(said)
    if not isinstance(seconds, float):
        raise ValueError(f"{said!r} is not a time such as 10s or 5m")  # noqa: TRY004 - a value of the case, not a type of ours
    return int(seconds * 10**9)
