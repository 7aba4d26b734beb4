# SPDX-License-Identifier: Apache-2.0
"""The command line of the agent. `run` leaves it behind: the daemon is another program image without it."""

import json
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from giamsat_agent import next_step
from giamsat_agent import status as own_status
from giamsat_agent.commands import checks, devices, doctor, image, logs, packets, spool
from giamsat_agent.commands.options import DEFAULT, ConfigOption, JsonOption, load, out, path_of, say
from giamsat_agent.errors import AgentError, EnrolmentError
from giamsat_agent.schedule import read_once
from giamsat_agent.sensor import Host
from giamsat_agent.sensors import METRICS
from giamsat_agent.uplink import identity_check
from giamsat_wire.catalogue import metric
from giamsat_wire.clock import SystemClock
from giamsat_wire.exposition import render
from giamsat_wire.printable import on_any_terminal
from giamsat_wire.record import Sample

REFUSALS: Final = {
    "overload": "bộ thu đang bận, agent giữ và gửi lại / the collector was busy: kept and sent again",
    "out_of_order": "gửi lại từ chỗ bộ thu cần / sent again from where the collector goes on",
    "policy": "đã bắt tay lại / agreed upon anew",
    "quarantined": "khung hỏng được để riêng, xem đĩa / damaged, set aside; look at it: giamsat-agent spool verify",
    "too_big": "khung quá lớn được để riêng / set aside; the agent and the collector differ in version",
    "unknown": "bộ thu mới hơn agent; cập nhật agent / the collector is newer: update the agent",
}
"""What became of what the collector did not take, and what to do."""
EXTRAS: Final = {"numpy": "packets", "gufo": "devices", "pysnmp": "devices", "yaml": "devices"}
"""The extra of this distribution that brings a module which the light agent does without."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Giám sát một máy chủ và gửi về bộ thu thập. / Watches one host and sends what it sees to a collector.",
)
host_app = typer.Typer(no_args_is_help=True, help="Chỉ số của máy này. / This host's metrics.")
config_app = typer.Typer(no_args_is_help=True, help="Tệp cấu hình. / The configuration file.")
app.add_typer(host_app, name="host")
app.add_typer(config_app, name="config")
app.add_typer(checks.app, name="checks")
app.add_typer(devices.app, name="devices")
app.add_typer(logs.app, name="logs")
app.add_typer(packets.app, name="packets")
app.add_typer(spool.app, name="spool")
app.command("prepare-image")(image.prepare_image)
app.command("confirm-host")(image.confirm_host)


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape typer asks for
    if asked:
        typer.echo(f"giamsat-agent {version('giamsat-agent')}")
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
    """Giám sát máy này cho tới khi bị dừng. / Watch this host until stopped."""
    load(config)
    words = [sys.executable, "-m", "giamsat_agent.app"]
    path = path_of(config)
    os.execv(sys.executable, [*words, str(path)] if path else words)  # noqa: S606 - our own interpreter and module


@app.command()
def enrol(
    collector: Annotated[
        str | None,
        typer.Option(
            help="HOST:PORT cổng ghi danh của bộ thu thập (7444). / HOST:PORT of the collector's enrolment port (7444)."
        ),
    ] = None,
    token_file: Annotated[
        Path,
        typer.Option(
            help="Tệp chứa mã; '-' đọc từ đầu vào chuẩn. / File that holds the token; '-' reads it from standard input."
        ),
    ] = Path("-"),
    export: Annotated[
        Path | None,
        typer.Option(
            help="Ghi yêu cầu ra tệp này để mang tay, nơi không được kết nối. "
            "/ Write a request to this file, to carry by hand, where nothing may connect."
        ),
    ] = None,
    import_: Annotated[
        Path | None,
        typer.Option("--import", help="Nhận trả lời được mang tay về. / Take the answer that came back by hand."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Đổi mã một lần lấy chứng thư. / Exchange a one-time token for a certificate.

    The token is read from standard input or a file and never stands on the command line, where others could read it.
    """
    from giamsat_agent.commands import enrolling  # noqa: PLC0415 - needs cryptography, which the daemon does not

    settings = load(config)
    state = Path(settings.state)
    match collector, export, import_:
        case str(), None, None:
            identity = enrolling.connected(collector, token_file, state)
        case None, Path(), None:
            enrolling.exported(export, token_file, state)
            return
        case None, None, Path():
            identity = enrolling.imported(import_, state)
        case _:
            raise EnrolmentError(
                "hãy ghi --collector MÁY:CỔNG; nơi không được phép kết nối: --export TỆP, sau đó --import TỆP.answer / "
                "give --collector HOST:PORT, or where nothing may connect --export FILE and later --import FILE.answer"
            )
    say.print(f"Đã ghi danh / enrolled: {identity.agent_id} · đơn vị / unit {identity.unit}")
    if collector and (first := next_step.addressing(collector, settings.collector.addresses, config or DEFAULT)):
        say.print(first)
    say.print(f"Bước sau / next: {next_step.starting()}")


