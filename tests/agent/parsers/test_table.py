# SPDX-License-Identifier: Apache-2.0
import json

from giamsat_agent.parsers.table import Table


def test_rows_have_the_columns_that_were_named_before_them():
    table = Table(None)

    assert table.line(b"#Software: IIS") is None
    assert table.line(b"#Fields: date time c-ip cs-method") is None
    assert json.loads(table.line(b"2026-11-23 16:00:00 203.0.113.9 -")) == {
        "date": "2026-11-23", "time": "16:00:00Z", "c-ip": "203.0.113.9",
    }  # fmt: skip


def test_rows_of_zeek_have_the_columns_that_were_named_before_them():
    table = Table(None)

    assert table.line(b"#separator \\x09") is None
    assert table.line(b"#path\tconn") is None
    assert table.line(b"#fields\tts\tid.orig_h\tservice\ttunnel_parents") is None
    assert table.line(b"#types\ttime\taddr\tstring\tset[string]") is None
    assert json.loads(table.line(b"1795449600.0\t203.0.113.9\t-\t(empty)")) == {
        "ts": "1795449600.0", "id.orig_h": "203.0.113.9",
    }  # fmt: skip


def test_lines_of_other_logs_are_left_alone():
    assert Table(None).line(b"hello # world") == b"hello # world"


def test_the_first_line_of_a_csv_names_its_columns():
    table = Table("csv")

    assert table.line(b'a,"b c",d') is None
    assert json.loads(table.line(b'1,"x, y",3')) == {"a": "1", "b c": "x, y", "d": "3"}


def test_a_row_that_is_too_short_is_left_alone():
    table = Table("csv")
    table.line(b"a,b,c,d")

    assert table.line(b"x") == b"x"


def test_a_line_that_is_no_row_of_the_columns_named_is_left_alone():
    table = Table(None)
    table.line(b"#Fields: date time c-ip")

    assert table.line(b"Nov 23 16:00:00") == b"Nov 23 16:00:00"
    assert table.line(b"2026-11-23 16:00:00 192.0.2.1 x") == b"2026-11-23 16:00:00 192.0.2.1 x"
    assert json.loads(table.line(b'2026-11-23 16:00:00 "192.0.2.1 x"'))["c-ip"] == "192.0.2.1 x"
    assert table.line(b"2026-11-23 16:00:00 192.0.2.1") != b"2026-11-23 16:00:00 192.0.2.1"


def test_columns_that_are_named_between_commas_hold_blanks():
    table = Table(None)

    assert table.line(b"#Log-type: HttpProxy Logs") is None
    assert table.line(b"#Fields: DateTime,UserAgent,ClientIpAddress") is None
    assert json.loads(table.line(b"2026-11-23T16:00:00.957Z,Microsoft Office/16.0 (Windows NT),203.0.113.9")) == {
        "DateTime": "2026-11-23T16:00:00.957Z", "UserAgent": "Microsoft Office/16.0 (Windows NT)",
        "ClientIpAddress": "203.0.113.9",
    }  # fmt: skip
    assert table.line(b"x,y,z") == b"x,y,z"
