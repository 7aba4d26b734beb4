# SPDX-License-Identifier: Apache-2.0
"""The engine: events, readings and signs of life in, verdicts out.

The same code judges live, in replay and in `giamsat-rules test`. It does no I/O and reads no clock of its own; the same
inputs in the same order give the same verdicts. A rule that raises or takes too long is disabled, all others go on. An
engine is a value: another set of rules is another engine, which may `remember` what the one before it did.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from giamsat_rules import correlate
from giamsat_rules.absence import NOTHING, silent
from giamsat_rules.applicability import unfit
from giamsat_rules.behind import standing
from giamsat_rules.correlate import Advance, Groups, alike
from giamsat_rules.counters import Counters
from giamsat_rules.guard import UNTIMED, Guard, Timing
from giamsat_rules.history import Memory
from giamsat_rules.index.index import Index
from giamsat_rules.level import Profile
from giamsat_rules.profile_lookup import ProfileLookup
from giamsat_rules.readings import metric
from giamsat_rules.readings.held import Held, last_of, passed_over, settle
from giamsat_rules.readings.metric import Holding, Series
from giamsat_rules.readings.state import Assets, Last, grouped
from giamsat_rules.readings.watch import Watch, Watches
from giamsat_rules.rule import AbsenceRule, Correlation, Detection, Fields, MetricRule, Rule, RuleSet
from giamsat_rules.scanner import Scanning
from giamsat_rules.scanners import fastest
from giamsat_rules.suppression import Suppressions
from giamsat_rules.telling import Found, told
from giamsat_rules.verdict import TIME, Change, Occurrence, Standing, Subject, Verdict
from giamsat_rules.verdict_builder import ended, from_event, from_occurrences
from giamsat_wire.record import Columns, SampleSet
from giamsat_wire.record import Series as Key

DEEP: Final = 8
"""Correlations of correlations are followed this far."""


class Engine:
    """Judges what happens on assets by a set of rules; `yardstick` says which numbers count for whom.

    By `timing` each rule's time is measured; without it none is disabled for its time. `scanning` is how literals
    are looked for, by default the fastest way of this machine; all of them give the same verdicts.
    """

    def __init__(
        self,
        rules: RuleSet,
        yardstick: ProfileLookup,
        *,
        timing: Timing = UNTIMED,
        scanning: Scanning | None = None,
        suppressions: Suppressions | None = None,
    ) -> None:
        self._guard = Guard(timing)
        self.suppressions = suppressions or Suppressions()
        self.counters = Counters(self._guard.disabled)
        self._yardstick = yardstick
        everything = rules.rules.values()
        detections = tuple(rule for rule in everything if isinstance(rule, Detection))
        self._detections = Index(detections, scanning or fastest())
        self._ended = dict(ended(detections))
        self._timed = frozenset(rule.header.name for rule in detections if TIME in rule.fields)
        self._memories = {rule.header.name: Memory(rule.history) for rule in detections if rule.history}
        self._metrics = tuple(rule for rule in everything if isinstance(rule, MetricRule))
        self._watches = Watches(self._metrics, self._guard)
        self.absences = tuple(rule for rule in everything if isinstance(rule, AbsenceRule))
        self._groups = {rule.header.name: Groups(rule) for rule in everything if isinstance(rule, Correlation)}
        self._closing = tuple(groups for groups in self._groups.values() if groups.rule.closing)
        self._built_on: dict[str, list[Groups]] = {}
        for groups in self._groups.values():
            for name in dict.fromkeys(groups.rule.rules):
                self._built_on.setdefault(name, []).append(groups)
        self._assets = Assets()
        self.behind = standing({rule.header.name: rule.header.behind for rule in everything})
        for rule in everything:
            self._refuse_unfit(rule)

    @property
    def evicted(self) -> Mapping[str, int]:
        """What each rule had to forget before its time: groups, values, late events; and assets as `assets`."""
        counts = {name: groups.evicted + groups.spans.missed for name, groups in self._groups.items()}
        counts |= {name: memory.evicted for name, memory in self._memories.items()}
        return {name: count for name, count in (counts | {"assets": self._assets.evicted}).items() if count}

    @property
    def metric_names(self) -> frozenset[str]:
        """The metrics that rules look at; `judge_samples` needs no others."""
        divisors = {rule.per for rule in self._metrics if rule.per is not None}
        return frozenset(divisors.union(*(rule.metrics for rule in self._metrics)))

    @property
    def reach_ns(self) -> int:
        """How far back occurrences still matter: judging those anew after a restart rebuilds every window."""
        judged = [groups.rule for name, groups in self._groups.items() if name not in self.counters.disabled]
        return correlate.reach_ns(judged, self._yardstick.most)

    @property
    def readings_reach_ns(self) -> int:
        """How far back readings still matter."""
        return metric.reach_ns(self._metrics, self._yardstick.most)

    def judge(self, occurrence: Occurrence) -> tuple[Verdict, ...]:
        """Every verdict an event brings. One whose time is not to be believed brings none."""
        if occurrence.clamped:
            self.counters.clamped += 1
            return ()
        verdicts: list[Verdict] = []
        for groups in self._closing:
            verdicts += self._settled(groups, occurrence.subject.asset, occurrence.at_ns)
        if not (candidates := self._detections.candidates(occurrence.fields)):
            return tuple(verdicts)
        profile = self._profile_of(occurrence)
        for rule, holds in candidates:
            name = rule.header.name
            fields = occurrence.timed if name in self._timed else occurrence.fields
            if not self._guard.run(name, holds, fields):
                continue
            if (rule.filters and self._hidden(rule, occurrence)) or self._suppressed(name, occurrence):
                continue
            memory = self._memories.get(name)
            if memory and not self._guard.run(name, memory.is_new, occurrence, profile):
                continue
            says, change = self._ended.get(name, (rule, "raised"))
            if not says.silent and profile.judges(says.header.name):
                group = _group(rule, occurrence.fields) if rule.group_by else {}
                verdicts.append(from_event(says, profile, occurrence, group=group, change=change))
            if name in self._built_on:
                verdicts += self._correlated(name, (occurrence,), profile)
        return tuple(verdicts)

    def settle(self, now_ns: int | None = None) -> tuple[Verdict, ...]:
        """Judge spans that are over at `now_ns` although no further event of their asset came; no time: all spans."""
        return tuple(verdict for groups in self._closing for verdict in self._settled(groups, None, now_ns))

    def judge_samples(self, subject: Subject, samples: SampleSet | Columns) -> tuple[Verdict, ...]:
        """Every verdict a reading of a host brings: raised once per series, cleared when no series meets the rule."""
        watch = self.watching(subject, samples.series, samples.wall_ns)
        return tuple(self._met(subject, Last(samples.wall_ns, Series(samples.values, watch.layout), watch)))

    def judge_held(self, held: Held, first: int, until: int) -> Iterator[Verdict]:
        """The same of readings from `first` on, but not `until`; those that change nothing are passed over."""
        subject = held.subject
        while (first := passed_over(self._assets.of(subject.asset), held, first, until)) < until:
            state = self._assets.of(subject.asset)
            yield from self._met(subject, last_of(held, first, state.last))
            settle(state)
            first += 1

    def watching(self, subject: Subject, series: tuple[Key, ...], at_ns: int) -> Watch:
        """What readings of these series are watched by."""
        last = self._assets.of(subject.asset).last
        return self._watches.of(series, self._yardstick.profile_of(subject, at_ns), last.watch if last else None)

    def watches_all(self, watch: Watch, subject: Subject, times: Iterable[int]) -> bool:
        """Whether what readings at one time are watched by does for those at others, too."""
        profiles = [self._yardstick.profile_of(subject, at_ns) for at_ns in times]
        return all(profile is watch.profile for profile in profiles)

    def last_ns(self, asset: str) -> int:
        """When the last reading of an asset was taken; 0 where there was none."""
        last = self._assets.of(asset).last
        return last.at_ns if last else 0

    def _met(self, subject: Subject, now: Last) -> Iterator[Verdict]:
        """What a reading brings, which is the asset's last from now on."""
        state, watch, now_ns = self._assets.of(subject.asset), now.watch, now.at_ns
        last, state.last = state.last, now
        earlier = last.earlier(now_ns) if last else None
        for rule in watch.due(now.series, now_ns, earlier, state.standing):
            name = rule.header.name
            holding = state.holding.get(name) or Holding()
            known = earlier if last and name in last.watch.numbers else None
            readings = self._guard.run(name, holding.take, rule, watch.profile, now.series, now_ns, known)
            state.hold(name, holding)
            groups = {grouped(dict(reading.labels)): reading for reading in readings or ()}
            if readings is not None and not state.stands(name, groups.keys()):
                found = {group: (reading.since_ns, reading.evidence) for group, reading in groups.items()}
                yield from self._told(rule, watch.profile, subject, found, now_ns)

    def judge_presence(
        self, subject: Subject, last_seen: Mapping[str, int], now_ns: int, about: Fields = NOTHING
    ) -> tuple[Verdict, ...]:
        """Every verdict that silence brings: `last_seen` as absence.silent takes it; `about` is further evidence."""
        profile = self._yardstick.profile_of(subject, now_ns)
        verdicts: list[Verdict] = []
        for rule in (one for one in self.absences if profile.judges(one.header.name)):
            sources = self._guard.run(rule.header.name, silent, rule, profile, last_seen, now_ns)
            if sources is None:
                continue
            found = {grouped({"source": one}): (at_ns, {**about, "source": one}) for one, at_ns in sources.items()}
            verdicts += self._told(rule, profile, subject, found, now_ns)
        return tuple(verdicts)

    def resume(self, subject: Subject, rule: str, standing: Iterable[Standing]) -> None:
        """After a restart, take an alert's groups as raised: what goes on is continued, not raised a second time.

        Readings and silence clear as they would have. An episode of events that the level still judges goes on from its
        first to its last event, however long ago it began.
        """
        if (groups := self._groups.get(rule)) is None:
            self._assets.of(subject.asset).resume(rule, tuple(standing), self._metrics)
            return
        for each in standing:
            groups.resume(subject.asset, each, self._yardstick.profile_of(subject, each.last_ns))

    @property
    def memory(self) -> tuple[Assets, Mapping[str, Groups], Mapping[str, Memory]]:
        """All there is to remember: of each asset, of each correlation, and what was seen by rules on what is new."""
        return self._assets, self._groups, self._memories

    def remember(self, before: "Engine") -> None:
        """Go on with what another engine remembers about rules whose version did not change, instead of it."""
        self.suppressions = before.suppressions
        self._assets, before_groups, before_memories = before.memory
        for name, groups in before_groups.items():
            ours = self._groups.get(name)
            if ours and alike(ours.rule, groups.rule):
                ours.windows, ours.spans, ours.waiting = groups.windows, groups.spans, groups.waiting
        for name, memory in before_memories.items():
            kept = self._memories.get(name)
            if kept and kept.history == memory.history:
                kept.seen, kept.since, kept.sizes, kept.count = memory.seen, memory.since, memory.sizes, memory.count

    def _hidden(self, rule: Detection, occurrence: Occurrence) -> bool:
        """Whether a filter that is in force keeps the event from the rule."""
        for each in rule.filters:
            if each.until_ns is not None and occurrence.at_ns >= each.until_ns:
                continue
            if self._guard.run(each.header.name, each.matches, occurrence.timed) is False:
                self.counters.hide(each.header.name)
                return True
        return False

    def _suppressed(self, name: str, each: Occurrence) -> bool:
        """Whether people have agreed to hide this from the rule; it is counted."""
        if not self.suppressions.every:
            return False
        hidden = self.suppressions.hiding(name, each.subject, each.timed, each.at_ns, self._guard.run)
        if hidden is not None:
            self.suppressions.hidden[hidden] += 1
        return hidden is not None

    def _told(
        self, rule: MetricRule | AbsenceRule, profile: Profile, subject: Subject, found: Found, now_ns: int
    ) -> Iterator[Verdict]:
        state, holds = self._assets.of(subject.asset), self._guard.run
        return told(rule, profile, subject, found, now_ns, state=state, suppressions=self.suppressions, holds=holds)

    def _correlated(
        self, source: str, occurrences: tuple[Occurrence, ...], profile: Profile, depth: int = 0
    ) -> Iterator[Verdict]:
        """Feed what met the rule `source` to every correlation built on it."""
        for groups in self._built_on.get(source, ()) if depth < DEEP else ():
            rule = groups.rule
            if not rule.silent and not profile.judges(rule.header.name):
                continue
            if self._suppressed(rule.header.name, occurrences[-1]):
                continue
            advance = self._guard.run(rule.header.name, groups.take, source, occurrences, profile)
            if advance is not None:
                yield from self._advanced(rule, advance, profile, depth)

    def _settled(self, groups: Groups, asset: str | None, now_ns: int | None) -> Iterator[Verdict]:
        """What has come of spans that are over."""
        rule = groups.rule
        settled = partial(groups.settle, asset, now_ns, self._profile_of)
        for advance in self._guard.run(rule.header.name, lambda: tuple(settled())) or ():
            yield from self._advanced(rule, advance, self._profile_of(advance.occurrences[-1]), 0)

    def _advanced(self, rule: Correlation, advance: Advance, profile: Profile, depth: int) -> Iterator[Verdict]:
        """Tell of a correlation, and feed it to those built on it."""
        if not rule.silent:
            change: Change = "raised" if advance.step.begun else "continued"
            yield from_occurrences(rule, profile, advance.occurrences, group=advance.group, change=change)
        yield from self._correlated(rule.header.name, advance.occurrences, profile, depth + 1)

    def _profile_of(self, occurrence: Occurrence) -> Profile:
        return self._yardstick.profile_of(occurrence.subject, occurrence.at_ns)

    def _refuse_unfit(self, rule: Rule) -> None:
        """Disable a rule that a profile could not judge."""
        for profile in self._yardstick.every():
            why = unfit(rule, profile)
            if why is not None:
                self.counters.disabled[rule.header.name] = f"level {profile.level} of {profile.pack} {why}"


def _group(rule: Detection, fields: Fields) -> dict[str, str]:
    return {name: str(fields[name]) for name in rule.group_by if name in fields}
