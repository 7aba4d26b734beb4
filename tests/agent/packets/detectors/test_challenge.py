# SPDX-License-Identifier: Apache-2.0
import base64
import struct

import pytest

from giamsat_agent.packets.refused_logins import FAST
from giamsat_agent.packets.unknown_users import USERS
from support.capture import ATTACKER, CLIENT, IP, SERVER, UDP, classes, connection, found, frame, pcap

NO, YES = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"
NTLM = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM TlRMTVNTUAACAAAACgAKADgAAAA=\r\n\r\n"
CREATED = b"HTTP/1.1 201 Created\r\n\r\n"
STATUS = b"HTTP/1.1 207 Multi-Status\r\n\r\n"
USER = base64.b64encode(b"user:word0000")
BASIC = b"Authorization: Basic " + USER + b"\r\n"


def asks(header=b"", method=b"GET"):
    return True, method + b" /a HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n"


def ntlm(kind):
    return b"Authorization: NTLM " + base64.b64encode(b"NTLMSSP\0" + struct.pack("<I", kind) + bytes(40)) + b"\r\n"


def sip(number, port, *, brings, refused=True, what="REGISTER", code=b"401 Unauthorized", client=ATTACKER, user="an"):
    """A request of SIP and its answer."""
    same = f"To: <sip:{user}@pbx>\r\nCall-ID: {port}\r\nCSeq: {number} {what}\r\n".encode()
    asked = f"{what} sip:pbx SIP/2.0\r\n".encode() + same + (b"Authorization: Digest a\r\n" if brings else b"")
    answer = b"SIP/2.0 " + (code if refused else b"200 OK") + b"\r\n" + same
    there, back = IP(src=client, dst=SERVER), IP(src=SERVER, dst=client)
    return [
        frame(there, UDP(sport=port, dport=5060), asked + b"\r\n"),
        frame(back, UDP(sport=5060, dport=port), answer + b"\r\n"),
    ]


def talks(data, count, every_s=1.0, client=CLIENT):
    return [
        one
        for number in range(count)
        for one in connection(client, SERVER, 80, number * every_s, sport=40_000 + number, data=data)
    ]


def word(raw, number):
    """With another password each time."""
    return raw.replace(USER, base64.b64encode(b"user:word%04d" % number))


