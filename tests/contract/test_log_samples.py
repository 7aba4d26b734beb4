# SPDX-License-Identifier: Apache-2.0
"""Whoever guesses at a login is named by an alert, whatever product tells of it: its lines, read and judged."""

import re
import tomllib
from datetime import UTC
from pathlib import Path

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject

FOLDER = Path(__file__).parents[1] / "fixtures" / "logs"
NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC
GUESSER = "203.0.113.9"
GUESSES = 30
PID = re.compile(r"\[\d+\]:")
GUESSING = {"login_brute_force", "ssh_brute_force", "vpn_brute_force"}


def failed_logins():
    """The lines of failed logins from one address, each as if it came from an address of its own."""
    number = 0
    for file in sorted(FOLDER.glob("*.toml")):
        for name, case in tomllib.loads(file.read_text(encoding="utf-8")).items():
            said = case["fields"]
            if (said["event.action"], said.get("event.outcome"), said.get("source.ip")) == (
                "user-login",
                "failure",
                GUESSER,
            ):
                number += 1
                source = f"198.18.{number // 250}.{number % 250 + 1}"
                yield f"{file.stem}: {name}", source, case["line"].replace(GUESSER, source)


def guessed(engine, source, line):
    """The guessing alerts that the line brings when it comes again and again."""
    recognizer = Recognizer(zone=UTC, origin={})
    for attempt in range(GUESSES):
        # Each attempt is a process of its own, as those of a server are.
        raw = PID.sub(f"[{1_000 + attempt}]:", line, count=1).encode()
        for found in recognizer.recognize(raw, key=b"%d" % attempt, now_ns=NOW_NS, mono_ns=1):
            subject = Subject(source, 3)
            for verdict in engine.judge(Occurrence(subject, NOW_NS + attempt * 10**9, found.event.fields)):
                if verdict.rule in GUESSING and source in verdict.group.values():
                    yield verdict


def test_guessing_that_any_product_tells_of_raises_its_alert_with_its_source():
    engine = Engine(load_rules(shipped().detections), load_pack(shipped().pack))
    cases = list(failed_logins())

    silent = [name for name, source, line in cases if not any(guessed(engine, source, line))]

    assert len(cases) > 200
    assert silent == []
