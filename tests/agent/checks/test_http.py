# SPDX-License-Identifier: Apache-2.0
import asyncio
import time
import tracemalloc

import pytest

from giamsat_agent.check import Failure, WrongAnswerError
from giamsat_agent.checks.http import BODY_MOST, parse_head
from support import web_server
from support.checking import once, server, values
from support.web_server import Authority

PAGE = "<html><title>Cổng dịch vụ công</title>ổn định</html>"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A real nginx: a good site, one whose certificate expires soon, an expired one, and one without TLS."""
    folder = tmp_path_factory.mktemp("nginx")
    authority = Authority(folder)
    page = (
        f"default_type text/html; charset utf-8; location = / {{ return 200 '{PAGE}'; }} "
        "location = /old { return 302 /; } location = /loop { return 301 /loop; } "
        "location = /away { return 302 https://elsewhere.example/; } "
        "location = /broken { return 503 'sập'; } location = /empty { return 204; }"
    )
    certificates = [authority.issue(f"for{days}", days=days) for days in (90, 5, -2)]
    servers = [
        *((pair, page) for pair in certificates),
        (None, f"{page} location /down {{ return 302 http://$host/; }}"),
    ]
    with web_server.running(folder, servers) as ports:
        yield authority, dict(zip(("good", "soon", "expired", "plain"), ports, strict=True))


def https(site, which, path="/", **more):
    authority, ports = site
    return {"what": "http", "target": f"https://127.0.0.1:{ports[which]}{path}", "ca_file": authority.ca_file, **more}


@pytest.mark.peer("nginx")
async def test_a_site_that_works_is_a_success_with_blackbox_exporters_figures(site):
    result = await once(**https(site, "good", body_has=["Cổng dịch vụ công"], body_lacks=["Fatal error"]))
    found = values(result)

    assert (result.failure, result.reason) == (None, "")
    assert found["probe_http_status_code"] == 200
    assert found["probe_http_version"] == 1.1
    assert found["probe_http_ssl"] == 1
    assert found["probe_http_redirects"] == 0
    assert found["probe_http_content_length"] == found["probe_http_uncompressed_body_length"] == len(PAGE.encode())
    assert found["probe_failed_due_to_regex"] == 0
    assert found["probe_ip_protocol"] == 4
    assert found["probe_tls_version_info", "TLS 1.3"] == 1
    assert found["probe_ssl_earliest_cert_expiry"] - time.time() == pytest.approx(90 * 86400, abs=3_600)
    phases = {name[1]: value for name, value in found.items() if name[0] == "probe_http_duration_seconds"}
    assert phases.keys() == {"resolve", "connect", "tls", "processing", "transfer"}
    assert 0 < sum(phases.values()) <= result.duration_s + 0.01
    assert phases["tls"] > 0


@pytest.mark.peer("nginx")
@pytest.mark.parametrize(
    ("which", "path", "more", "failure", "said"),
    [
        ("good", "/broken", {}, Failure.WRONG_ANSWER, "status 503 in place of 2xx"),
        ("good", "/", {"status": [401]}, Failure.WRONG_ANSWER, "status 200 in place of 401"),
        ("good", "/", {"body_has": ["đăng nhập"]}, Failure.WRONG_ANSWER, "lacks the text 'đăng nhập'"),
        ("good", "/", {"body_lacks": ["ổn định"]}, Failure.WRONG_ANSWER, "has the text 'ổn định'"),
        ("good", "/loop", {}, Failure.WRONG_ANSWER, "more than 5 redirects"),
        ("good", "/away", {}, Failure.WRONG_ANSWER, "put 'elsewhere.example' into redirect_hosts"),
        ("good", "/", {"ca_file": ""}, Failure.UNTRUSTED, "unable to get local issuer certificate"),
        ("good", "/", {"server_name": "other.example"}, Failure.UNTRUSTED, "Hostname mismatch"),
        ("expired", "/", {}, Failure.UNTRUSTED, "certificate has expired"),
        ("good", "/", {"ca_file": "/none"}, Failure.UNUSABLE, "no certificates can be read"),
    ],
)
async def test_what_is_wrong_is_said(site, which, path, more, failure, said):  # noqa: PLR0917 - a table
    result = await once(**https(site, which, path, **more))

    assert result.failure is failure
    assert said in result.reason


@pytest.mark.peer("nginx")
async def test_an_expired_or_unknown_certificate_still_tells_its_dates(site):
    for which, more, days in (("expired", {}, -2), ("soon", {"ca_file": ""}, 5)):
        found = values(await once(**https(site, which, **more)))

        assert found["probe_ssl_earliest_cert_expiry"] - time.time() == pytest.approx(days * 86400, abs=3_600)


@pytest.mark.peer("nginx")
async def test_redirects_are_followed_on_the_same_host_and_can_be_what_is_wanted(site):
    followed = values(await once(**https(site, "good", "/old")))
    wanted = await once(**https(site, "good", "/old", redirects=0, status=[302]))
    empty = values(await once(**https(site, "good", "/empty")))

    assert (followed["probe_http_redirects"], followed["probe_http_status_code"]) == (1, 200)
    assert wanted.failure is None
    assert (empty["probe_http_status_code"], empty["probe_http_uncompressed_body_length"]) == (204, 0)


@pytest.mark.peer("nginx")
async def test_without_verification_an_expired_certificate_is_no_failure(site):
    result = await once(**https(site, "expired", verify=False, ca_file=""))

    assert result.failure is None
    assert values(result)["probe_http_status_code"] == 200


async def test_nobody_there_is_unreachable(free_ports):
    (port,) = free_ports(1)

    result = await once(what="http", target=f"http://127.0.0.1:{port}/")

    assert result.failure is Failure.UNREACHABLE
    assert result.reason == f"127.0.0.1 port {port}: Connection refused"


def answers(*pieces, forever=b"", pause_s=0.0):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
        while forever:
            writer.write(forever)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return talk


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (answers(OK, forever=b"X-A: " + b"b" * 1000 + b"\r\n"), "more than 65536 bytes came without an end"),
        (answers(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "does not speak HTTP; it begins with 'SSH-2.0-OpenSSH_9.2'"),
        (
            answers(b"\x16\x03\x01\x00\x00\x1b[2Jevil\r\n\r\n"),
            "begins with '\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd[2Jevil'",
        ),
        (answers(OK), "closed the connection in the middle"),
        (answers(), "closed the connection in the middle of its answer: nothing came"),
        (answers(OK + b"Content-Length: 10\r\n\r\nabc"), "ended 7 bytes before the length it announced"),
        (answers(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "a chunk of its page begins with 'zz"),
        (answers(b"HTTP/1.1 100 Continue\r\n\r\n" * 9), "interim answers"),
        (answers(b"HTTP/1.1 302 F\r\nLocation: http://[::1\r\n\r\n"), "which is no URL"),
        (answers(b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n"), "which is no URL of a page"),
        (answers(b"HTTP/1.1 302 F\r\nLocation: http://169.254.169.254/\r\n\r\n"), "into redirect_hosts"),
    ],
)
async def test_answers_that_are_not_http_are_refused_with_a_reason(talk, said):
    async with server(talk) as address:
        result = await once(what="http", target=f"http://{address}/", timeout_s=8)

    assert result.failure is Failure.WRONG_ANSWER
    assert said in result.reason


async def test_an_endless_page_is_read_to_its_bound_and_no_further():
    tracemalloc.start()
    async with server(answers(OK + b"\r\n", forever=b"a" * 65_536)) as address:
        result = await once(what="http", target=f"http://{address}/", body_has=["b"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "lacks the text 'b'" in result.reason
    assert BODY_MOST <= values(result)["probe_http_uncompressed_body_length"] < BODY_MOST + (1 << 17)
    assert peak < 8_000 << 10


async def test_a_dripping_answer_ends_with_the_time_limit():
    async with server(answers(OK, forever=b"X-a: b\r\n", pause_s=0.02)) as address:
        result = await once(what="http", target=f"http://{address}/", timeout_s=0.3)

    assert (result.failure, result.reason) == (Failure.TIMED_OUT, "it was not done within 0.3 s")


async def test_a_text_is_found_across_pieces_and_chunks():
    page = b"Transfer-Encoding: chunked\r\n\r\n3\r\nxgo\r\n4;a=b\r\nod n\r\n3\r\news\r\n0\r\n\r\n"
    async with server(answers(OK + page)) as address:
        result = await once(what="http", target=f"http://{address}/", body_has=["good news"])

    assert result.failure is None
    assert values(result)["probe_http_uncompressed_body_length"] == 10


def test_a_head_without_a_usable_length_says_so():
    for said in (b"99999999999999999999999", b"-5", b"1e3", b"\xb2"):
        assert parse_head(OK + b"Content-Length: " + said + b"\r\n\r\n").length == -1
    with pytest.raises(WrongAnswerError):
        parse_head(b"HTTP/9.9 200 OK\r\n\r\n")