@host_app.command("read")
def host_read(
    proc: Annotated[Path, typer.Option(help="Nơi đọc /proc. / Where /proc is read from.")] = Path("/proc"),
    sys_: Annotated[Path, typer.Option("--sys", help="Nơi đọc /sys. / Where /sys is read from.")] = Path("/sys"),
    root: Annotated[Path, typer.Option(help="Nơi đọc các tệp khác. / Where other files are read from.")] = Path("/"),
    as_json: JsonOption = False,
) -> None:
    """In một lần đọc: đúng những gì sẽ được gửi. / Print one reading: exactly what would be sent."""
    clock = SystemClock()
    host = Host(clock=clock, proc=proc, sys=sys_, root=root)
    failed = False
    samples: list[Sample] = []
    for spec in METRICS:
        outcome = read_once(spec, spec.build(host), clock)
        samples += [item for item in outcome.items if isinstance(item, Sample)]
        if outcome.failure is not None:
            failed = failed or not outcome.absent
            say.print(f"{spec.name}: {outcome.failure}")
    if as_json:
        for sample in samples:
            row = {"name": sample.name, "labels": dict(sample.labels), "value": sample.value}
            typer.echo(json.dumps({**row, "type": metric(sample.name).type.value}, ensure_ascii=False))
    else:
        typer.echo(render(samples), nl=False)
    raise typer.Exit(2 if failed else 0)


@config_app.command("check")
def config_check(config: ConfigOption = None) -> None:
    """Kiểm tra tệp cấu hình. / Check the configuration file."""
    identity_check.emergency_keys(load(config).collector.emergency_keys)
    say.print("cấu hình hợp lệ / the configuration is right")


@config_app.command("show")
def config_show(config: ConfigOption = None) -> None:
    """In mọi giá trị đang có hiệu lực. / Print every value in force."""
    typer.echo(msgspec.json.format(msgspec.json.encode(load(config))).decode())


@app.command("doctor")
def doctor_(config: ConfigOption = None) -> None:
    """Thấy được gì, không thấy gì, cấp quyền thế nào. / What is seen, what is not, and how to grant it."""
    doctor.tell(load(config))


@app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Agent đang thế nào. / How the agent is doing. Exit code 0 connected, 3 not running, 4 not connected."""
    folder = Path(load(config).state)
    found = own_status.read(folder)
    if found is None or not found.holds(SystemClock().wall_ns()):
        enrolled = (folder / "identity").exists()
        words = "không chạy / not running" if enrolled else "chưa ghi danh / not enrolled"
        tell = say if as_json else out
        tell.print(f"{words} ({folder})")
        tell.print(f"Bước sau / next: {next_step.starting() if enrolled else next_step.enrolling()}")
        if enrolled and next_step.SERVICE.exists():
            tell.print("Vì sao / why: sudo journalctl -u giamsat-agent -n 20")
        raise typer.Exit(3)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        raise typer.Exit(0 if found.connected else 4)
    state = "ĐANG KẾT NỐI / CONNECTED" if found.connected else f"MẤT KẾT NỐI / NOT CONNECTED: {found.problem}"
    refused = sorted(found.refused.items())
    ago = "-" if found.acknowledged_ago_s is None else f"{found.acknowledged_ago_s:.0f} s"
    lines = [
        f"giamsat-agent {found.version}   {state}",
        f"  mã / id           {found.agent_id}   đơn vị / unit {found.unit}",
        f"  bộ thu thập / collector  {found.collector}   lệch giờ / clock offset {found.offset_ns / 1e6:.0f} ms",
        f"  xác nhận cuối / last acknowledged  {ago}",
        f"  chứng thư đến / certificate until  {_local(found.certificate_until_s)}",
        *([f"  ✗ chứng thư / certificate: {found.certificate_problem}"] if found.certificate_problem else []),
        *(f"  hàng đợi / spool {lane.lane:<7} {lane.waiting} chờ / waiting, {lane.bytes} B" for lane in found.lanes),
        *(f"  ✗ {lane.lane}: đã tỉa thưa / thinned out {lane.thinned}" for lane in found.lanes if lane.thinned),
        *(f"  bộ thu chưa nhận / not taken {reason}: {count}; {REFUSALS.get(reason, '')}" for reason, count in refused),
        *(_source(each) for each in found.sources),
        *([f"  ✗ chế độ / mode {found.mode}: {found.mode_reason}"] if found.mode_reason else []),
        f"  bộ nhớ / memory   {found.memory_bytes / 2**20:.0f} MiB",
        *(f"  ✗ {name}: {reason}" for name, reason in sorted(found.failing.items())),
        *(
            ["    → thiếu gì, cấp thế nào / what is lacking, how to grant it: sudo giamsat-agent doctor"]
            * bool(found.failing)
        ),
    ]
    for line in lines:
        out.print(line)
    raise typer.Exit(0 if found.connected else 4)


def _source(each: own_status.SourceStatus) -> str:
    """What a source yielded, and what of it did not go on."""
    lacking = [
        f"{count} {words}"
        for count, words in (
            (each.throttled, "chỉ đếm / only counted"),
            (each.dropped, "bỏ / dropped"),
        )
        if count
    ]
    gone = "  ✗ không đọc được / cannot be read" if each.up is False else ""
    return f"  nguồn / source {each.source}: {', '.join([f'{each.produced} sự kiện / events', *lacking])}{gone}"


def _local(at_s: int) -> str:
    """A time in the local zone, with the UTC beside it."""
    at = datetime.fromtimestamp(at_s, UTC)
    return f"{at.astimezone():%d/%m/%Y %H:%M} ({at:%H:%M} UTC)"


def main() -> None:
    """Run the command line; an error of ours is one message and exit code 1."""
    on_any_terminal(sys.stdout, sys.stderr)
    try:
        app()
    except AgentError as error:
        say.print(f"giamsat-agent: {error}")
        raise SystemExit(1) from error
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        wanted = f"giamsat-agent[{EXTRAS[error.name]}]"
        words = (
            f"giamsat-agent: chưa cài {wanted} / {wanted} is not installed: cài gói / install the bundle "
            f"giamsat-agent-extras (pip install '{wanted}')"
        )
        say.print(words)
        raise SystemExit(1) from error
