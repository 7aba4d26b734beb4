# SPDX-License-Identifier: Apache-2.0
"""Checks of applications on the command line: the configured ones, run now."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from giamsat_agent.check_settings import AnyCheck
from giamsat_agent.commands.options import ConfigOption, JsonOption, load, say
from giamsat_agent.config import Config
from giamsat_agent.errors import ConfigError
from giamsat_wire.catalogue import metric
from giamsat_wire.clock import SystemClock
from giamsat_wire.exposition import render
from giamsat_wire.record import Sample

app = typer.Typer(no_args_is_help=True, help="Ứng dụng và dịch vụ được kiểm tra. / Applications and services checked.")

SOME_FAIL: Final = 2
ALL_FAIL: Final = 4
"""Exit codes: some of the checks that were run failed, or all of them."""
DAY_S: Final = 86_400
FAILURES: Final[Mapping[str, str]] = {
    "unreachable": "không tới được / unreachable",
    "timed_out": "quá thời gian / timed out",
    "untrusted": "chứng thư không tin cậy / not trusted",
    "wrong_answer": "trả lời sai / wrong answer",
    "refused": "bị từ chối / refused",
    "unusable": "không kiểm tra được / cannot be checked",
}


@app.command("run")
def checks_run(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Tên các kiểm tra; bỏ trống: tất cả. / Names of checks; without any all of them."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    prometheus: Annotated[
        bool,
        typer.Option("--prometheus", help="Số đo ở dạng văn bản của Prometheus. / The figures as Prometheus text."),
    ] = False,
) -> None:
    """Kiểm tra ngay, đúng như agent làm. / Run checks now, just as the agent does. Exit code 2: some fail; 4: all."""
    from giamsat_agent.check_runner import figures  # noqa: PLC0415 - what only this command needs

    chosen = _chosen(load(config), names or [])
    results = asyncio.run(_run(chosen))
    if prometheus:
        every = [sample for its, result in zip(chosen, results, strict=True) for sample in figures(its, result)]
        typer.echo(render(every), nl=False)
    elif as_json:
        for its, result in zip(chosen, results, strict=True):
            typer.echo(json.dumps(_shape(its, result), ensure_ascii=False))
    else:
        _print(chosen, results)
    failed = sum(result.failure is not None for result in results)
    raise typer.Exit(0 if not failed else ALL_FAIL if failed == len(results) else SOME_FAIL)


def _chosen(settings: Config, names: Sequence[str]) -> list[AnyCheck]:
    known = {its.name: its for its in settings.check}
    if not known:
        raise ConfigError(
            "chưa cấu hình phép kiểm tra nào; mô tả bằng [[check]] trong agent.toml, với name, what, target / "
            "no check is configured; describe one as [[check]] in agent.toml, with name, what and target"
        )
    for name in names:
        if name not in known:
            raise ConfigError(
                f"không có phép kiểm tra nào tên {name!r}; hiện có / no check is called {name!r}; there are: "
                f"{', '.join(known)}"
            )
    return [known[name] for name in names] if names else list(known.values())


async def _run(chosen: Sequence[AnyCheck]) -> Sequence[Any]:
    from giamsat_agent.check_runner import Checked  # noqa: PLC0415
    from giamsat_agent.checks import build  # noqa: PLC0415

    clock = SystemClock()
    return await asyncio.gather(*(Checked(its, build(its)).once(clock) for its in chosen))


def _shape(its: AnyCheck, result: Any) -> dict[str, Any]:  # noqa: ANN401 - a Result, which is not imported here
    return {
        "check": its.name,
        "what": its.what,
        "target": its.target,
        "success": result.failure is None,
        "failure": result.failure,
        "reason": result.reason or None,
        "duration_s": result.duration_s,
        "metrics": [
            {"name": one.name, "labels": dict(one.labels), "value": one.value, "type": metric(one.name).type.value}
            for one in result.samples
        ],
    }


def _print(chosen: Sequence[AnyCheck], results: Sequence[Any]) -> None:
    now_s = SystemClock().wall_ns() / 1e9
    table = Table("", "tên / name", "loại / what", "đích / target", "giây / s", "kết quả / result", box=None)
    for its, result in zip(chosen, results, strict=True):
        mark = "[green]✓[/]" if result.failure is None else "[red]✗[/]"
        said = escape(_found(result.samples, now_s)) if result.failure is None else FAILURES[result.failure]
        table.add_row(mark, its.name, its.what, escape(its.target), f"{result.duration_s:.3f}", said)
    Console(highlight=False).print(table)
    for its, result in zip(chosen, results, strict=True):
        if result.failure is not None:
            say.print(f"✗ {its.name}: {result.reason}")


def _found(samples: Sequence[Sample], now_s: float) -> str:
    """The few figures a person looks for."""
    values = {one.name: one.value for one in samples}
    said = []
    if "probe_http_status_code" in values:
        said.append(f"{values['probe_http_status_code']:.0f}")
    if "probe_ssl_earliest_cert_expiry" in values:
        days = (values["probe_ssl_earliest_cert_expiry"] - now_s) / DAY_S
        said.append(f"chứng thư còn {days:.0f} ngày / certificate for {days:.0f} days")
    if "namedprocess_namegroup_num_procs" in values:
        said.append(f"{values['namedprocess_namegroup_num_procs']:.0f} tiến trình / processes")
    if "namedprocess_namegroup_oldest_start_time_seconds" in values:
        said.append(_since(values["namedprocess_namegroup_oldest_start_time_seconds"]))
    if "node_systemd_unit_start_time_seconds" in values:
        said.append(_since(values["node_systemd_unit_start_time_seconds"]))
    said += [label for one in samples if one.name == "giamsat_check_server_info" for _, label in one.labels]
    return ", ".join(said) or "tốt / ok"


def _since(at_s: float) -> str:
    return f"từ / since {datetime.fromtimestamp(at_s, UTC).astimezone():%d/%m/%Y %H:%M}"
