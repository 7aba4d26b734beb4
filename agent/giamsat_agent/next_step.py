# SPDX-License-Identifier: Apache-2.0
"""What a person types next on this host: with the service where it is installed, without it elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from giamsat_agent.address import split

SERVICE: Final = Path("/etc/systemd/system/giamsat-agent.service")


def starting() -> str:
    """How the agent is started here."""
    return "sudo systemctl enable --now giamsat-agent" if SERVICE.exists() else "giamsat-agent run"


def looking(folder: Path, command: str) -> str:
    """What is said to a user who may not see the state of the agent."""
    return f"{folder}: tài khoản này không được xem; chạy / this user may not look; run: sudo giamsat-agent {command}"


def enrolling(way: str = "--collector HOST:7444") -> str:
    """How this host is enrolled, over a connection or another way."""
    return f"{'sudo ' if SERVICE.exists() else ''}giamsat-agent enrol {way}"


def addressing(collector: str, addresses: Sequence[str], file: Path) -> str:
    """What is said to who enrols at HOST:PORT while the agent would report to others; empty where it would not."""
    host = split(collector, 0)[0]
    if host in (split(address, 0)[0] for address in addresses):
        return ""
    shown = f"[{host}]" if ":" in host else host
    return (
        f"Agent chưa biết gửi về đâu; trong {file}, phần [collector], sửa thành / "
        f'the agent is still to be told where to report; in that file, under [collector]: addresses = ["{shown}:7443"]'
    )
