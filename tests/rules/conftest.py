# SPDX-License-Identifier: Apache-2.0
"""Rules and packs from a few lines of text, through the same reading as files."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from giamsat_rules.check import Book
from giamsat_rules.document import read
from giamsat_rules.engine import Engine
from giamsat_rules.level import LevelPack
from giamsat_rules.load import load_cases, load_pack, load_rules, shipped
from giamsat_rules.rule import RuleSet

DETECTION = """
title: {name}
name: {name}
logsource: {{product: linux, category: authentication}}
detection:
  selection: {selection}
  condition: selection
"""

CORRELATION = """
title: {name}
name: {name}
correlation:
  type: {type}
  rules: {rules}
  group-by: [source.ip]
  timespan: {timespan}
  condition: {condition}
"""


@pytest.fixture
def rules_of(tmp_path):
    def build(*texts: str) -> RuleSet:
        file = tmp_path / "rules.yml"
        file.write_text("\n---\n".join(texts), encoding="utf-8")
        return load_rules(file)

    return build


@pytest.fixture
def detection():
    return lambda name, selection: DETECTION.format(name=name, selection=selection)


@pytest.fixture
def correlation():
    def build(name, rules, *, type_="event_count", timespan="1m", condition="{gte: 3}"):
        return CORRELATION.format(name=name, rules=rules, type=type_, timespan=timespan, condition=condition)

    return build


@pytest.fixture
def document():
    def build(text: str, file: str = "a.yml"):
        documents, problems = read(text.encode(), Path(file))
        assert not problems
        return documents[0]

    return build


@pytest.fixture(scope="session")
def shipped_pack() -> LevelPack:
    return load_pack(shipped().pack)


@pytest.fixture(scope="session")
def shipped_rules() -> RuleSet:
    return load_rules(shipped().detections)


@pytest.fixture
def engine(shipped_rules, shipped_pack):
    return Engine(shipped_rules, shipped_pack)


@pytest.fixture
def pack_of(shipped_pack):
    """The shipped pack with one level's values replaced."""

    def build(level: int, **values: float) -> LevelPack:
        profile = shipped_pack.profiles[level]
        changed = replace(profile, values={**profile.values, **values})
        return replace(shipped_pack, profiles={**shipped_pack.profiles, level: changed})

    return build


@pytest.fixture
def book(shipped_rules, shipped_pack) -> Book:
    cases, _ = load_cases(shipped().detections)
    return Book(shipped_rules, cases, shipped_pack, date(2026, 1, 1))


@pytest.fixture
def with_rule(book):
    """The shipped book with one rule changed."""

    def build(name: str, **header: object) -> Book:
        rule = book.rules.rules[name]
        changed = replace(rule, header=replace(rule.header, **header))
        return replace(book, rules=RuleSet({**book.rules.rules, name: changed}))

    return build


@pytest.fixture
def with_cases(book):
    """The shipped book with one rule's cases changed."""

    def build(name: str, **sections: object) -> Book:
        cases = tuple(replace(each, **sections) if each.rule == name else each for each in book.cases)
        return replace(book, cases=cases)

    return build
