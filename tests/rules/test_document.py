# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.document import DEPTH, NODES, TEXT_BYTES, read

FILE = Path("a.yml")

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from("abcdef"), plain, min_size=1))
def test_what_yaml_writes_is_read_back(value):
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data):
            return True

    text = yaml.dump(value, Dumper=Plain, allow_unicode=True).encode()

    documents, problems = read(text, FILE)

    assert problems == ()
    assert documents[0].value == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_never_raise(text):
    documents, problems = read(text, FILE)

    assert all(problem.origin.line >= 1 for problem in problems)
    assert all(isinstance(document.value, dict) for document in documents)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb:\n  <<: {c: 1}\n", 3, "merge keys"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tag"),
        ("a: 1\na: 2\n", 2, "stands twice"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("- a\n", 1, "not a map"),
        ("a: 2026-13-45\n", 1, "not a number or date"),
        ("? [a]\n: 1\n", 1, "cannot be a key"),
        ("a: " + "[" * (DEPTH + 1) + "]" * (DEPTH + 1), 1, "levels of nesting"),
        ("a: [" + "1, " * NODES + "1]", 1, "more than"),
        ("a: \x00", 1, "not YAML"),
    ],
)
def test_what_could_mislead_or_exhaust_is_refused_with_its_line(text, line, what):
    _, problems = read(text.encode(), FILE)

    assert problems[0].origin.line == line
    assert what in problems[0].what
    assert problems[0].remedy


def test_a_large_file_is_not_parsed():
    documents, problems = read(b"a: " + b"x" * TEXT_BYTES, FILE)

    assert documents == ()
    assert "more than" in problems[0].what


def test_text_that_is_not_utf8_says_on_which_line():
    _, problems = read(b"a: 1\nb: \xff\n", FILE)

    assert str(problems[0]) == "a.yml:2: the text is not UTF-8; save the file as UTF-8"


def test_every_problem_is_collected_not_only_the_first():
    _, problems = read(b"a: 1\na: 2\nb: !x 1\n---\nc: 1\nc: 2\n", FILE)

    assert [problem.origin.line for problem in problems] == [2, 3, 6]


def test_a_value_knows_its_line_and_an_absent_one_that_of_its_parent():
    (first, second), _ = read(b"a: 1\n---\nb:\n  c:\n    - x\n    - y\n", FILE)

    assert second.at("b", "c", 1).line == 6
    assert second.at("b", "missing").line == 3
    assert first.at("missing").line == 1
