# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules eval` and `why-not`: events in, hits or reasons out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from giamsat_rules.commands.given import PARTLY, Events, Level, Pack, Rules, give_up, occurrences, opened
from giamsat_rules.engine import Engine
from giamsat_rules.errors import RulesError, UnknownError
from giamsat_rules.evaluate import hits
from giamsat_rules.guard import Timing
from giamsat_rules.language.placeholder import Lists
from giamsat_rules.language.sigma import parsed
from giamsat_rules.load import load_documents, load_lists, shipped
from giamsat_rules.rule import Detection, RuleSet
from giamsat_rules.why_not import why_not
from giamsat_wire.clock import SystemClock

app = typer.Typer()


@app.command(name="eval")
def evaluate(events: Events, rules: Rules = None, level: Level = None, pack: Pack = None) -> None:
    """Xét các sự kiện và in mỗi kết quả một dòng JSON. / Judge events and print one JSON object per hit."""
    ruleset, levels = opened(rules, pack)
    engine = Engine(ruleset, levels, timing=Timing(SystemClock().mono_ns))
    complaints = [str(problem) for problem in ruleset.problems]
    try:
        for hit in hits(engine, occurrences(events, level, complaints)):
            typer.echo(json.dumps(hit.as_json(), ensure_ascii=False))
    except BrokenPipeError:
        raise typer.Exit(PARTLY) from None  # who read the output has seen enough
    except OSError as error:
        give_up(RulesError(f"{events}: cannot be read: {error.strerror}; give a file of JSON lines or -"))
    complaints += [f"the rule {name} was disabled: {why}" for name, why in engine.counters.disabled.items()]
    for complaint in complaints:
        typer.echo(complaint, err=True)
    for name, count in engine.counters.hidden.items():
        typer.echo(f"the filter {name} hid {count} events", err=True)
    if complaints:
        raise typer.Exit(PARTLY)


@app.command(name="why-not")
def explain_silence(
    rule: Annotated[str, typer.Argument(help="Tên hoặc mã của quy tắc. / A rule's name or id.")],
    events: Events,
    rules: Rules = None,
    level: Level = None,
    pack: Pack = None,
) -> None:
    """Vì sao quy tắc không báo: điều kiện sai đầu tiên và giá trị thấy được. / Why RULE does not fire on each event."""
    ruleset, levels = opened(rules, pack)
    complaints: list[str] = []
    try:
        found = _detection(ruleset, rule)
        lists = _lists(rules)
        conditions = [
            condition
            for document in load_documents(found.header.origin.file)
            if document.at() == found.header.origin
            for condition in parsed(document, lists)
        ]
        for occurrence in occurrences(events, level, complaints):
            reason = why_not(found, conditions, occurrence, levels)
            said = reason.as_json(occurrence.ref) if reason else {"line": occurrence.ref, "fires": True}
            typer.echo(json.dumps(said, ensure_ascii=False))
    except RulesError as error:
        give_up(error)
    except BrokenPipeError:
        raise typer.Exit(PARTLY) from None  # who read the output has seen enough
    except OSError as error:
        give_up(RulesError(f"{events}: cannot be read: {error.strerror}; give a file of JSON lines or -"))
    for complaint in complaints:
        typer.echo(complaint, err=True)
    if complaints:
        raise typer.Exit(PARTLY)


def _lists(rules: Path | None) -> Lists:
    return load_lists(rules or shipped().detections, [])


def _detection(ruleset: RuleSet, name: str) -> Detection:
    """The detection of that name or id.

    Raises:
        UnknownError: there is none, or it is a rule of another kind.
    """
    by_id = {rule.header.id: rule for rule in ruleset.rules.values()}
    found = ruleset.rules.get(name) or by_id.get(name)
    if isinstance(found, Detection):
        return found
    if found is not None:
        built = ", ".join(getattr(found, "rules", ())) or "no detection"
        raise UnknownError(f"{name} is no detection on single events; ask for what it builds on: {built}")
    problems = [str(problem) for problem in ruleset.problems if problem.origin.file.stem == name]
    raise UnknownError("\n".join(problems) or f"there is no rule {name!r}; give a name out of `giamsat-rules coverage`")
