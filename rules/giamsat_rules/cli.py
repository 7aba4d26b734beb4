# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules`: try, check and explain rules. Results go to standard output, everything else to standard error.

Exit codes: 0 all is well, 1 something was found or cannot be used, 2 read only in part (and wrong usage).
"""

import sys
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated

import typer

from giamsat_rules.case import failures, strays
from giamsat_rules.check import Book, found
from giamsat_rules.checks import ALL, OF_RULES
from giamsat_rules.commands import bundle, coverage, evaluate, lock, oscal
from giamsat_rules.commands.given import FOUND, Level, Overrides, Pack, Rules, give_up, opened
from giamsat_rules.errors import Problem, RulesError
from giamsat_rules.explain import about, explain, lines
from giamsat_rules.library import open_library
from giamsat_rules.load import Folders, load_cases, shipped
from giamsat_wire.clock import SystemClock
from giamsat_wire.printable import on_any_terminal

app = typer.Typer(
    help="Thử, kiểm tra và giải thích quy tắc của giamsat. / Try, check and explain giamsat's rules.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(evaluate.app)
app.add_typer(coverage.app)
app.add_typer(lock.app)
app.add_typer(oscal.app)
app.add_typer(bundle.app, name="bundle")


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape typer asks for
    if asked:
        typer.echo(f"giamsat-rules {version('giamsat-rules')}")
        raise typer.Exit


@app.callback()
def program(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Phiên bản. / The version.")
    ] = False,
) -> None:
    """Words that stand before a command."""


@app.command(name="test")
def run_cases(rules: Rules = None, pack: Pack = None) -> None:
    """Chạy mọi ca kiểm thử của quy tắc. / Run every rule's cases and say how many passed."""
    ruleset, levels = opened(rules, pack)
    files, problems = load_cases(rules or shipped().detections)
    failed = list(failures(ruleset, levels, files))
    complaints = [*map(str, ruleset.problems), *map(str, problems), *strays(ruleset, files), *failed]
    for line in complaints:
        typer.echo(line, err=True)
    count = sum(each.count for each in files)
    passed = sum(each.count for each in files if each.rule in ruleset.rules) - len(failed)
    typer.echo(f"{passed} of {count} cases passed, {len(files)} rules with cases; problems: {len(complaints)}")
    if complaints or not count:
        raise typer.Exit(FOUND)


@app.command()
def check(rules: Rules = None, pack: Pack = None, overrides: Overrides = None) -> None:
    """Nêu mọi lỗi, kèm tệp và dòng. / Name every problem of rules, cases, levels and overrides, with file and line."""
    folders = Folders(rules or shipped().detections, pack or shipped().pack, overrides)
    try:
        library = open_library(folders)
        files, problems = load_cases(folders.detections)
    except RulesError as error:
        give_up(error)
    today = datetime.fromtimestamp(SystemClock().wall_ns() / 10**9, UTC).date()
    ruleset, standards = library.rules, library.standards
    default, *others = standards.packs.values()
    book = Book(ruleset, files, default, today, tuple(others), standards.overrides)
    everything: list[Problem] = [*ruleset.problems, *problems, *library.refused]
    # Rules that somebody brings are no part of the shipped packs, and what those name is no fault of theirs.
    checks = OF_RULES if rules is not None and pack is None else ALL
    everything += found(book, checks)
    for problem in everything:
        typer.echo(str(problem))
    counts = f"{len(ruleset.rules)} rules, {len(standards.packs)} level packs, {len(standards.overrides)} overrides"
    more = "" if checks is ALL else " (those of a level pack with --pack)"
    typer.echo(f"{counts}, {len(checks)} checks{more}, problems: {len(everything)}", err=True)
    if everything:
        raise typer.Exit(FOUND)


@app.command(name="explain")
def explain_rule(
    rule: Annotated[str, typer.Argument(help="Tên quy tắc. / A rule's name.")],
    level: Level = None,
    rules: Rules = None,
    pack: Pack = None,
) -> None:
    """Cấp độ có xét quy tắc này không, ngưỡng từ đâu. / Say whether a level judges RULE, and by which numbers."""
    ruleset, levels = opened(rules, pack)
    try:
        explanation = explain(ruleset, levels, rule, level)
    except RulesError as error:
        give_up(error)
    for line in (*about(ruleset.rules[rule].header), *lines(explanation)):
        typer.echo(line)


def main() -> None:
    """The program."""
    on_any_terminal(sys.stdout, sys.stderr)
    app()
