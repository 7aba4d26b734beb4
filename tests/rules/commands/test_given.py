# SPDX-License-Identifier: Apache-2.0
import pytest
import typer

from giamsat_rules.commands import given


def test_a_line_that_is_too_long_is_named_and_the_next_one_read(tmp_path):
    file = tmp_path / "e.jsonl"
    file.write_bytes(b"x" * (2 * given.LINE_BYTES) + b'\n{"a": 1}\n')
    complaints = []

    read = list(given.occurrences(str(file), 3, complaints))

    assert [(each.ref, each.fields) for each in read] == [(2, {"a": 1})]
    assert f"{file}:1:" in complaints[0]


def test_what_cannot_be_used_at_all_ends_the_command(tmp_path):
    with pytest.raises(typer.Exit):
        given.opened(tmp_path / "absent", None)
