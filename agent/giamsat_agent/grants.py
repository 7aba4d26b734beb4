# SPDX-License-Identifier: Apache-2.0
"""What this agent can and cannot see as the user it runs as, and what would grant the rest."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from giamsat_agent.logs.journal import journalctl
from giamsat_agent.sensor import Host

GRANTED: Final = "etc/systemd/system/giamsat-agent.service.d/giamsat-agent-process-names.conf"
"""What install.sh --process-names puts in place: the service may look, whoever asks here may not."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing to see: whether it is seen, and if not what an administrator does to grant it."""

    what: str
    seen: bool
    remedy: str = ""


def grants(host: Host, user: str) -> Iterator[Grant]:
    """Every kind of thing the agent watches on this host."""
    yield Grant("chỉ số máy chủ / host metrics (/proc, /sys)", _readable(host.proc / "stat"), "mount /proc")
    yield Grant(
        "đăng nhập, sudo, tài khoản / logins, sudo, accounts",
        _logs(host),
        "apt install rsyslog   (máy này không lưu nhật ký nào / this host keeps no log)"
        if user == "root"
        else f"sudo usermod -aG systemd-journal,adm {user}   (hoặc / or: apt install rsyslog)",
    )
    yield Grant("cổng đang lắng nghe / listening ports", _readable(host.proc / "net" / "tcp"), "mount /proc")
    yield Grant(
        "tiến trình sau mỗi cổng / the process behind each port",
        os.geteuid() == 0 or _readable(host.proc / "1" / "fd") or (host.root / GRANTED).exists(),
        "sudo sh install.sh --process-names   (trong thư mục của gói cài, hoặc / in the folder of the bundle, or: "
        "/usr/share/giamsat/agent)",
    )
    yield Grant(
        "dịch vụ systemd / systemd services",
        _readable(host.root / "run/systemd/private") or _readable(host.root / "run/systemd/system"),
        "máy này không dùng systemd / this host does not run systemd",
    )


def _logs(host: Host) -> bool:
    files = (host.root / "var/log/auth.log", host.root / "var/log/secure")
    return journalctl(host.root) is not None or any(map(_readable, files))


def _readable(path: Path) -> bool:
    return os.access(path, os.R_OK)
