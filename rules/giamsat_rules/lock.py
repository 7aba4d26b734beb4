# SPDX-License-Identifier: Apache-2.0
"""The version lock: a rule cannot change without its version.

`rules.lock` has one line a rule: its name, its version and the SHA-256 of its document, comments aside.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_rules.errors import Problem
from giamsat_rules.rule import RuleSet

FILE: Final = "rules.lock"


@dataclass(frozen=True, slots=True)
class Locked:
    """A rule as it was locked."""

    version: int
    digest: str


Lock = Mapping[str, Locked]


def lock_of(rules: RuleSet) -> Lock:
    """The lock of the rules as they are."""
    return {name: Locked(rule.header.version, rule.header.digest) for name, rule in sorted(rules.rules.items())}


def written(lock: Lock) -> str:
    """The text of a lock."""
    return "".join(f"{name} {each.version} {each.digest}\n" for name, each in sorted(lock.items()))


def read(text: str) -> Lock:
    """The lock in a text; lines that are none are left out, and then count as unlocked."""
    lock: dict[str, Locked] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(" ")
        version, _, found = rest.partition(" ")
        if version.isdecimal() and found:
            lock[name] = Locked(int(version), found)
    return lock


def unlocked(before: Lock, now: Lock) -> Iterator[str]:
    """What each rule is that is not locked as it is: new, of another version, gone."""
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield f"{name}: new"
        elif name not in now:
            yield f"{name}: gone"
        elif before[name] != now[name]:
            yield f"{name}: version {before[name].version} is locked, this is {now[name].version}"


def broken(before: Lock, now: Lock, rules: RuleSet) -> Iterator[Problem]:
    """Rules that changed and kept their version, or took an older one."""
    for name, each in now.items():
        known = before.get(name)
        if known is None or each == known:
            continue
        origin = rules.rules[name].header.origin
        if each.version < known.version:
            yield Problem(origin, f"{name} went back from version {known.version} to {each.version}", "count upwards")
        elif each.version == known.version:
            what = f"{name} changed and is still version {each.version}"
            yield Problem(origin, what, f"set giamsat.version to {each.version + 1}")
