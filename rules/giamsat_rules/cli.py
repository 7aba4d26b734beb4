# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules`: try, check and explain rules. Results go to standard output, everything else to standard error.

Exit codes: 0 all is well, 1 something was found or cannot be used, 2 read only in part (and wrong usage).
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from giamsat_rules.case import CaseFile, failure
from giamsat_rules.check import Book, found
from giamsat_rules.checks import ALL
from giamsat_rules.engine import Engine
from giamsat_rules.errors import Problem, RulesError
from giamsat_rules.evaluate import LineError, hits, read_line
from giamsat_rules.explain import Explanation, explain
from giamsat_rules.level import LevelPack
from giamsat_rules.load import load_cases, load_pack, load_rules, shipped
from giamsat_rules.rule import RuleSet
from giamsat_rules.verdict import Occurrence
from giamsat_wire.clock import SystemClock

LINE_BYTES: Final = 1 << 20
"""The longest line of events that is read."""
FOUND, PARTLY = 1, 2

app = typer.Typer(help="Try, check and explain giamsat's rules.", no_args_is_help=True)

Rules = Annotated[Path | None, typer.Option("--rules", help="A rule file or folder; the shipped rules if not given.")]
Pack = Annotated[Path | None, typer.Option("--pack", help="A level pack's folder; the shipped pack if not given.")]
Level = Annotated[
    int | None, typer.Option("--level", min=1, max=5, help="Protection level; unclassified if not given.")
]


@app.command(name="test")
def run_cases(rules: Rules = None, pack: Pack = None) -> None:
    """Run every rule's cases and say how many passed."""
    ruleset, levels = _load(rules, pack)
    files, problems = load_cases(rules or shipped().detections)
    failures = list(_failures(ruleset, levels, files))
    for line in (*map(str, ruleset.problems), *map(str, problems), *failures):
        typer.echo(line, err=True)
    count = sum(len(each.fires) + len(each.near_misses) for each in files)
    broken = len(failures) + len(ruleset.problems) + len(problems)
    typer.echo(f"{count - len(failures)} of {count} cases passed, {len(files)} rules with cases, {broken} problems")
    if broken or not count:
        raise typer.Exit(FOUND)


@app.command()
def check(rules: Rules = None, pack: Pack = None) -> None:
    """Name every problem of rules, cases and levels, with file and line."""
    ruleset, levels = _load(rules, pack)
    files, problems = load_cases(rules or shipped().detections)
    today = datetime.fromtimestamp(SystemClock().wall_ns() / 10**9, UTC).date()
    everything: list[Problem] = [*ruleset.problems, *problems]
    everything += [problem for _, problem in found(Book(ruleset, files, levels, today), ALL)]
    for problem in everything:
        typer.echo(str(problem))
    typer.echo(f"{len(ruleset.rules)} rules, {len(ALL)} checks, {len(everything)} problems", err=True)
    if everything:
        raise typer.Exit(FOUND)


@app.command(name="explain")
def explain_rule(rule: str, level: Level = None, rules: Rules = None, pack: Pack = None) -> None:
    """Say whether a level judges RULE and where each of its numbers comes from."""
    ruleset, levels = _load(rules, pack)
    try:
        explanation = explain(ruleset, levels, rule, level)
    except RulesError as error:
        _give_up(error)
    for line in _explained(explanation):
        typer.echo(line)


@app.command(name="eval")
def evaluate(
    events: Annotated[
        str, typer.Option("--events", help="A file with one JSON event a line, or - for standard input.")
    ],
    rules: Rules = None,
    level: Level = None,
    pack: Pack = None,
) -> None:
    """Judge events and print one JSON object per hit."""
    ruleset, levels = _load(rules, pack)
    engine = Engine(ruleset, levels)
    complaints = [str(problem) for problem in ruleset.problems]
    try:
        for hit in hits(engine, _occurrences(events, level, complaints)):
            typer.echo(json.dumps(hit.as_json(), ensure_ascii=False))
    except OSError as error:
        _give_up(RulesError(f"{events}: cannot be read: {error.strerror}; give a file of JSON lines or -"))
    complaints += [f"the rule {name} was disabled: {why}" for name, why in engine.counters.disabled.items()]
    for complaint in complaints:
        typer.echo(complaint, err=True)
    if complaints:
        raise typer.Exit(PARTLY)


def main() -> None:
    """The program."""
    app()


def _load(rules: Path | None, pack: Path | None) -> tuple[RuleSet, LevelPack]:
    try:
        return load_rules(rules or shipped().detections), load_pack(pack or shipped().pack)
    except RulesError as error:
        _give_up(error)


def _give_up(error: RulesError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(FOUND) from error


def _failures(rules: RuleSet, pack: LevelPack, files: Iterable[CaseFile]) -> Iterator[str]:
    for file in files:
        if file.rule not in rules.rules:
            yield f"{file.origin}: there is no rule {file.rule}; name the file as its rule"
            continue
        for case in (*file.fires, *file.near_misses):
            why = failure(case, file.rule, Engine(rules, pack))
            if why:
                yield f"{case.origin}: {case.why}: {why}; correct the rule, the level pack or the case"


def _occurrences(events: str, level: int | None, complaints: list[str]) -> Iterator[Occurrence]:
    before_ns = 0
    for number, line in enumerate(_lines(events), start=1):
        if not line.strip():
            continue
        if len(line) > LINE_BYTES:
            complaints.append(f"{events}:{number}: longer than {LINE_BYTES} bytes; the line was left out")
            continue
        try:
            occurrence = read_line(line.decode(), number, level=level, before_ns=before_ns)
        except (LineError, UnicodeDecodeError) as error:
            complaints.append(f"{events}:{number}: {error}; the line was left out")
            continue
        before_ns = occurrence.at_ns
        yield occurrence


def _lines(events: str) -> Iterator[bytes]:
    with nullcontext(sys.stdin.buffer) if events == "-" else Path(events).open("rb") as stream:
        while line := stream.readline(LINE_BYTES + 1):
            rest = line
            while len(rest) > LINE_BYTES and not rest.endswith(b"\n"):
                rest = stream.readline(LINE_BYTES + 1)
            yield line


def _explained(explanation: Explanation) -> Iterator[str]:
    unclassified = " (unclassified, judged as the strictest)" if explanation.unclassified else ""
    yield f"{explanation.rule}  {explanation.origin}"
    yield f"level {explanation.level}{unclassified}  pack {explanation.pack}  profile {explanation.hash}"
    yield "judged" if explanation.judged else "not judged"
    for step in explanation.said_by:
        yield f"  {step.what:8} level {step.level}  {step.origin}"
    for parameter in explanation.parameters:
        yield f"{parameter.parameter} [{parameter.unit}]  declared {parameter.declared}"
        for step in parameter.steps:
            yield f"  = {step.value:<8g} level {step.level}  {step.origin}"
