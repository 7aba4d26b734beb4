# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.forms import LONGEST, Outcome, Tried, awaited, in_body, outcome, tried

FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"


def post(body, kind=FORM, path=b"/login"):
    return b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        path,
        kind,
        len(body),
        body,
    )


@pytest.mark.parametrize(
    ("request_", "user", "password"),
    [
        (post(b"user=binh&pass=one"), "binh", "one"),
        (post(b"log=binh&pwd=one&wp-submit=Log+In"), "binh", "one"),
        (post(b"_csrf=x&LoginForm%5Bemail%5D=binh%40x&LoginForm%5Bpassword%5D=a%26b"), "binh@x", "a&b"),
        (post(b"ten_dang_nhap=binh&mat_khau=one"), "binh", "one"),
        (post(b"ctl00%24txtUserName=binh&ctl00%24txtPassword=one"), "binh", "one"),
        (post(b'{"remember": true, "userName" : "binh", "password":"o\\"ne"}', JSON), "binh", 'o\\"ne'),
        (
            post(
                b'--b\r\nContent-Disposition: form-data; name="login"\r\n\r\nbinh\r\n--b\r\n'
                b'Content-Disposition: form-data; name="password"\r\n\r\none\r\n--b--',
                b"multipart/form-data; boundary=b",
            ),
            "binh",
            "one",
        ),
        (b"GET /brute/?username=binh&password=one&Login=Login HTTP/1.1\r\nHost: x\r\n\r\n", "binh", "one"),
        (b"GET / HTTP/1.1\r\nAuthorization: Basic YmluaDpvbmU=\r\n\r\n", "binh", "one"),
        (post(b"password=one"), "", "one"),
    ],
)
def test_who_tries_which_password_is_read_wherever_a_form_puts_it(request_, user, password):
    assert tried(request_)[1:] == (user, password)


@pytest.mark.parametrize(
    "request_",
    [
        post(b"passenger=binh&passport=1&compass=2&user=x"),
        post(b"q=how+to+reset+a+password"),
        post(b"password=&user=binh"),
        post(b'{"text": "my password is one"}', JSON),
        post(b"user=binh&pass=" + b"x" * LONGEST),
        b"GET /password/reset HTTP/1.1\r\n\r\n",
        b"GET /a?b=c HTTP/1.1\r\nAuthorization: Bearer YmluaDpvbmU=\r\n\r\n",
        b"GET / HTTP/1.1\r\nAuthorization: Basic !!!!\r\n\r\n",
        b"POST",
        b"",
    ],
)
def test_what_tries_no_password_is_none(request_):
    assert tried(request_) is None


def test_a_body_that_comes_by_itself_is_waited_for_where_it_may_be_a_login():
    whole = post(b"user=binh&pass=one")
    head, _, body = whole.partition(b"\r\n\r\n")
    alone = head + b"\r\n\r\n"

    assert in_body(awaited(alone), body) == Tried("/login", "binh", "one") == tried(whole)
    assert awaited(whole) is None
    assert awaited(alone.replace(FORM, b"text/csv")) is None
    assert awaited(alone.replace(b"POST", b"PUT")) is None
    assert awaited(alone.replace(b"Length: 18", b"Length: %d" % (LONGEST + 1))) is None


def answer(code, body=b"", **headers):
    lines = b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in headers.items())
    return b"HTTP/1.1 %d X\r\n%s\r\n%s" % (code, lines, body)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (answer(401), Outcome.REFUSED),
        (answer(302, Location=b"/login?error=1"), Outcome.REFUSED),
        (answer(302, Location=b"http://x/login"), Outcome.REFUSED),
        (answer(303, Location=b"/Account/LogOn?ReturnUrl=%2F"), Outcome.REFUSED),
        (answer(302, Location=b"/home"), Outcome.LET_IN),
        (answer(302, Location=b"https://x/"), Outcome.LET_IN),
        (answer(403), Outcome.REFUSED),
        (answer(422, b'{"message": "x"}'), Outcome.REFUSED),
        (answer(200, b'<form><input name="p" type="password"></form>'), Outcome.REFUSED),
        (answer(200, b'{"success": false}'), Outcome.REFUSED),
        (answer(200, b'{"error": "sai"}'), Outcome.REFUSED),
        (answer(200, b'{"error": "", "sent": 1}'), Outcome.OPEN),
        (answer(200, b'{"errorCode": 0}'), Outcome.OPEN),
        (answer(200, b'{"access_token": "abcdefghij"}'), Outcome.LET_IN),
        (answer(200, b"<html>hello</html>"), Outcome.OPEN),
        (answer(500), Outcome.OPEN),
    ],
)
def test_what_an_answer_says_needs_no_word_of_any_language(said, expected):
    assert outcome(said, "/login") is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [(401, Outcome.REFUSED), (200, Outcome.LET_IN), (404, Outcome.LET_IN), (403, Outcome.LET_IN), (503, Outcome.OPEN)],
)
def test_a_password_in_a_header_is_judged_by_the_code_alone(code, expected):
    assert outcome(answer(code), "") is expected


@pytest.mark.parametrize(
    ("user", "password", "shows"),
    [("binh", "one", True), ("", "one", False), ("binh", "a" * 32, False), ("binh", "123456", False)],
    ids=["plain", "nobody's", "a digest", "a code"],
)
def test_what_is_another_one_each_time_by_itself_shows_nothing(user, password, shows):
    assert Tried("/login", user, password).shows is shows
