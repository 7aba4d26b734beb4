# SPDX-License-Identifier: Apache-2.0
import fuzz_logs


def test_the_fuzzer_begins_with_every_form_of_file_that_is_read():
    tables = [fuzz_logs.read(table)[-1] for table in (*fuzz_logs.TABLES, fuzz_logs.WIDE.encode("utf-16"))]

    assert [each.parser for each in tables] == ["iis", "zeek", "mssql"]
    assert {each.event["source"]["ip"] for each in tables} == {"203.0.113.9"}


def test_every_line_the_tests_hold_stands_in_one_of_its_files():
    every = b"".join(fuzz_logs.files())

    assert [line for line in fuzz_logs.lines() if line + b"\n" not in every] == []
    assert len(fuzz_logs.lines()) > 700


def test_a_stream_is_read_in_two_pieces():
    assert fuzz_logs.framed(b"5 hello5 world")[:2] == [b"hello", b"world"]
