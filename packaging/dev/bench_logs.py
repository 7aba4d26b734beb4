# SPDX-License-Identifier: Apache-2.0
"""How many lines a second one core understands, of each product that tells of every connection or request.

The lines are those of the tests: of each product the longest that tells of a connection, a request or a login, as the
product writes it: not in an object of whoever passes it on, where there are both. Peers' addresses and ports differ
from line to line, as they do at a firewall. Counted is the processor time from a line's bytes to its event.

Last line: `bench-logs: slowest N lines/s (FORMAT), M formats`.
"""

import argparse
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Final

from fuzz_logs import SAMPLES

from giamsat_agent.parsers.recognizer import Recognizer

NOW_NS: Final = 1_795_449_600_000_000_000
"""23 November 2026, 16:00 UTC, when the lines of the tests were written."""
PEER, PORT = "203.0.113.9", "51000"
"""A peer as the tests' lines have it."""
PEERS: Final = 8_192
"""Different peers, more than the agent remembers."""
BUSY: Final = ("connection-allowed", "connection-denied", "http-request", "user-login")
"""What products write by the thousand."""
ALWAYS: Final = ("sshd", "postfix", "dovecot", "named", "auditd", "windows_xml", "windows_winlogbeat")
"""Products whose logins, questions or records come so, too."""


def main() -> int:
    """Measure every format and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000, help="lines of each format in one round")
    parser.add_argument("--rounds", type=int, default=10, help="how often; the best counts")
    parser.add_argument("--only", default="", help="formats whose name holds this")
    options = parser.parse_args()
    found: dict[str, float] = {}
    for name, sample in formats().items():
        if options.only in name:
            found[name] = fastest(list(varied(sample, options.lines * options.rounds)), options.rounds)
            print(f"{name:<22} {found[name]:>8,.0f} lines/s of {len(sample)} bytes", flush=True)
    slowest = min(found, key=lambda name: found[name])
    print(f"bench-logs: slowest {found[slowest]:,.0f} lines/s ({slowest}), {len(found)} formats")
    return 0


def formats() -> dict[str, str]:
    """Of each product that writes lines by the thousand the longest such line."""
    longest: dict[str, str] = {}
    for file in sorted(SAMPLES.glob("*.toml")):
        for case in tomllib.loads(file.read_text(encoding="utf-8")).values():
            name, line = case.get("parser"), str(case["line"])
            if name is not None and _busy(name, case["fields"]):
                longest[name] = max(longest.get(name, line), line, key=lambda each: (each[0] != "{", len(each)))
    return dict(sorted(longest.items()))


def _busy(name: str, fields: Mapping[str, object]) -> bool:
    kind = fields.get("event.action")
    return kind in BUSY[:3] or (name in ALWAYS and kind in BUSY)


def varied(sample: str, count: int) -> Iterator[bytes]:
    """The line of so many peers."""
    for number in range(count):
        peer = f"198.18.{number % PEERS // 250}.{number % 250 + 1}"
        yield sample.replace(PEER, peer).replace(PORT, str(20_000 + number % 40_000)).encode()


def fastest(lines: list[bytes], rounds: int) -> float:
    """Lines a second of processor time in the best of so many rounds, each of other lines: others use the machine."""
    recognizer = Recognizer(zone=UTC, origin={"event.provider": "syslog", "log.source.address": "192.0.2.1"})
    count = len(lines) // rounds
    best = 0.0
    for start in range(0, len(lines), count):
        began = time.process_time()
        for number, line in enumerate(lines[start : start + count]):
            for _ in recognizer.recognize(line, key=b"%d" % number, now_ns=NOW_NS, mono_ns=1):
                pass
        best = max(best, count / (time.process_time() - began))
    return best


if __name__ == "__main__":
    sys.exit(main())
