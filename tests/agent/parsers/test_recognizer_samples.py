# SPDX-License-Identifier: Apache-2.0
"""Lines as devices, servers and applications write them; tests/fixtures/logs holds them with what a rule sees."""

import tomllib
from datetime import UTC
from pathlib import Path

import pytest

from giamsat_agent.parsers.product import products
from giamsat_agent.parsers.recognizer import Recognizer

FOLDER = Path(__file__).parents[2] / "fixtures" / "logs"
FILES = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml"))}
NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC


def recognized(line):
    return list(Recognizer(zone=UTC, origin={}).recognize(line.encode(), key=b"k", now_ns=NOW_NS, mono_ns=1))


def plain(value):
    return list(value) if isinstance(value, tuple) else value


def misread(case):
    """What of a line is not as its program means it, nothing when all is."""
    (found,) = recognized(case["line"])
    fields = {name: plain(found.event.fields.get(name)) for name in case["fields"]}
    wrong = {name: value for name, value in fields.items() if value != case["fields"][name]}
    wrong |= {name: found.event.fields[name] for name in case.get("absent", ()) if name in found.event.fields}
    if found.parser != case.get("parser"):
        wrong["parser"] = found.parser
    if abs(found.event.wall_ns - NOW_NS) >= 1_000_000_000:
        wrong["wall_ns"] = found.event.wall_ns
    return wrong


@pytest.mark.parametrize("cases", FILES.values(), ids=FILES)
def test_every_line_is_understood_as_its_program_means_it(cases):
    assert {name: wrong for name, case in cases.items() if (wrong := misread(case))} == {}


def test_a_login_is_always_of_the_category_authentication():
    logins = [
        recognized(case["line"])[0]
        for cases in FILES.values()
        for case in cases.values()
        if case["fields"].get("event.action") == "user-login"
    ]

    assert {each.event.fields["event.category"] for each in logins} == {("authentication",)}


