# SPDX-License-Identifier: Apache-2.0
"""Failed logins in a row, and what an engine says of them."""

from dataclasses import dataclass

from giamsat_rules.verdict import Occurrence, Subject

SECOND = 10**9
FAILED = {
    "event.action": "user-login",
    "event.category": ("authentication",),
    "event.outcome": "failure",
    "process.name": "sshd",
    "source.ip": "192.0.2.7",
}


@dataclass
class Stood:
    """What a store still has of an episode."""

    group: dict[str, str]
    first_ns: int
    last_ns: int


def failures(count, *, level=3, asset="host-1", every=1, start=0, **fields):
    """So many failed logins of one source at one host, seconds apart."""
    subject = Subject(asset, level)
    return [Occurrence(subject, (start + n * every) * SECOND, FAILED | fields, ref=n) for n in range(count)]


def judged(engine, occurrences, rule="ssh_brute_force"):
    """What an engine says of them by one rule."""
    return [verdict for each in occurrences for verdict in engine.judge(each) if verdict.rule == rule]
