# SPDX-License-Identifier: Apache-2.0
import time

import pytest

from giamsat_agent.packets.webattack import SEEN, SEGMENTS, Body, Request, attack, body_of, in_headers, in_parts


@pytest.mark.parametrize(
    "text",
    [
        "/a?id=1%27%20OR%20%271%27=%271",
        "/a?id=1' and 1=1 --",
        "/a?id=1')) or ('a'='a",
        "/a?id=1'||'1'='1",
        "/a?id=1+UNION/**/SELECT+name",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/a/..;/manager/html",
        "/?q=%3Cscript%3E",
        "/?x=${jndi:ldap://x}",
        "/?x=${${lower:j}ndi:${lower:l}dap://x}",
        "/?x=${${::-j}${::-n}${::-d}${::-i}:rmi://x}",
        "/?x=${${env:NONE:-j}ndi:ldap://x}",
        "/?q=%2527%2520or%25201%253D1",
        "/?ip=127.0.0.1;id",
        "/?ip=$(whoami)",
        "/?cmd=/bin/bash%20-c%20x",
        "class.module.classLoader.resources.context.parent=x",
    ],
)
def test_what_only_an_attack_writes_is_found_however_it_is_encoded(text):
    assert attack(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "/union/select-committee",
        "/tin-tuc?q=o'reilly",
        "/a?b=1&c=2",
        "/alerts(1)",
        "/script.js",
        "he said 'yes' or 'no' and 'maybe'",
        '{"note": "the \\"one\\" or \\"other\\" is meant"}',
        "/docs/powershell-guide?id=5&ls=1",
        "#!/bin/bash\necho hi",
        "a=1;id=5",
        "price=${amount}",
    ],
)
def test_what_people_write_is_no_attack(text):
    assert attack(text) is None


@pytest.mark.parametrize(
    "head",
    [
        b"User-Agent: () { :; }; /bin/cat /etc/passwd",
        b"X-Api-Version: ${${lower:j}ndi:ldap://x}",
        b"Cookie: id=1' OR '1'='1",
        b"X-Forwarded-For: 1' UNION SELECT password FROM users--",
        b"Content-Type: %{(#_=multipart/form-data)}",
    ],
)
def test_headers_that_no_browser_sends_are_found(head):
    request = Request()

    assert request.begin(b"GET / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n") is not None
    assert not request.goes_on


@pytest.mark.parametrize(
    "head",
    [
        b"User-Agent: Mozilla/5.0 (Windows NT; Windows NT 10.0) WindowsPowerShell/5.1.19041",
        b"Cookie: name=O'Brien; filter='a' or 'b'; t=<1>",
        b"Accept: */*;q=0.8",
    ],
)
def test_headers_of_browsers_and_programs_show_nothing(head):
    assert in_headers(head) is None


def test_a_program_for_the_server_among_the_parts_of_an_upload_counts_and_a_document_does_not():
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\n\r\n%s'

    assert in_parts(part % (b"a.php", b"<?php system($_GET['c']); ?>")) == "code injection"
    assert in_parts(part % (b"a.JSP", b"Runtime.getRuntime().exec(request.getParameter(1))")) == "code injection"
    assert in_parts(part % (b"a.sql", b"select 1 union select 2; ' or '1'='1")) is None
    assert in_parts(part % (b"a.html", b"<script>alert(1)</script> /bin/sh")) is None
    assert Request().begin(b"PUT /a.jsp/ HTTP/1.1\r\nHost: x\r\n\r\n") == "code injection"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"application/x-www-form-urlencoded", Body.FORM),
        (b"application/problem+json", Body.FORM),
        (b"text/xml", Body.FORM),
        (b"multipart/form-data", Body.PARTS),
        (b"application/octet-stream", Body.OTHER),
        (b"text/html", Body.OTHER),
    ],
)
def test_what_a_body_is_follows_from_its_type(kind, body):
    assert body_of(kind) is body


def test_a_request_is_searched_up_to_a_bound():
    by_bytes, by_segments = (Request() for _ in range(2))
    for request in (by_bytes, by_segments):
        request.begin(b"POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\n")
        assert request.goes_on
    by_bytes.more(bytes(SEEN))
    for _ in range(SEGMENTS):
        by_segments.more(b"a")

    assert not by_bytes.goes_on
    assert not by_segments.goes_on


@pytest.mark.parametrize("piece", ["${", "' or ", "$" * 2, "${a:-", "()  {", "'((((", 'filename="a', "../"])
def test_no_text_takes_long(piece):
    text = piece * (SEEN // len(piece))
    begun = time.process_time()
    attack(text)
    in_headers(text.encode())
    in_parts(text.encode())

    assert time.process_time() - begun < 0.5
