# SPDX-License-Identifier: Apache-2.0
import io
from datetime import UTC

import pytest

from giamsat_agent.log import LINE_BYTES
from giamsat_agent.parsers.reading import nested, read_lines
from giamsat_wire.record import Event
from support.clock import ManualClock


def readings(text, table=None):
    return list(read_lines(io.BytesIO(text), zone=UTC, clock=ManualClock(), table=table))


def test_every_line_has_its_number_its_parser_and_its_text():
    found = readings(b"hello\nNov 13 22:00:00 h sshd[1]: Failed password for root from 203.0.113.9 port 5 ssh2\n")

    assert [(each.line, each.parser) for each in found] == [(1, None), (2, "sshd")]
    assert found[0].raw == "hello"
    assert found[1].event["source"] == {"ip": "203.0.113.9", "port": 5}
    assert found[1].event["@timestamp"] == "2023-11-13T22:00:00.000000Z"


def test_a_repeated_message_is_as_many_events_of_one_line():
    text = (
        b"Nov 13 22:00:00 h sshd[1]: message repeated 3 times: [ Failed password for root from 203.0.113.9 port 5 ssh2]"
    )

    assert [each.line for each in readings(text)] == [1, 1, 1]


def test_bytes_that_are_no_text_are_carried_as_numbers():
    (found,) = readings(b"\xff\xfd login")

    assert found.raw == "\\xff\\xfd login"


def test_a_very_long_line_is_one_line():
    assert len(readings(b"x" * 300_000 + b"\nend\n")) == 2


def test_the_naming_line_of_a_table_is_a_reading_too():
    found = readings(
        b"#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2023-11-14 22:00:00 203.0.113.9 GET /a 404\n"
    )

    assert [each.parser for each in found] == ["table", "iis"]
    assert found[1].event["message"] == "2023-11-14 22:00:00 203.0.113.9 GET /a 404"


def test_a_field_beside_its_own_parts_is_kept():
    event = Event("x", 0, 0, {"user": "a", "user.name": "b"})

    assert nested(event)["user"] == {"value": "a", "name": "b"}


ERRORLOG = (
    "\ufeff2026-11-23 16:00:00.12 Logon       Error: 18456, Severity: 14, State: 8.\r\n"
    "2026-11-23 16:00:00.12 Logon       Login failed for user 'quản trị'. Reason: Password did not match that for the"
    " login provided. [CLIENT: 203.0.113.9]\r\n"
    "2026-11-23 16:00:01.00 spid9s      Starting up database 'kho'."
)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""], ids=["marked", "unmarked"])
def test_a_log_of_utf_16_is_read_as_sql_server_writes_its_errorlog(codec, mark):
    first, failed, last = readings((mark + ERRORLOG.removeprefix("\ufeff")).encode(codec))

    assert (failed.parser, failed.event["source"]["ip"], failed.event["user"]["name"]) == (
        "mssql", "203.0.113.9", "quản trị",
    )  # fmt: skip
    assert failed.event["@timestamp"] == "2026-11-23T16:00:00.120000Z"
    assert first.raw.endswith("State: 8.")
    assert last.raw.endswith("Starting up database 'kho'.")


def test_a_line_of_utf_16_without_an_end_is_cut_where_any_line_is():
    (found, after) = readings(("\ufeff" + "ă" * 200_000 + "\nb").encode("utf-16-le"))

    assert (len(found.raw.encode()) <= LINE_BYTES + 2, after.raw) == (True, "b")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_line_of_8_bits_among_those_of_utf_16_spoils_no_more_than_the_next(codec):
    found = readings("\ufeffmột\n".encode(codec) + b"appended\n" + "hai\nba\nbốn\n".encode(codec))

    assert [each.raw for each in found][:1] + [each.raw for each in found][2:] == ["một", "ba", "bốn"]
