# SPDX-License-Identifier: Apache-2.0
"""Hosts that are copied on purpose: `giamsat-agent prepare-image`, and `confirm-host` for one that is no copy."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from giamsat_agent import next_step, safe_start
from giamsat_agent.commands.options import ConfigOption, load, say
from giamsat_agent.errors import NotEnrolledError, StateError
from giamsat_agent.privileges import become_owner
from giamsat_agent.uplink import host_binding
from giamsat_agent.uplink import identity as identities

LOCK = "lock"


def prepare_image(
    yes: Annotated[bool, typer.Option("--yes", help="Không hỏi lại. / Do not ask again.")] = False,
    config: ConfigOption = None,
) -> None:
    """Xóa danh tính và hàng đợi trước khi chụp ảnh đĩa. / Delete identity and spool before an image is made.

    Each machine made out of the image is then enrolled by itself. What waits in the spool is lost: send it before.
    """
    settings = load(config)
    state, asking = Path(settings.state), Path(settings.polling.state)
    if not (state.exists() or asking.exists()):
        say.print(f"{state}: không có gì / there is nothing")
        return
    if not yes and not typer.confirm(f"Xóa hết trong {state} và {asking}? / Delete everything there?"):
        raise typer.Exit(1)
    _empty(asking)
    become_owner(state)
    with safe_start.alone(state):
        _empty(state)
    say.print(
        f"đã xóa / is deleted: {state}\nTrên mỗi máy mới / on each new machine: {next_step.enrolling()}",
    )


def confirm_host(config: ConfigOption = None) -> None:
    """Đúng là máy này, dù đã thay phần cứng. / This is the host that was enrolled, though its hardware is another."""
    settings = load(config)
    state = Path(settings.state)
    become_owner(state)
    if not identities.exists(state / "identity"):
        raise NotEnrolledError(
            f"{state}: máy này chưa ghi danh; chạy / this host is not enrolled; run: {next_step.enrolling()}"
        )
    host_binding.settle(state / "identity", host_binding.here(Path(settings.host.sys)))
    say.print(f"đã xác nhận / is confirmed; bước sau / next: {next_step.starting()}")


def _empty(folder: Path) -> None:
    """Delete what lies in a folder, but for the lock.

    Raises:
        StateError: something cannot be deleted.
    """
    try:
        for path in sorted(folder.iterdir()) if folder.exists() else ():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()
    except OSError as error:
        raise StateError(f"{error.filename}: cannot be deleted: {error.strerror}; run as root") from error