@pytest.mark.parametrize(
    "line",
    [
        # The peer chooses the name, the request and the header; what stands there forges no source.
        "Nov 23 16:00:00 ap dropbear[9]: Bad password attempt for 'x' from 198.51.100.1:1' from 203.0.113.9:5000",
        (
            "Nov 23 16:00:00 ftp pure-ftpd: (?@203.0.113.9) [WARNING] Authentication failed for user [x]"
            " from 198.51.100.1]"
        ),
        (
            '203.0.113.9 - - [23/Nov/2026:16:00:00 +0000] "GET /?from=198.51.100.1 login failed HTTP/1.1" 404 5 "-"'
            ' "client 198.51.100.1"'
        ),
        (
            "2026-11-23T16:00:00.000000Z 1 [Note] Access denied for user 'x'@'198.51.100.1'@'203.0.113.9'"
            " (using password: NO)"
        ),
        (
            "<188>Nov 23 16:00:00 2026 h %%10LOGIN/5/LOGIN_FAILED: x failed to log in from 198.51.100.1."
            " failed to log in from 203.0.113.9."
        ),
        (
            "1,2026/11/23 16:00:00,0128,SYSTEM,general,0,2026/11/23 16:00:00,,general,,0,0,general,medium,User x"
            " failed to log in via Web from 198.51.100.1 failed to log in via Web from 203.0.113.9 using https,1,0x0"
        ),
        (
            '1,2026/11/23 16:00:00,0128,SYSTEM,auth,0,2026/11/23 16:00:00,,auth-fail,,0,0,general,medium,"failed'
            " authentication for user 'x'. Reason: y. From: 198.51.100.1.'. Reason: Invalid. From: 203.0.113.9.\",1,0x0"
        ),
        (
            "Nov 23 16:00:00 r radiusd[9]: Login incorrect: [x] (from client a port 1 cli 198.51.100.1)]"
            " (from client nas port 1 cli 203.0.113.9)"
        ),
        "Nov 23 16:00:00 vc vpxd[9]: Event [1] [Cannot login x@198.51.100.1]@203.0.113.9]",
        (
            "%ASA-6-716039: Group <G> User <x> IP <198.51.100.1> Authentication: rejected> IP <203.0.113.9>"
            " Authentication: rejected, Session Type: WebVPN."
        ),
        '{"saddr":"203.0.113.9","path":"/x","status":404,"method":"GET","params":{"remoteip":"198.51.100.1"}}',
        (
            r'{"log":"{\"remote_ip\":\"203.0.113.9\",\"msg\":\"login failed for user x from 198.51.100.1\"}\n",'
            '"stream":"stdout","time":"2026-11-23T16:00:00Z"}'
        ),
        "10.1.0.5 GET /x+198.51.100.1+- - 443 198.51.100.1 203.0.113.9 198.51.100.1 198.51.100.1 404 0 2 15",
        (
            "Nov 23 16:00:00 h imapd[9]: Login failed user=x host=a [198.51.100.1] auth=x host=a [198.51.100.1]"
            " host=b [203.0.113.9]"
        ),
        (
            "Nov 23 16:00:00 h perdition[9]: Auth: 203.0.113.9:1->192.0.2.5:993 authentication_id="
            '"x" server="a" status="failed: 198.51.100.1" server="b" status="failed: no"'
        ),
        (
            "[2026-11-23 16:00:00] NOTICE[9] chan_sip.c: Call from 'x: Registration from 'u' failed for '198.51.100.1'"
            " - no' (203.0.113.9:5060) to extension 'y' rejected because extension not found in context 'default'."
        ),
    ],
)
def test_what_the_peer_wrote_is_never_taken_for_its_address(line):
    (found,) = recognized(line)

    assert found.event.fields["source.ip"] == "203.0.113.9"


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-23 16:00:00 WARN Login failed for user x from 198.51.100.1 from 203.0.113.9",
        (
            '2026/11/23 16:00:00 [error] 9#0: *3 user "x": password mismatch, client: 198.51.100.1, server: a, request:'
            ' "GET / HTTP/1.1"": was not found in "/x", client: 203.0.113.9, server: , request: "GET / HTTP/1.1"'
        ),
        (
            '[2026-11-23 16:00:00] SECURITY[9] a.c: SecurityEvent="InvalidAccountID",AccountID="7",SessionID="",'
            'RemoteAddress="IPV4/UDP/198.51.100.1/1",RemoteAddress="IPV4/UDP/203.0.113.9/5061"'
        ),
        (
            "Nov 23 16:00:00 h roundcube: IMAP Error: Login failed for a from 198.51.100.1 from 203.0.113.9. LOGIN: no"
            " in /x.php on line 205 (POST /m/?_task=login)"
        ),
        (
            "[2026-11-23 16:00:00] NOTICE[9] chan_sip.c: Call from '' (203.0.113.9:5060) to extension 'x'"
            " (198.51.100.1:22) to extension 'y' rejected because extension not found in context 'default'."
        ),
        (
            "[2026-11-23 16:00:00] NOTICE[9] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1@x>' failed"
            " for '203.0.113.9:5060' (callid: a' failed for '198.51.100.1:22' (callid: b) - No matching endpoint found"
        ),
        (
            "[2026-11-23 16:00:00] NOTICE[9] chan_sip.c: Call from 'x: hacking attempt detected '198.51.100.1''"
            " (203.0.113.9:5060) to extension 'y' (a) rejected because extension not found in context 'default'."
        ),
        "20261123 16:00:00,db1,x,198.51.100.1,1,2,CONNECT,,,0,203.0.113.9,33,0,FAILED_CONNECT,,,1045",
        "Nov 23 16:00:00 h mariadbd: db1 x 198.51.100.1 1 2 FAILED_CONNECT, 203.0.113.9 3 0 FAILED_CONNECT,",
        (
            "Nov 23 16:00:00 h app[9]: agent default SSLVPN LOGIN 1 0 : User a - Client_ip 198.51.100.1 - x of"
            " 203.0.113.9"
        ),
        (
            "m1-12345-1 [Worker_1] [MessageOK] 203.0.113.9 <a@example.net> to: b@example.com message ok [RelayAttempt]"
            " 198.51.100.1 <c@example.net> relay attempt blocked for x"
        ),
        (
            'Nov 23 16:00:00 h sendmail[9]: 4ANG001x000009: ruleset=check_rcpt, arg1=<"a [198.51.100.1]: VRFY b"@x>,'
            " relay=a [203.0.113.9], reject=550 5.7.1 no"
        ),
        (
            "2026-11-23 16:00:00 UTC [9]: user=a,db=host=198.51.100.1 FATAL:  password authentication failed for user"
            ' "x",remote=203.0.113.9 FATAL:  password authentication failed for user "a"'
        ),
        (
            "Nov 23 16:00:00 h dovecot: imap-login: Aborted login (auth failed): user=<x>, rip=198.51.100.1,"
            " lip=1>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.5"
        ),
        "Nov 23 16:00:00 h app[9]: client 203.0.113.9 asked from 198.51.100.1 to 192.0.2.5:22 refused",
        "Nov 23 16:00:00 h saslauthd[9]: do_auth : auth failure: [user=x from 198.51.100.1] [service=imap] [realm=]",
        "2026-11-23 16:00:00 WARN Login failed for user 'x from 198.51.100.1'",
    ],
)
def test_two_readings_give_no_source(line):
    (found,) = recognized(line)

    assert "source.ip" not in found.event.fields


