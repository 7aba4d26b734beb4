# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules`: try, check and explain rules. Results go to standard output, everything else to standard error.

Exit codes: 0 all is well, 1 something was found or cannot be used, 2 read only in part (and wrong usage).
"""

from datetime import UTC, datetime

import typer

from giamsat_rules.case import failures
from giamsat_rules.check import Book, found
from giamsat_rules.checks import ALL
from giamsat_rules.commands import bundle, coverage, evaluate, lock, oscal
from giamsat_rules.commands.given import FOUND, Level, Pack, Rules, give_up, opened
from giamsat_rules.errors import Problem, RulesError
from giamsat_rules.explain import explain, lines
from giamsat_rules.load import load_cases, load_pack, shipped
from giamsat_wire.clock import SystemClock

app = typer.Typer(
    help="Thử, kiểm tra và giải thích luật của giamsat. / Try, check and explain giamsat's rules.", no_args_is_help=True
)
app.add_typer(evaluate.app)
app.add_typer(coverage.app)
app.add_typer(lock.app)
app.add_typer(oscal.app)
app.add_typer(bundle.app, name="bundle")


@app.command(name="test")
def run_cases(rules: Rules = None, pack: Pack = None) -> None:
    """Chạy mọi ca kiểm thử của luật. / Run every rule's cases and say how many passed."""
    ruleset, levels = opened(rules, pack)
    files, problems = load_cases(rules or shipped().detections)
    failed = list(failures(ruleset, levels, files))
    for line in (*map(str, ruleset.problems), *map(str, problems), *failed):
        typer.echo(line, err=True)
    count = sum(len(each.fires) + len(each.near_misses) for each in files)
    broken = len(failed) + len(ruleset.problems) + len(problems)
    typer.echo(f"{count - len(failed)} of {count} cases passed, {len(files)} rules with cases; problems: {broken}")
    if broken or not count:
        raise typer.Exit(FOUND)


@app.command()
def check(rules: Rules = None, pack: Pack = None) -> None:
    """Nêu mọi lỗi, kèm tệp và dòng. / Name every problem of rules, cases and levels, with file and line."""
    ruleset, levels = opened(rules, pack)
    files, problems = load_cases(rules or shipped().detections)
    today = datetime.fromtimestamp(SystemClock().wall_ns() / 10**9, UTC).date()
    everything: list[Problem] = [*ruleset.problems, *problems]
    others = () if pack else tuple(map(load_pack, shipped().packs[1:]))
    everything += [problem for _, problem in found(Book(ruleset, files, levels, today, others), ALL)]
    for problem in everything:
        typer.echo(str(problem))
    typer.echo(f"{len(ruleset.rules)} rules, {len(ALL)} checks, problems: {len(everything)}", err=True)
    if everything:
        raise typer.Exit(FOUND)


@app.command(name="explain")
def explain_rule(rule: str, level: Level = None, rules: Rules = None, pack: Pack = None) -> None:
    """Cấp độ có xét luật này không, ngưỡng từ đâu. / Say whether a level judges RULE, and by which numbers."""
    ruleset, levels = opened(rules, pack)
    try:
        explanation = explain(ruleset, levels, rule, level)
    except RulesError as error:
        give_up(error)
    for line in lines(explanation):
        typer.echo(line)


def main() -> None:
    """The program."""
    app()
