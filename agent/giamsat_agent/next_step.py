# SPDX-License-Identifier: Apache-2.0
"""What a person types next on this host: with the service where it is installed, without it elsewhere."""

from pathlib import Path
from typing import Final

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