@pytest.mark.parametrize(
    "data",
    [
        (asks(BASIC), (False, NO)),
        (asks(), (False, NO), asks(BASIC), (False, NO)),
        ((False, NO),),
        (asks(b"Content-Length: 9\r\n", b"POST"), (False, NO)),
        ((True, b"GET / HTTP/1.1\r\nHost: x\r\n"), (True, BASIC + b"\r\n"), (False, NO)),
    ],
    ids=["a password at once", "a password when asked", "the server's side alone", "in a body", "in two segments"],
)
def test_a_password_refused_again_and_again_is_guessing(tmp_path, data):
    frames = [
        one
        for n in range(FAST)
        for one in connection(
            ATTACKER, SERVER, 80, n, sport=40_000 + n, data=[(out, word(raw, n)) for out, raw in data]
        )
    ]
    (guess,) = found(pcap(tmp_path / "x", frames))

    assert (guess.name, guess.source_ip, guess.counts["refusals"]) == ("bruteforce", ATTACKER, FAST)
    assert classes(pcap(tmp_path / "y", frames[: -len(frames) // FAST])) == set()


@pytest.mark.parametrize(
    "data",
    [
        (asks(), (False, NO), asks(ntlm(1)), (False, NO), asks(ntlm(3)), (False, YES)),
        (asks(method=b"PUT"), (False, NO), asks(BASIC, b"PUT"), (False, STATUS)),
        (
            asks(b"Content-Length: 9\r\n", b"POST"),
            (False, NO),
            asks(BASIC + b"Content-Length: 9\r\n", b"POST"),
            (False, CREATED),
        ),
        (asks(b"Authorization: Bearer abc.def.ghi\r\n"), (False, NO)),
        (asks(b"Authorization: Bearer abc.def.ghi\r\nContent-Length: 9\r\n", b"POST"), (False, NO)),
        (asks(), (False, NO)),
        (asks(BASIC), (False, NO)),
        ((False, NO), (False, YES)),
        ((False, NO), (False, NTLM), (False, YES)),
    ],
    ids=[
        "NTLM",
        "WebDAV",
        "a program that posts",
        "a token that ran out",
        "what is posted with a token that ran out",
        "a page that asks whether it is logged in",
        "a program that has an old password",
        "answers alone",
        "answers of NTLM alone",
    ],
)
def test_who_is_only_asked_for_a_password_guesses_none(tmp_path, data):
    assert classes(pcap(tmp_path / "x", talks(data, 5 * FAST))) == set()


def test_guessing_passwords_of_ntlm_is_found(tmp_path):
    data = (asks(), (False, NO), asks(ntlm(1)), (False, NO), asks(ntlm(3)), (False, NO))

    assert classes(pcap(tmp_path / "x", talks(data, FAST, client=ATTACKER))) == {("bruteforce", ATTACKER)}


def test_phones_are_asked_each_time_and_who_tries_one_password_after_the_other_guesses(tmp_path):
    phones = [
        (number, raw)
        for number in range(5 * FAST)
        for refused in (True, False)
        for raw in sip(2 * number + refused, 5_060, refused=refused, brings=not refused, client=CLIENT)
    ]
    guesses = [
        (number, raw) for number in range(FAST) for brings in (False, True) for raw in sip(number, 6_000, brings=brings)
    ]

    assert classes(pcap(tmp_path / "x", phones)) == set()
    assert classes(pcap(tmp_path / "y", guesses)) == {("bruteforce", ATTACKER)}


def test_a_login_that_is_forbidden_counts_and_a_call_that_is_does_not(tmp_path):
    def forbidden(what):
        kinds = {"brings": True, "what": what, "code": b"403 Forbidden"}
        return [(number, raw) for number in range(FAST) for raw in sip(number, 5_060, **kinds)]

    logins = forbidden("REGISTER")

    assert classes(pcap(tmp_path / "x", logins)) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "y", forbidden("INVITE"))) == set()
    assert classes(pcap(tmp_path / "z", logins[1::2])) == {("bruteforce", ATTACKER)}


def test_who_wants_to_log_in_as_ever_others_whom_a_pbx_does_not_know_looks_for_users(tmp_path):
    def asked(user, what="REGISTER", count=USERS):
        kinds = {"brings": False, "what": what, "code": b"404 Not Found"}
        return [(n, raw) for n in range(count) for raw in sip(n, 5_060, user=user.format(n), **kinds)]

    (told,) = found(pcap(tmp_path / "x", asked("{}")))

    assert (told.name, told.source_ip, told.counts["users"]) == ("bruteforce", ATTACKER, USERS)
    for frames in (asked("{}", count=USERS - 1), asked("an", count=60), asked("{}", "INVITE", 60), asked("{}")[1::2]):
        assert classes(pcap(tmp_path / "y", frames)) == set()


WRONG = b"HTTP/1.1 302 Found\r\nLocation: /login?error\r\nContent-Length: 0\r\n\r\n"
HOME = b"HTTP/1.1 302 Found\r\nLocation: /home\r\nContent-Length: 0\r\n\r\n"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
STALE = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest nonce="b", stale=true\r\n\r\n'
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
TYPE = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def logins(pairs, answer, *, parted=False, every_s=1.0, client=ATTACKER, after=0.0):
    """Connections of one login each: users and passwords, and what all are told, if anything."""
    frames = []
    for number, (user, password) in enumerate(pairs):
        body = f"user={user}&pass={password}".encode()
        head = TYPE + b"Content-Length: %d\r\n\r\n" % len(body)
        asked = [(True, head), (True, body)] if parted else [(True, head + body)]
        said = [*asked, *([(False, answer)] if answer else [])]
        at = after + number * every_s
        frames += connection(client, SERVER, 80, at, sport=30_000 + round(at * 10), data=said)
    return frames


GUESSES = [("binh", f"guess{number}x") for number in range(FAST + 2)]
SPRAY = [(f"user{number}", "Summer27") for number in range(FAST + 1)]


@pytest.mark.parametrize("parted", [False, True], ids=["one segment", "head and body"])
@pytest.mark.parametrize(
    ("pairs", "answer"),
    [
        (GUESSES, WRONG),
        (GUESSES, PAGE),
        (GUESSES, HOME),
        (GUESSES, None),
        (SPRAY, WRONG),
        (SPRAY, NO),
        (SPRAY, FORBIDDEN),
    ],
    ids=["sent back", "same page", "same way for all", "answers unseen", "many users", "refused", "forbidden"],
)
def test_guessing_by_a_form_of_the_web_is_found(tmp_path, pairs, answer, parted):
    (guess,) = found(pcap(tmp_path / "x", logins(pairs, answer, parted=parted)))

    assert (guess.name, guess.source_ip, guess.targets[0].ip) == ("bruteforce", ATTACKER, SERVER)
    assert guess.counts["refusals"] >= FAST


@pytest.mark.parametrize(
    ("pairs", "answer"),
    [
        (SPRAY, HOME),
        (SPRAY, PAGE),
        ([(f"user{number}", f"own{number}word") for number in range(40)], None),
        ([("binh", "same")] * 40, PAGE),
        ([("binh", "same")] * 40, b'HTTP/1.1 200 OK\r\n\r\n{"error": "no credit"}'),
        ([("binh", "old")] * 40, WRONG),
        ([("binh", f"{number:064x}") for number in range(40)], PAGE),
        ([("binh", f"{number:06}") for number in range(40)], PAGE),
        (GUESSES[: FAST - 1], WRONG),
    ],
    ids=[
        "many that are let in",
        "accounts made with a first password",
        "many behind one address",
        "a program that logs in each time",
        "a program whose requests fail for something else",
        "a program that has an old password",
        "a digest made anew each time",
        "codes of an authenticator",
        "fewer than the floor",
    ],
)
def test_logins_that_are_no_guessing_are_none(tmp_path, pairs, answer):
    assert classes(pcap(tmp_path / "x", logins(pairs, answer, client=CLIENT))) == set()


def digest(user):
    return b'Authorization: Digest username="%s", nonce="a", response="0"\r\n' % user.encode()


@pytest.mark.parametrize(
    "guess",
    [
        lambda n: logins([("admin", f"guess{n}x")], WRONG, after=n),
        lambda n: logins([(f"user{n}", "Summer27")], FORBIDDEN, after=n),
        lambda n: connection(ATTACKER, SERVER, 80, n, sport=20_000 + n, data=[asks(digest("admin")), (False, NO)]),
        lambda n: connection(ATTACKER, SERVER, 80, n, sport=20_000 + n, data=[asks(ntlm(3)), (False, NO)]),
    ],
    ids=["a form", "a form for many", "Digest", "NTLM"],
)
def test_who_is_let_in_himself_excuses_no_guess(tmp_path, guess):
    owned = [asks(own) for own in (digest("guest"), BASIC, ntlm(3))]
    frames = [
        one
        for n in range(FAST)
        for one in (
            *guess(n),
            *logins([("guest", "own")], HOME, after=n + 0.3),
            *connection(
                ATTACKER, SERVER, 80, n + 0.6, sport=40_000 + n, data=[x for own in owned for x in (own, (False, PAGE))]
            ),
        )
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("bruteforce", ATTACKER)}


@pytest.mark.parametrize("told", [STALE, NO], ids=["it came too late", "mistyped"])
def test_who_is_let_in_by_digest_at_the_second_try_guesses_nothing(tmp_path, told):
    said = [asks(digest("binh")), (False, told), asks(digest("binh")), (False, PAGE)]

    assert classes(pcap(tmp_path / "x", talks(said, 5 * FAST))) == set()
    assert classes(pcap(tmp_path / "y", talks([asks(digest("binh")), (False, STALE)], 5 * FAST))) == set()


def test_an_office_that_mistypes_is_none_and_an_account_of_ones_own_excuses_no_guessing(tmp_path):
    def told(pairs, client):
        return [
            (at + number, raw)
            for number, (user, password, answer) in enumerate(pairs)
            for at, raw in logins([(user, password)], answer, client=client)
        ]

    office = [
        each
        for number in range(40)
        for each in ((f"user{number}", f"misspelt{number}", WRONG), (f"user{number}", f"own{number}", HOME))
    ]
    guesser = [each for user, word in SPRAY for each in ((user, word, WRONG), ("own", "mine", HOME))]

    assert classes(pcap(tmp_path / "x", told(office, CLIENT))) == set()
    assert classes(pcap(tmp_path / "y", told(guesser, ATTACKER))) == {("bruteforce", ATTACKER)}


def test_guessing_by_a_header_shows_where_only_requests_are_seen(tmp_path):
    def headers(word):
        return asks(b"Authorization: Basic " + base64.b64encode(f"binh:{word}".encode()) + b"\r\n")

    guesses = [
        one
        for number in range(FAST + 1)
        for one in connection(ATTACKER, SERVER, 80, number, sport=30_000 + number, data=[headers(f"word{number}")])
    ]

    assert classes(pcap(tmp_path / "x", guesses)) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "y", talks([headers("own")], 60))) == set()
