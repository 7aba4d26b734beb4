# SPDX-License-Identifier: Apache-2.0
"""The command line of the collector. `run` is the daemon; everything else asks the running one through its socket."""

import json
import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from giamsat_collector.commands import (
    accounts,
    alerts,
    archive,
    authority,
    availability,
    backup,
    coverage,
    enrol,
    flows,
    indicators,
    notify,
    registry,
    report,
    rules,
    spool,
    suppress,
)
from giamsat_collector.commands.asking import ConfigOption, JsonOption, load, out, path_of, request, say
from giamsat_collector.commands.assessment import oscal
from giamsat_collector.commands.explain import explain_rule
from giamsat_collector.commands.hunt import hunt
from giamsat_collector.commands.replay import replay
from giamsat_collector.commands.sightings import sightings
from giamsat_collector.commands.what_if import what_if
from giamsat_collector.errors import CollectorError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Bộ thu thập: nhận, đánh giá theo cấp độ, cảnh báo. / Receives, judges by protection level, raises alerts.",
)
config_app = typer.Typer(no_args_is_help=True, help="Tệp cấu hình. / The configuration file.")
app.add_typer(accounts.app, name="accounts")
app.add_typer(alerts.app, name="alerts")
app.add_typer(archive.app, name="archive")
app.add_typer(authority.app, name="authority")
app.add_typer(availability.app, name="availability")
app.add_typer(backup.app, name="backup")
coverage.app.command("oscal")(oscal)
app.add_typer(coverage.app, name="coverage")
app.add_typer(enrol.app, name="enrol")
app.add_typer(flows.app, name="flows")
indicators.app.command("hunt")(hunt)
app.add_typer(indicators.app, name="indicators")
app.add_typer(notify.app, name="notify")
registry.app.command("sightings")(sightings)
registry.app.command("what-if")(what_if)
app.add_typer(registry.app, name="registry")
app.add_typer(report.app, name="report")
rules.app.command("explain")(explain_rule)
app.add_typer(rules.app, name="rules")
app.add_typer(suppress.app, name="suppress")
app.add_typer(spool.app, name="spool")
app.command("replay")(replay)
app.add_typer(config_app, name="config")


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape typer asks for
    if asked:
        typer.echo(f"giamsat-collector {version('giamsat-collector')}")
        raise typer.Exit


@app.callback()
def program(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Phiên bản. / The version.")
    ] = False,
) -> None:
    """Words that stand before a command."""


@app.command()
def run(config: ConfigOption = None) -> None:
    """Chạy bộ thu thập cho tới khi bị dừng. / Run the collector until stopped."""
    load(config)
    words = [sys.executable, "-m", "giamsat_collector"]
    path = path_of(config)
    os.execv(sys.executable, [*words, str(path)] if path else words)  # noqa: S606 - our own interpreter and module


@app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Bộ thu thập đang thế nào. / How the collector is doing."""
    found = request(config, "status")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for key, value in found.items():
        out.print(f"{key:<20} {value}", markup=False)


@config_app.command("check")
def config_check(config: ConfigOption = None) -> None:
    """Kiểm tra tệp cấu hình. / Check the configuration file."""
    load(config)
    say.print("cấu hình hợp lệ / the configuration is right")


@config_app.command("show")
def config_show(config: ConfigOption = None) -> None:
    """In mọi giá trị đang có hiệu lực. / Print every value in force."""
    typer.echo(load(config).model_dump_json(indent=2))


def main() -> None:
    """Run the command line; an error of ours is one message and exit code 1."""
    try:
        app()
    except CollectorError as error:
        say.print(f"giamsat-collector: {error}", markup=False, soft_wrap=True)
        raise SystemExit(1) from error
