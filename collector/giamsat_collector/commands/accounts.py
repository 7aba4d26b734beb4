# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector accounts`: who may use the console, and as what."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from giamsat_collector.commands.asking import ConfigOption, DryRun, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.moment import moment

ROLES: Final = {"analyst": "trực cảnh báo / analyst", "administrator": "quản trị / administrator"}

RoleOption = Annotated[
    str,
    typer.Option(
        help="analyst: xử lý cảnh báo; administrator: mọi việc. / analyst: works alerts; administrator: everything."
    ),
]


NameArgument = Annotated[str, typer.Argument(help="Tên đăng nhập của tài khoản. / The name somebody logs in with.")]
app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("list")
def accounts_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các tài khoản: vai trò, tình trạng, đăng nhập lần cuối. / The accounts: role, state, last login."""
    found = request(config, "accounts.list")
    if as_json:
        json_lines(found)
        return
    zone = load(config).console.zone
    for one in found:
        login = moment(one["last_login"], zone) if one["last_login"] else "-"
        out.print(f"{_whose(one):<24}  {ROLES[one['role']]:<24}  {_state(one):<35}  {login}", soft_wrap=True)
    if not found:
        say.print(
            "Chưa có ai. / Nobody yet: giamsat-collector accounts add NAME --role administrator",
            markup=False,
            soft_wrap=True,
        )


@app.command("add")
def accounts_add(
    name: NameArgument,
    role: RoleOption,
    person: Annotated[
        str,
        typer.Option(
            help="Tài khoản đầu tiên hoặc tên đăng nhập máy này của người đó. / This person's first account or login "
            "on this host: two accounts of one person cannot agree."
        ),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Thêm một người; in mã đăng nhập lần đầu, chỉ hiện một lần. / Add somebody; prints a first-login secret once."""
    _print_secret(request(config, "accounts.add", name=name, role=role, person=person), config, as_json=as_json)


@app.command("reset")
def accounts_reset(name: NameArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Quên mật khẩu: mã đăng nhập mới, các phiên kết thúc. / A new secret for a lost password; sessions end."""
    _print_secret(request(config, "accounts.reset", name=name), config, as_json=as_json)


@app.command("disable")
def accounts_disable(name: NameArgument, dry_run: DryRun = False, config: ConfigOption = None) -> None:
    """Khóa ngay; việc đã làm vẫn mang tên người đó. / Let somebody in no more, at once."""
    _print_account(request(config, "accounts.disable", name=name, dry_run=dry_run))
    _print_whether(dry_run)


@app.command("enable")
def accounts_enable(name: NameArgument, config: ConfigOption = None) -> None:
    """Mở khóa, với mật khẩu cũ. / Let somebody in again, with the password they had."""
    _print_account(request(config, "accounts.enable", name=name))


@app.command("role")
def accounts_role(name: NameArgument, role: RoleOption, dry_run: DryRun = False, config: ConfigOption = None) -> None:
    """Đổi vai trò, có hiệu lực ngay. / Another role, from the next page on."""
    _print_account(request(config, "accounts.role", name=name, role=role, dry_run=dry_run))
    _print_whether(dry_run)


@app.command("person")
def accounts_person(
    name: NameArgument,
    who: Annotated[
        str,
        typer.Argument(
            help="Tài khoản đầu tiên hoặc tên đăng nhập máy này của người đó; chính NAME: người khác. / Their first "
            "account or login on this host; NAME itself: nobody who has another."
        ),
    ],
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Khai tài khoản là của ai, có hiệu lực ngay. / Say whose an account is, from the next page on."""
    _print_account(request(config, "accounts.person", name=name, person=who, dry_run=dry_run))
    _print_whether(dry_run)


def _print_secret(found: dict[str, Any], config: Path | None, *, as_json: bool) -> None:
    if as_json:
        json_lines([found])
        return
    typer.echo(found["secret"])
    _print_account(found)
    say.print(
        "Mã chỉ hiện lần này; người đó đăng nhập bằng mã và chọn mật khẩu của mình / shown this once; they log in with "
        f"it and choose a password: {request(config, 'status')['console']}",
        markup=False,
        soft_wrap=True,
    )
    if found["disabled"]:
        say.print(f"Để vào được / to let them in: giamsat-collector accounts enable {found['name']}", markup=False)


def _print_account(found: dict[str, Any]) -> None:
    say.print(f"{_whose(found)}: {ROLES[found['role']]}, {_state(found)}", markup=False)


def _print_whether(tried: bool) -> None:  # noqa: FBT001 - what the option says
    if tried:
        say.print("chỉ xem trước, chưa đổi gì / a preview: nothing was changed")


def _whose(one: dict[str, Any]) -> str:
    return str(one["name"]) if one["person"] == one["name"] else f"{one['name']} ({one['person']})"


def _state(one: dict[str, Any]) -> str:
    if one["disabled"]:
        return "bị khóa / disabled"
    return "chưa chọn mật khẩu / no password yet" if one["must_choose"] else "được vào / enabled"
