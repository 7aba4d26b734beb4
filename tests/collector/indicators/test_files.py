# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators import files
from giamsat_collector.indicators.files import PROBLEMS, Standing, Taken, is_table, lines, moment, shortened, table
from giamsat_collector.indicators.indicator import Kind
from support.listing import DAY, NOW

STANDING = Standing(NOW, NOW + 180 * DAY, 75)


def taken(read, text):
    found = Taken(STANDING)
    read(text, found)
    return found


def told(found):
    return [str(problem) for problem in found.problems]


def test_plain_lines_hold_a_value_each_and_hosts_files_are_understood():
    found = taken(
        lines,
        "# cảnh báo\n\n203.0.113.9 # máy điều khiển\n0.0.0.0 evil.example\nevil.example\nhxxp://a.example/x ; y\n",
    )

    assert [value for _, value in found.entries] == ["203.0.113.9", "evil.example", "a.example/x"]
    assert found.left_out == {"repeated": 1}
    assert found.problems == []


def test_what_is_wrong_is_told_by_line():
    found = taken(lines, "evil.example\n10.0.0.1\na b\n")

    assert told(found) == [
        "line 2: 10.0.0.1 is private or reserved and would match hosts of your own; take it out",
        "line 3: more than one value; write one a line, or CSV with a line of column names",
    ]


def test_a_file_of_nothing_but_mistakes_is_not_read_to_its_end():
    assert len(taken(lines, "x\n" * 10_000).problems) == PROBLEMS
    assert len(taken(table, "value\n" + "x\n" * 10_000).problems) == PROBLEMS


def test_a_table_says_of_each_entry_what_it_is_how_long_and_by_whom():
    text = (
        "\ufeffType,Value,expiry,source,comment,confidence,first_seen\n"
        'domain,evil.example,2026-12-31,NCSC,"mã độc, loại A",90,2026-09-01T00:00:00Z\n'
        "ip,203.0.113.9,,,,,\n\n"
        "ip,203.0.113.10,2020-01-01,,,,\n"
    )
    assert is_table(text)
    found = taken(table, text.lstrip("\ufeff"))

    domain, address = found.entries.values()
    assert (domain.kind, domain.source, domain.comment, domain.confidence) == (
        Kind.DOMAIN,
        "NCSC",
        "mã độc, loại A",
        90,
    )
    assert (domain.since, domain.until) == (1_788_220_800, 1_798_761_600)
    assert (address.since, address.until, address.confidence) == (NOW, NOW + 180 * DAY, 75)
    assert (told(found), found.left_out) == ([], {"expired": 1})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("value,typ\n", "line 1: no such column: 'typ'; did you mean 'type'?"),
        ("value,xyz\n", "line 1: no such column: 'xyz'; the columns are"),
        ("value,type\nevil.example,domian\n", "line 2: no such type: 'domian'; did you mean domain?"),
        ("value,type\nevil.example,q\n", "line 2: no such type: 'q'; known are"),
        ("value,expiry\nevil.example,31/12/2026\n", "line 2: '31/12/2026' is no time"),
        ("value,confidence\nevil.example,101\n", "line 2: '101' is no confidence"),
        ("value,confidence\nevil.example,0\n", "line 2: '0' is no confidence"),
        ('"value\n', "line 1: not CSV"),
        ("value\nevil.example,x\n", "line 2: more cells"),
        ('value\n"evil.example\n', "not CSV"),
    ],
)
def test_a_table_that_is_wrong_says_where_and_what_to_do(text, why):
    assert why in told(taken(table, text))[0]


def test_a_quote_that_is_wrong_costs_its_own_line_alone():
    rows = "".join(f"203.0.113.{number},x\n" for number in range(100))
    said = f'value,comment\nevil.example,"a\n{rows}b.example,"two\nlines"\nc.example,"x" y\nd.example,\n'

    found = taken(table, said)

    assert [value for _, value in found.entries][::101] == ["203.0.113.0", "d.example"]
    assert [problem.partition(":")[0] for problem in told(found)] == ["line 2", "line 105"]
    assert next(one.comment for one in found.entries.values() if one.value == "b.example") == "two lines"


def test_a_table_is_read_as_spreadsheets_of_regions_with_a_decimal_comma_save_it():
    text = "value;comment;confidence\nevil.example;mã độc, loại A;90\n203.0.113.9;;\n"
    assert is_table(text)
    found = taken(table, text)

    assert [one.comment for one in found.entries.values()] == ["mã độc, loại A", ""]
    assert found.problems == []


def test_a_comment_begins_a_line_or_follows_a_blank():
    found = taken(lines, "http://evil.example/a;jsessionid=1\rhttp://evil.example/#x # y\r\n;z\n")

    assert [value for _, value in found.entries] == ["evil.example/a;jsessionid=1", "evil.example/"]


def test_more_entries_than_there_is_room_for_are_a_problem(monkeypatch):
    monkeypatch.setattr(files, "ENTRIES", 1)

    assert "more than 1 entries" in told(taken(lines, "evil.example\nb.example\n"))[0]


def test_times_and_texts_of_others_are_bounded():
    assert moment("2026-12-31T00:00:00") == moment("2026-12-31T00:00:00Z") == moment("2026-12-30")
    with pytest.raises(RefusedError, match="no time"):
        moment("9999-12-31")
    assert shortened("a\n  b\u202e") == "a b"
    assert len(shortened("x" * 1_000)) == files.TEXT
    assert not is_table("evil.example\nvalue\n")
