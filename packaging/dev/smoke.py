# SPDX-License-Identifier: Apache-2.0
"""Both ends on free ports in a temporary folder, one real security event, and a line that says how fast it arrived.

The event is a new listening port, which needs no root. Exit code 0 only if the sample, the alert and the series came.
"""

import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pair import NotStartedError, Pair, agent, collector

FIRST_SAMPLE_S = 60.0
BASELINE_S = 60.0
ALERT_S = 60.0
LEAST_SERIES = 150
RULE = "listening_port_opened"


def main() -> int:
    """Run once."""
    with tempfile.TemporaryDirectory(prefix="giamsat-smoke-") as folder:
        pair = Pair(Path(folder), period_s=5.0)
        try:
            with collector(pair):
                pair.ask("registry.example", dry_run=False)
                with agent(pair):
                    return _observe(pair)
        except NotStartedError as error:
            print(f"smoke: {error}")
            return 1


def _observe(pair: Pair) -> int:
    first_sample = _until(lambda: bool(_series(pair)), FIRST_SAMPLE_S)
    if first_sample is None:
        print(f"smoke: no sample within {FIRST_SAMPLE_S:.0f} s")
        return 1
    # The agent takes the ports that are open when it first looks as its baseline; then ours opens.
    if _until(lambda: pair.ask("status")["frames_judged"] >= 3, BASELINE_S) is None:
        print(f"smoke: the agent's readings did not go on within {BASELINE_S:.0f} s")
        return 1
    # Loopback would not do: what only this host can reach is no news to the rule.
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - the very thing the rule looks for
        port = listener.getsockname()[1]
        alert = _until(lambda: any(_names(found, port) for found in _found(pair)), ALERT_S)
    if alert is None:
        print(f"smoke: port {port} was opened and no alert came within {ALERT_S:.0f} s")
        return 1
    series = _series(pair)
    print(f"smoke: first sample {first_sample:.1f} s, alert {alert:.1f} s, series {series}")
    return 0 if series >= LEAST_SERIES else 1


def _found(pair: Pair) -> list[dict[str, object]]:
    return [pair.ask("alerts.show", alert=alert["id"]) for alert in pair.alerts() if alert["rule"] == RULE]


def _names(alert: dict[str, object], port: int) -> bool:
    evidence = alert["evidence"]
    return isinstance(evidence, list) and any(event.get("server.port") == port for event in evidence)


def _series(pair: Pair) -> int:
    return max((agent["series"] for agent in pair.ask("enrol.agents")), default=0)


def _until(happened: Callable[[], bool], limit_s: float) -> float | None:
    began = time.monotonic()
    while time.monotonic() - began < limit_s:
        if happened():
            return time.monotonic() - began
        time.sleep(0.05)
    return None


if __name__ == "__main__":
    sys.exit(main())