def test_a_name_that_speaks_of_a_success_is_none():
    (found,) = recognized(
        "Nov 23 16:00:00 h PulseSecure: 2026-11-23 16:00:00 - ive - [203.0.113.9] Default Network::a(b)[] - Login"
        " succeeded for c(Users)[] - Primary authentication failed for a/LDAP from 203.0.113.9"
    )

    assert found.event.fields["event.outcome"] == "failure"


@pytest.mark.parametrize("said", ["access forbidden by rule", 'open() "/srv/a" failed (2: No such file or directory)'])
def test_what_is_written_behind_the_address_hides_no_refusal(said):
    (found,) = recognized(
        f'2026/11/23 16:00:00 [error] 9#9: *3 {said}, client: 203.0.113.9, server: _, request: "GET /a HTTP/1.1", '
        'host: "h", referrer: "http://a/, client: 198.51.100.1, server: _"'
    )

    assert found.event.fields["source.ip"] == "203.0.113.9"


def test_a_path_that_speaks_of_another_client_gives_no_source():
    (found,) = recognized(
        '2026/11/23 16:00:00 [error] 9#9: *3 open() "/a" failed (2: No such file or directory), client: 198.51.100.1, '
        'server: _, request: "GET /" failed (2: No such file or directory), client: 203.0.113.9, server: _, '
        'request: "GET /a HTTP/1.1", host: "h"'
    )

    assert "source.ip" not in found.event.fields


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-23 16:00:00 INFO started worker 12 of 16 in 203 ms",
        "2026-11-23 16:00:00 INFO price of item 5 changed by 12 per cent",
        "Nov 23 16:00:00 host shop[9]: order 7 was added by bob",
        "Nov 23 16:00:00 host store[9]: block 7 moved from 192.0.2.9 to 192.0.2.5",
        "Nov 23 16:00:00 host updater[9]: ufw blocked 192.0.2.9 for a minute",
        "<134>Nov 23 16:00:00 sw1 Blocked port scan detection disabled from 192.0.2.9",
        "Nov 23 16:00:00 host anacron[9]: Job `cron.daily' started",
        "",
        "\x1b[31m<script>alert(1)</script>",
    ],
)
def test_what_nobody_knows_is_kept_as_it_came(line):
    (found,) = recognized(line)

    assert found.parser is None
    assert found.event.kind == "log-message"
    assert found.event.fields["event.original"] == line


def test_every_product_has_a_sample():
    sampled = {case.get("parser") for cases in FILES.values() for case in cases.values()}

    assert {product.name for product in products()} - sampled == set()
