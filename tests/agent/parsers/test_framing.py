# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest

from giamsat_agent.parsers.framing import Framing, named
from giamsat_agent.parsers.moment import Moments

NOW_NS = 1_795_449_600_000_000_000


def frame(line):
    return Framing(Moments(zone=UTC)).frame(line, now_ns=NOW_NS)


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("<34>Nov 23 16:00:00 h p: text", "syslog"),
        ("2026-11-23 16:00:00 INFO text", "application"),
        ("text", "bare"),
        ("<34>Nov 23 16:00:00 h CEF:0|a|b|c|d|e|1|", "cef"),
        ("LEEF:1.0|a|b|c|d|x=1", "leef"),
        ("<34>date=2026-11-23 time=16:00:00", "key-value"),
        ('{"a":1}', "json"),
        ('<34>Nov 23 16:00:00 h p: {"a":1}', "json"),
        ("<Event><System><EventID>1</EventID></System></Event>", "windows-xml"),
        ("%%01SSH/4/SSH_FAIL(s)[2]:text (IP=192.0.2.1)", "key-value"),
    ],
)  # fmt: skip
def test_each_line_has_the_form_it_begins_with(line, form):
    assert frame(line).form == form


@pytest.mark.parametrize(
    ("line", "host", "program"),
    [
        ("Nov 23 16:00:00 192.0.2.1 <189>Nov 23 09:00:00 sw dropbear[7]: %A-1-B: text", "192.0.2.1", "dropbear"),
        ("Nov 23 16:00:00 192.0.2.1 Nov 23 2026 09:00:00 asa : %A-1-B: text", "192.0.2.1", ""),
        ("<189>2026-11-23T16:00:00Z relay 12: sw: *Nov 23 09:00:00.000: %A-1-B: text", "relay", ""),
    ],
)
def test_behind_a_relays_header_stands_the_devices_and_the_relays_clock_holds(line, host, program):
    framed = frame(line)

    assert (framed.host, framed.program, framed.text, framed.wall_ns) == (host, program, "%A-1-B: text", NOW_NS)


def test_a_tab_in_what_snare_sends_is_written_as_relays_write_it():
    assert frame("<14>Nov 23 16:00:00 h MSWinEventLog\t1\tSecurity").text == "MSWinEventLog#0111#011Security"


def test_a_head_of_comware_without_percent_signs_is_no_program():
    assert frame("Nov 23 16:00:00 2026 h SHELL/5/SHELL_LOGIN: bob logged in").values["vrp.brief"] == "SHELL_LOGIN"


def test_structured_data_and_body_are_read_together():
    framed = frame('<14>1 2026-11-23T16:00:00Z h RT_FLOW - RT_FLOW_SESSION_DENY [j@1 a="1"] b=2')

    assert framed.values == {"syslog.msgid": "RT_FLOW_SESSION_DENY", "a": "1", "b": "2"}


def test_an_entry_of_the_journal_is_syslog():
    framed = frame(
        '{"__REALTIME_TIMESTAMP":"1795449600000000","MESSAGE":"text","SYSLOG_IDENTIFIER":"p","_PID":"9","_HOSTNAME":"h"}'
    )

    assert (framed.form, framed.text, framed.program, framed.pid, framed.host, framed.wall_ns) == (
        "syslog", "text", "p", 9, "h", NOW_NS,
    )  # fmt: skip


def test_a_header_inside_syslogs_is_found():
    text = "2026/11/23 16:00:00 [error] 9#9: x"

    assert text[Framing(Moments(zone=UTC)).inner(text) :] == "9#9: x"


def test_a_text_of_words_has_no_named_values():
    assert named("hello a=1") is None


def test_the_address_of_a_relay_may_stand_before_a_body_without_a_header():
    found = frame("192.0.2.7  CEF:0|a|b|c|d|e|1|src=203.0.113.9")

    assert (found.form, found.host, found.values["src"]) == ("cef", "192.0.2.7", "203.0.113.9")
    assert "source.ip" not in found.values
    assert frame("fe80 CEF:0|a|b|c|d|e|1|").form == "bare"


def test_behind_a_relays_tag_only_rfc_5424_that_says_all_in_parameters_is_a_header():
    found = frame('Nov 23 16:00:00 relay tag: 2026-11-23T15:00:00Z h p 9 M [a@1 b="c"]')

    assert (found.host, found.program, found.values["b"]) == ("relay", "p", "c")
    assert found.wall_ns == NOW_NS


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 15:00:00 h p[9]: text",
        "1 2026-11-23T15:00:00Z x useradd 99 - - new user: name=bob, UID=0",
        '1 2026-11-23T15:00:00Z x sshd 99 - [a@1 b="c"] Accepted password for root from 203.0.113.9 port 22 ssh2',
        '1 2026-11-23T15:00:00Z x sshd 99 - [a@1 b="c"] Accepted password for root [a@1 b="c"]',
        "1 2026-11-23T15:00:00Z x sshd 99 - - Accepted password for root from 203.0.113.9 port 22 ssh2",
        "<34>1 2026-11-23T15:00:00Z x sshd 99 - - Accepted password for root from 203.0.113.9 port 22 ssh2",
        "2026-11-23T15:00:00Z x sudo 99 - - bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
        "2026-11-23 15:00:00 backup job 7 done [ok]",
        '2026-11-23 15:00:00 backup job 7 done [ok a="b"]',
        '2026-11-23T15:00:00 backup job 7 done [ok a="b"]',
    ],
)
def test_what_a_program_says_never_makes_it_another(text):
    assert frame(f"Nov 23 16:00:00 web01 myapp[12]: {text}").program == "myapp"


def test_the_program_that_linux_pam_once_wrote_is_the_service():
    found = frame("Nov 23 16:00:00 h login(pam_unix)[9]: session closed for user bob")

    assert (found.program, found.text) == ("login", "pam_unix(login:auth): session closed for user bob")


def test_the_address_before_a_body_that_names_no_source_is_the_source_too():
    found = frame('203.0.113.9 {"user":"bob","action":"login","status":"failed"}')

    assert (found.host, found.values["source.ip"]) == ("203.0.113.9", "203.0.113.9")
    assert frame('192.0.2.7 {"user":"bob","client_ip":"203.0.113.9"}').values.keys() == {"user", "client_ip"}
    assert "source.ip" not in frame("192.0.2.7 CEF:0|a|b|c|d|e|1|suser=bob").values
