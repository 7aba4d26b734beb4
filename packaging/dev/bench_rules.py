# SPDX-License-Identifier: Apache-2.0
"""What judging costs: loading many rules, then events a second on ordinary traffic, in an attack and against stuffing.

The rules are those shipped, and variations in the shape of the public Sigma collection (lists of contents, prefixes and
suffixes, `all`, exclusions, event numbers, a few expressions and keywords) over words of their own. The events are as
servers, web servers, resolvers and firewalls of a unit give them. Filtered hits are compared with unfiltered ones on a
sample. The same rules are run by pySigma's SQLite backend where it is installed, or in the folder --backend. Garbage is
looked for as seldom as in a collector, whose libraries are loaded only once the memory of the rules is told.

--events FILE measures on recorded events instead of the ordinary ones (as `giamsat-agent logs read --json` gives them).
"""

import argparse
import gc
import itertools
import json
import re
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final

from rule_traffic import Event, Words, ordinary, stuffed, varied

from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.judge import Judge
from giamsat_collector.judged_batch import SLICE
from giamsat_rules.engine import Engine
from giamsat_rules.evaluate import read_line
from giamsat_rules.guard import Timing
from giamsat_rules.level import LevelPack
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.rule import Detection, Rule, RuleSet
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire import record
from giamsat_wire.clock import SystemClock
from giamsat_wire.codec import encode_happenings
from giamsat_wire.lane import Lane

HOSTS: Final = tuple(Subject(f"host-{number}", 1 + number % 5) for number in range(500))
STEP_NS: Final = 10**6
"""Between two events of the whole province."""
LEAST_SECONDS: Final = 3.0
PER_FRAME: Final = 20


def rate(rules: RuleSet, pack: LevelPack, events: Sequence[Event]) -> tuple[float, int]:
    """Events judged a second, and how many verdicts there were."""
    engine, at, verdicts = Engine(rules, pack, timing=Timing(time.perf_counter_ns)), 0, 0
    # Rules stay, and are looked through for cycles no more: so does the collector when it has started.
    gc.collect()
    gc.freeze()
    began = time.process_time()
    while time.process_time() - began < LEAST_SECONDS:
        for event in events:
            at += 1
            verdicts += len(engine.judge(Occurrence(HOSTS[at % len(HOSTS)], at * STEP_NS, event)))
    if engine.counters.disabled:
        raise SystemExit(f"bench-rules: rules were disabled: {engine.counters.disabled}")
    return at / (time.process_time() - began), verdicts


class Places:
    """Where the hosts of the bench stand."""

    def __init__(self) -> None:
        self._subjects = {host.asset: host for host in HOSTS}

    def subject(self, asset: str, _at_ns: int | None = None) -> Subject:
        """The host of this name."""
        return self._subjects[asset]


def off_the_wire(rules: RuleSet, pack: LevelPack, events: Sequence[Event]) -> float:
    """Events a second on all of the collector's way from a stored frame of 20 events to verdicts."""
    engine, clock = Engine(rules, pack, timing=Timing(time.perf_counter_ns)), SystemClock()
    judge, frames = Judge(engine, Places(), HostPages(), Fleet(clock)), list(stored(events, clock.wall_ns()))
    gc.collect()
    gc.freeze()
    judged, began = 0, time.process_time()
    while time.process_time() - began < LEAST_SECONDS:
        for at in range(0, len(frames), SLICE):
            said = judge.frames(frames[at : at + SLICE])
            judged += PER_FRAME * len(said)
            if any(one.poison for one in said):
                raise SystemExit("bench-rules: a frame was poison")
    return judged / (time.process_time() - began)


def stored(events: Sequence[Event], now_ns: int) -> Iterator[StoredFrame]:
    """The events as agents send them and the collector keeps them."""
    for number, at in enumerate(range(0, len(events), PER_FRAME)):
        sent = [
            record.Event(str(event.get("event.action", "log-line")), now_ns + (at + index) * STEP_NS, 0, event)
            for index, event in enumerate(events[at : at + PER_FRAME])
        ]
        host = HOSTS[number % len(HOSTS)].asset
        for frame in encode_happenings(sent):
            yield StoredFrame(number, host, 1, Lane.EVENT, number, int(frame.flags), now_ns, 0, frame.payload)


def unfiltered(rules: RuleSet) -> RuleSet:
    """The same rules with nothing by which an index could leave one out: each is asked whole."""
    return replace(rules, rules={name: _bare(rule) for name, rule in rules.rules.items()})


def _bare(rule: Rule) -> Rule:
    if not isinstance(rule, Detection):
        return rule
    return replace(rule, anchor=None, narrowings=(), told=frozenset(), proof=None)


def same_hits(rules: RuleSet, pack: LevelPack, events: Sequence[Event]) -> None:
    """End the bench where the prefilter changes a verdict."""
    filtered, whole = Engine(rules, pack), Engine(unfiltered(rules), pack)
    for at, event in enumerate(events):
        occurrence = Occurrence(HOSTS[0], at * STEP_NS, event)
        if filtered.judge(occurrence) != whole.judge(occurrence):
            raise SystemExit(f"bench-rules: the prefilter changes what is found in {event}")


