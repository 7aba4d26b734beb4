# SPDX-License-Identifier: Apache-2.0
"""The command line of the collector. `run` is the daemon; everything else asks the running one through its socket."""

import os
import sys
from importlib.metadata import version
from typing import Annotated, Final

import typer

from giamsat_collector.commands import summary
from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, path_of, request, say
from giamsat_collector.commands.lazy import add_later
from giamsat_collector.errors import CollectorError
from giamsat_collector.vietnamese import in_both
from giamsat_wire.printable import on_any_terminal

GROUPS: Final = {
    "accounts": "Tài khoản của bảng điều khiển, mỗi người một. / Accounts of the console, one a person.",
    "alerts": "Cảnh báo. / Alerts.",
    "archive": "Kho nhật ký theo ngày. / The archive of events, a file a day.",
    "authority": "Cơ quan chứng thực của bộ thu thập. / The collector's certificate authority.",
    "availability": "Mức độ sẵn sàng của hệ thống. / How available each system was.",
    "backup": "Sao lưu và khôi phục. / Taking backups, and putting one back.",
    "coverage": "Độ phủ: nghĩa vụ của từng hệ thống. / Coverage: what each system owes.",
    "enrol": "Ghi danh máy. / Enrolling hosts.",
    "flows": "Ai trao đổi với ai. / Who talked with whom on the networks of units.",
    "incidents": "Sự cố và thời hạn báo cáo theo luật. / Incidents, and by when the law asks for reports.",
    "indicators": "Chỉ báo xấu: địa chỉ, tên miền, URL, JA4, mã băm, thư. / Lists of what is known to be evil.",
    "notify": "Thông báo cảnh báo ra ngoài. / Telling others of alerts.",
    "registry": "Đơn vị, hệ thống, tài sản. / Units, systems, assets.",
    "replay": "Thử quy tắc mới trên nhật ký đã lưu. / What other rules would have said.",
    "report": "Báo cáo để ký: DOCX, XLSX. / Reports to sign.",
    "rules": "Bộ quy tắc đang dùng. / The rules in force.",
    "spool": "Dữ liệu mang tay. / Frames that are carried by hand.",
    "suppress": "Tạm ẩn: bảo trì, máy quét của mình. / Hide for a while: maintenance, a scanner of one's own.",
}
"""Commands and groups of commands, each in a module of its own, and what they are for."""


app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Bộ thu thập: nhận, đánh giá theo cấp độ, cảnh báo. / Receives, judges by protection level, raises alerts.",
)
config_app = typer.Typer(no_args_is_help=True, help="Tệp cấu hình. / The configuration file.")
add_later(app, GROUPS)
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
        json_lines([found])
        return
    for line in summary.told(found, load(config).console.zone):
        out.print(line, soft_wrap=True)


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
    on_any_terminal(sys.stdout, sys.stderr)
    try:
        app()
    except CollectorError as error:
        say.print(f"giamsat-collector: {in_both(error.why)}", markup=False, soft_wrap=True)
        raise SystemExit(1) from error
