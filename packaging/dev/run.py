# SPDX-License-Identifier: Apache-2.0
"""Watch this very host: a collector, an agent, the console's address, and one line per alert. Ctrl-C stops both."""

import argparse
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pair import NotStartedError, Pair, agent, collector, program

from giamsat_collector.commands.moment import moment
from giamsat_collector.config import Console
from giamsat_collector.control.client import NotRunningError

DATA = Path(__file__).resolve().parents[2] / "run"
POLL_S = 1.0
FIRST_SAMPLE_S = 60.0
PORTS = {"console": 8443, "ingest": 7443, "enrol": 7444}
_ZONE = Console().zone


def main() -> int:
    """Start both, print what a person needs, then one line per alert until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="where everything is kept (default: run/)")
    for name, port in PORTS.items():
        parser.add_argument(f"--{name}-port", type=port_number, metavar="PORT", default=port)
    words = parser.parse_args()
    wrong = unusable(words.data, {name: getattr(words, f"{name}_port") for name in PORTS})
    if wrong is not None:
        print(f"make run: {wrong}", file=sys.stderr)
        return 1
    pair = Pair(words.data, ingest=words.ingest_port, enrol=words.enrol_port, console=words.console_port)
    # A closed terminal leaves nothing running, and what began in the background of a script can be stopped, too.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    began = time.monotonic()
    try:
        with collector(pair):
            if not pair.ask("registry.units"):
                pair.ask("registry.example", dry_run=False)
            with agent(pair) as watching, contextlib.suppress(KeyboardInterrupt):
                _introduce(pair, began)
                _follow(pair, watching)
            print("đang dừng / stopping …", flush=True)
    except NotStartedError as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    except NotRunningError:
        print(f"make run: the collector ended; {words.data}/collector.log says why", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    print(f"đã dừng; dữ liệu còn ở / stopped; the data stays in {words.data}")
    return 0


def port_number(text: str) -> int:
    """A port as it stands on a command line.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) >= 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 (any that is free) to 65535")
    return int(text)


def unusable(data: Path, ports: Mapping[str, int]) -> str | None:
    """Why it cannot run here, and what to give instead; None when it can."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        return f'{data}: {error.strerror}; name a folder you may write: make run ARGS="--data FOLDER"'
    if (data / "collector" / "control.sock").exists():
        return None  # one that runs already holds these ports, and is told of more exactly
    for name, port in ports.items():
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError as error:
                return f'port {port}: {error.strerror}; free it, or take another: make run ARGS="--{name}-port PORT"'
    return None


def _introduce(pair: Pair, began: float) -> None:
    status = pair.ask("status")
    while not pair.ask("status")["frames_judged"] and time.monotonic() - began < FIRST_SAMPLE_S:
        time.sleep(0.1)
    print(f"\ngiamsat {status['version']} đang chạy / is running")
    print(f"  bảng điều khiển / console   {status['console']}")
    secret = pair.ask("console.first_login")
    if secret:
        print(f"  đăng nhập lần đầu / first login   admin   {secret}")
    print(f"  mẫu đầu tiên sau / first sample after   {time.monotonic() - began:.1f} s")
    print(f"  nhật ký / logs   {pair.folder}/collector.log  {pair.folder}/agent.log")
    print("\nAgent thấy được gì / what the agent can and cannot see:", flush=True)
    subprocess.run([program("giamsat-agent"), "doctor", "--config", str(pair.folder / "agent.toml")], check=False)
    print("\nCảnh báo hiện ra bên dưới; Ctrl-C để dừng. / Alerts appear below; Ctrl-C stops both.", flush=True)


def _follow(pair: Pair, watching: "subprocess.Popen[bytes]") -> None:
    seen: dict[str, int] = {}
    while True:
        if watching.poll() is not None:
            raise NotStartedError(f"the agent ended; {pair.folder}/agent.log says why")
        for alert in pair.alerts():
            if seen.get(alert["id"]) != alert["count"]:
                seen[alert["id"]] = alert["count"]
                _print(alert)
        time.sleep(POLL_S)


def _print(alert: dict[str, Any]) -> None:
    level = "?" if alert["level"] is None else alert["level"]
    source = f" từ/from {alert['source']['ip']}" if alert["source"]["ip"] else ""
    titles = f"{alert['title']['vi']} / {alert['title']['en']}"
    print(
        f"P{alert['priority']} {moment(alert['last'], _ZONE)} {alert['id']} {titles}{source} "
        f"×{alert['count']} cấp độ/level {level} [{alert['state']}]",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
