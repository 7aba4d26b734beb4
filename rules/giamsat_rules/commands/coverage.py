# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules coverage`: the ATT&CK techniques that rules detect."""

import json
from typing import Annotated

import typer

from giamsat_rules.commands.given import Pack, Rules, opened
from giamsat_rules.coverage import coverage, navigator
from giamsat_rules.load import load_cases, shipped

app = typer.Typer()


@app.command(name="coverage")
def show(
    rules: Rules = None,
    pack: Pack = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Mỗi kỹ thuật một dòng JSON. / One JSON object a technique.")
    ] = False,
    layer: Annotated[
        bool, typer.Option("--navigator", help="Một lớp của ATT&CK Navigator. / A layer of the ATT&CK Navigator.")
    ] = False,
) -> None:
    """Bảng kỹ thuật MITRE ATT&CK mà bộ quy tắc phát hiện. / The table of MITRE ATT&CK techniques that rules detect."""
    ruleset, levels = opened(rules, pack)
    cases, _ = load_cases(rules or shipped().detections)
    covered = coverage(ruleset, levels, cases)
    if layer:
        typer.echo(json.dumps(navigator(covered, "giamsat"), indent=2))
        return
    for each in covered:
        if as_json:
            typer.echo(json.dumps(each.as_json()))
            continue
        judged = ",".join(map(str, each.levels)) or "-"
        proven = f"{each.proven}/{len(each.rules)}"
        typer.echo(f"{each.technique:<10} levels {judged:<10} proven {proven:<6} {', '.join(each.rules)}")
    typer.echo(f"{len(covered)} techniques, {len(ruleset.rules)} rules", err=True)