def by_sqlite(folder: Path, events: Sequence[Event], backend: str | None) -> float | None:
    """Events a second of pySigma's SQLite backend: one table, one query a rule, in batches of all events."""
    if backend:
        sys.path.append(backend)
    try:
        module = import_module("sigma.backends.sqlite")
    except ImportError:
        return None
    from sigma.collection import SigmaCollection  # noqa: PLC0415 - only beside the peer
    from sigma.exceptions import SigmaError  # noqa: PLC0415

    from giamsat_rules.matching.taxonomy import ECS  # noqa: PLC0415

    queries: list[str] = []
    for file in sorted(folder.glob("*.yml")):
        try:
            rules = SigmaCollection.from_yaml(file.read_text())
            queries += module.sqliteBackend().convert(rules)
        except SigmaError:
            continue
    sigma_names = {name: field for field, names in reversed(list(ECS.items())) for name in names}
    rows = [{**event, **{sigma_names[k]: v for k, v in event.items() if k in sigma_names}} for event in events]
    columns = sorted({name for row in rows for name in row} | set(ECS))
    base = sqlite3.connect(":memory:")
    base.create_function("regexp", 2, lambda pattern, text: re.search(pattern, str(text)) is not None)
    quoted = ", ".join(f'"{name}" COLLATE NOCASE' for name in {name.lower(): name for name in columns}.values())
    base.execute(f"CREATE TABLE logs ({quoted})")
    kept = list({name.lower(): name for name in columns}.values())
    marks = ", ".join("?" * len(kept))
    began = time.process_time()
    base.executemany(
        f"INSERT INTO logs VALUES ({marks})",  # noqa: S608 - our own words
        [[str(row[name]) if name in row else None for name in kept] for row in rows],
    )
    done = 0
    for query in queries:
        try:
            base.execute(query.replace("<TABLE_NAME>", "logs")).fetchall()
            done += 1
        except sqlite3.Error:
            continue
    seconds = time.process_time() - began
    print(f"sqlite: {done} of {len(queries)} queries ran over {len(rows)} events in {seconds:.2f} s")
    return len(rows) / seconds


def recorded(file: Path) -> list[Event]:
    """The first events of a file."""
    with file.open(encoding="utf-8") as stream:
        lines = enumerate(itertools.islice(stream, 20_000), start=1)
        read = [read_line(line, number, level=3, before_ns=0) for number, line in lines]
    return [dict(each.fields) for each in read]


def written(folder: Path, count: int, words: Words) -> list[Event]:
    """Write the rules as files; the events that meet them."""
    events: list[Event] = []
    for number in range(count):
        rule, event = varied(words, number)
        folder.joinpath(f"{number:05}.yml").write_text(json.dumps(rule, ensure_ascii=False), encoding="utf-8")
        events.append(event)
    for file in sorted(shipped().detections.rglob("*.yml")):
        folder.joinpath(file.name).write_bytes(file.read_bytes())
    return events


def unseen(events: Sequence[Event]) -> Iterator[Event]:
    """The events as a sender makes them of whom nothing can be remembered."""
    for number, event in enumerate(events):
        program = f"/opt/{number}/{number}"
        yield {**event, "process.executable": program, "process.name": f"p{number}", f"x.{number}": "v"}


def literals_of(rules: RuleSet) -> list[str]:
    """Every literal the prefilter looks for."""
    anchors = (getattr(rule, "anchor", None) for rule in rules.rules.values())
    return sorted({literal for anchor in anchors if anchor for literal in anchor.literals})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=3_000)
    parser.add_argument("--events", type=Path)
    parser.add_argument("--backend", help="a folder with pySigma's SQLite backend, where it is not installed")
    said = parser.parse_args()
    words, pack = Words(6), load_pack(shipped().pack)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        meeting = written(folder, said.rules, words)
        before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        rules = load_rules(folder)
        Engine(rules, pack)
        load_s = time.process_time() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{len(rules.rules)} rules, {len(rules.problems)} problems, {len(literals_of(rules))} literals")
        print(f"memory: {memory / 1024:.0f} MB in all, {(memory - before_kib) / 1024:.0f} MB by loading")
        gc.set_threshold(*import_module("giamsat_collector.app").GC_THRESHOLDS)
        quiet = recorded(said.events) if said.events else list(itertools.islice(ordinary(words), 20_000))
        hostile = [stuffed(words, literals_of(rules)) for _ in range(500)]
        for name, events in (("ordinary", quiet[:300]), ("attack", meeting[:300]), ("adversarial", hostile[:20])):
            same_hits(rules, pack, events)
            print(f"{name}: prefiltered hits equal unfiltered hits on {len(events)} events")
        same_hits(rules, pack, list(unseen(quiet[:300])))
        figures = [rate(rules, pack, events) for events in (quiet, meeting, hostile)]
        never, _ = rate(rules, pack, list(unseen(quiet)))
        wire = off_the_wire(rules, pack, quiet)
        peer = by_sqlite(folder, quiet[:2_000], said.backend)
    for name, (each, verdicts) in zip(("ordinary", "attack", "adversarial"), figures, strict=True):
        print(f"{name}: {each:,.0f} events/s, {verdicts} verdicts")
    print(f"never seen before: {never:,.0f} events/s, each by a program and with a field of its own")
    print(f"off the wire: {wire:,.0f} ordinary events/s from stored frames to verdicts")
    ratio = f"{figures[0][0] / peer:.0f}" if peer else "-"
    quick, attack, adversarial = (f"{each:.0f}" for each, _ in figures)
    print(
        f"bench-rules: {load_s:.1f} s load, {quick} events/s ordinary, {attack} events/s attack, "
        f"{adversarial} events/s adversarial, {ratio} x sqlite"
    )


if __name__ == "__main__":
    main()
