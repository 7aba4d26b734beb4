# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector rules use`: other rules, tried here before the running collector is asked to take them."""

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Annotated

import typer

from giamsat_collector.commands.asking import ConfigOption, DryRun, load, request, say
from giamsat_collector.commands.moment import Since
from giamsat_collector.commands.offering import Given, complaints, in_force, offered
from giamsat_collector.commands.replay import Budget, allowed, must_be_within, rehearsed
from giamsat_collector.commands.rules import exchanged
from giamsat_collector.errors import RefusedError
from giamsat_rules.commands.given import Overrides
from giamsat_rules.override import Scope

app = typer.Typer(add_completion=False)


@app.command("use")
def rules_use(
    path: Annotated[
        Path | None, typer.Argument(help="Thư mục quy tắc hoặc gói đã ký; bỏ trống: theo cấu hình. / Folder or bundle.")
    ] = None,
    pack: Annotated[Path | None, typer.Option("--pack", help="Thư mục gói cấp độ. / A level pack's folder.")] = None,
    overrides: Overrides = None,
    budget: Budget = None,
    since: Since = "7d",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Đổi bộ quy tắc khi đang chạy. / Exchange the rules while everything runs; exit code 3, 4: not within the budget.

    Cases and checks run first; with a budget, so does what 'replay' does over --since.
    """
    if path is None and overrides is None:
        exchanged(request(config, "rules.use_configured", dry_run=dry_run), dry_run=dry_run)
        return
    now = in_force(request(config, "rules.show"))
    with offered(Given(path, pack, overrides), load(config), now) as offer:
        wrong = complaints(offer.folders, now, registered(config))
        for line in wrong:
            say.print(line, markup=False, soft_wrap=True)
        if wrong:
            raise RefusedError(f"problems: {len(wrong)}; the rules in force stay as they are")
        if most := allowed(budget, config):
            found = rehearsed(offer.folders, now, since=since, until="", config=config)
            must_be_within(found, most)
        words = {
            **offer.arguments,
            "source": str((path or overrides or now.detections).resolve()),
            "dry_run": dry_run,
        }
        exchanged(request(config, offer.command, **words), dry_run=dry_run)


def registered(config: Path | None) -> Mapping[Scope, Container[str]]:
    """Every unit, system and asset that stands."""
    return {
        Scope.UNIT: {each["id"] for each in request(config, "registry.units")},
        Scope.SYSTEM: {each["id"] for each in request(config, "registry.systems")},
        Scope.ASSET: {each["asset"] for each in request(config, "registry.placements")},
    }
