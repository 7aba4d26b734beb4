# SPDX-License-Identifier: Apache-2.0
import base64
import contextlib
import ftplib
import gc
import imaplib
import json
import poplib
import smtplib
import socket
import subprocess
import types
import urllib.error
import urllib.parse
import urllib.request

import pytest
from gufo.snmp import SnmpVersion
from gufo.snmp.sync import SnmpSession

from giamsat_agent.packets.detectors.cleartext import DIFFERENT, OpenPasswords
from giamsat_agent.packets.telling.report import encode, found
from support.capture import CLIENT, IP, UDP, batches, breaches, frame, pcap
from support.dialogue import answered, datagrams
from support.handshakes import segments
from support.peers import program

SERVER = "10.0.0.80"
SECRET = "Bi-mat#2026"


def ftp(port, user="can.bo"):
    with ftplib.FTP() as client:
        client.connect("127.0.0.1", port)
        client.login(user, SECRET)


def pop3(port):
    with contextlib.closing(poplib.POP3("127.0.0.1", port)) as client:
        client.user("can.bo")
        client.pass_(SECRET)


def imap(port):
    with imaplib.IMAP4("127.0.0.1", port) as client:
        client.login("can.bo", SECRET)


def smtp(port):
    with smtplib.SMTP("127.0.0.1", port, "may.example") as client:
        client.login("can.bo", SECRET)


def telnet(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        for typed in (b"can.bo\r\n", SECRET.encode() + b"\r\n"):
            client.recv(4_096)
            client.sendall(typed)
        client.recv(4_096)


def browse(asked, *handlers):
    try:
        urllib.request.build_opener(*handlers).open(asked, timeout=60).close()
    except urllib.error.HTTPError as error:
        error.close()


def basic(port):
    book = urllib.request.HTTPPasswordMgrWithPriorAuth()
    book.add_password(None, f"http://127.0.0.1:{port}/", "can.bo", SECRET, is_authenticated=True)
    browse(f"http://127.0.0.1:{port}/", urllib.request.HTTPBasicAuthHandler(book))


def posted(port, body, kind):
    browse(urllib.request.Request(f"http://127.0.0.1:{port}/login", body, {"Content-Type": kind}))


def form(port):
    fields = {"user[login]": "can.bo", "user[password]": SECRET}
    posted(port, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")


def interface(port):
    posted(port, json.dumps({"login": "can.bo", "password": SECRET}).encode(), "application/json")


def ldap(port):
    words = [program("ldapsearch"), "-x", "-H", f"ldap://127.0.0.1:{port}", "-D", "cn=can.bo,dc=vn", "-w", SECRET]
    subprocess.run(list(map(str, words)), check=False, capture_output=True, timeout=60)


def page(status):
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def bound(code):
    return bytes.fromhex(f"300c02010161070a01{code:02x}04000400")


def tagged(answer):
    return lambda said: answer.replace(b"TAG", said.split(b" ")[0])


ABLE = tagged(b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n")
WAYS = {
    "FTP": (ftp, 21, [b"220 x\r\n", b"331 password\r\n"], b"230 welcome\r\n", b"530 Login incorrect\r\n"),
    "POP3": (pop3, 110, [b"+OK\r\n", b"+OK\r\n"], b"+OK logged in\r\n", b"-ERR no\r\n"),
    "IMAP": (
        imap,
        143,
        [b"* OK\r\n", ABLE],
        tagged(b"* X\r\nTAG OK in\r\n"),
        tagged(b"TAG NO [AUTHENTICATIONFAILED]\r\n"),
    ),
    "SMTP": (smtp, 587, [b"220 x\r\n", b"250-x\r\n250 AUTH PLAIN\r\n"], b"235 ok\r\n", b"535 no\r\n"),
    "Telnet": (
        telnet,
        23,
        [b"\xff\xfd\x18login: ", b"Password: "],
        b"\r\nLast login: today\r\n$ ",
        b"\r\nLogin incorrect\r\nlogin: ",
    ),
    "HTTP": (basic, 8_080, [b""], page("200 OK"), page("401 Unauthorized")),
    "HTTP form": (form, 80, [b""], page("302 Found"), page("403 Forbidden")),
    "HTTP interface": (interface, 80, [b""], page("200 OK"), page("401 Unauthorized")),
    "LDAP": (ldap, 389, [b""], bound(0), bound(49)),
}
BYE = {"IMAP": [tagged(b"* BYE\r\nTAG OK done\r\n")], "SMTP": [b"221 bye\r\n"]}
MARKED = [pytest.param(name, marks=pytest.mark.peer("ldapsearch")) if name == "LDAP" else name for name in WAYS]


def of(turns, path, *, port):
    return breaches(pcap(path, segments(CLIENT, SERVER, turns, port=port)))


def within(root):
    """Every text and every run of bytes that can be reached from an object, types and modules left out."""
    seen, waiting = set(), [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | types.ModuleType | types.FunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, str | bytes | bytearray):
            yield one if isinstance(one, str) else bytes(one).decode("latin-1")
        waiting.extend(gc.get_referents(one))


@pytest.mark.parametrize("name", MARKED)
def test_a_password_in_clear_text_is_told_when_it_was_taken_and_nothing_of_it_is_kept(name, tmp_path):
    client, port, before, taken, refused = WAYS[name]
    turns = answered(client, *before, taken, *BYE.get(name, ()))
    sent = b"".join(said for out, said in turns if out)
    forms = {
        SECRET,
        urllib.parse.quote(SECRET),
        *(base64.b64encode(pad + SECRET.encode())[4:-4].decode() for pad in (b"", b"o:", b"\0can.bo\0", b"can.bo:")),
    }
    assert any(form.encode() in sent for form in forms)

    (breach,) = of(turns, tmp_path / "x", port=port)

    assert (breach.name, breach.about["giamsat.policy.subject"]) == ("cleartext_password", name.split()[0])
    assert (breach.source_ip, breach.targets[0].ip, breach.targets[0].port) == (CLIENT, SERVER, port)
    detector, told = OpenPasswords(), []
    for batch in batches(tmp_path / "x", 1):
        told += [encode(found("eth0", one)).decode() for one in detector.take(batch)]
    assert len(told) == 1
    assert not [text for text in (*told, *within(detector), *within(breach)) for form in forms if form in text]
    assert of(answered(client, *before, refused, *BYE.get(name, ())), tmp_path / "y", port=port) == ()


def test_who_logs_in_as_nobody_sends_no_password_and_who_then_does_sends_one(tmp_path):
    turns = answered(lambda port: ftp(port, "anonymous"), b"220 x\r\n", b"331 mail?\r\n", b"230 hi\r\n")
    again = [(True, b"USER can.bo\r\n"), (False, b"331 x\r\n"), (True, b"PASS x\r\n"), (False, b"230 hi\r\n")]

    assert of(turns, tmp_path / "x", port=21) == ()
    assert len(of(turns + again, tmp_path / "y", port=21)) == 1


@pytest.mark.parametrize(
    ("port", "turns"),
    [
        (80, [(True, b"GET /password=reset?pass=1 HTTP/1.1\r\nHost: x\r\n\r\n"), (False, page("200 OK"))]),
        (80, [(True, b"POST /a HTTP/1.1\r\n\r\ncompass=1&bypass=2&password="), (False, page("200 OK"))]),
        (80, [(True, b"GET / HTTP/1.1\r\nAuthorization: Digest username=x\r\n\r\n"), (False, page("200 OK"))]),
        (389, [(True, bytes.fromhex("300c020101600702010304008000")), (False, bound(0))]),
        (587, [(True, b"AUTH CRAM-MD5\r\n"), (False, b"334 x\r\n"), (True, b"eA==\r\n"), (False, b"235 ok\r\n")]),
        (23, [(False, b"login: "), (True, b"x\r\n"), (False, b"\r\nLast login: today\r\n$ ")]),
    ],
    ids=["a page about it", "an empty one", "digest", "nobody binds", "a challenge", "no password asked for"],
)
def test_what_holds_no_password_is_none(tmp_path, port, turns):
    assert of(turns, tmp_path / "x", port=port) == ()


def asked(word, version):
    """A request that gufo-snmp makes and what an agent answers: the same, as a response."""

    def client(port):
        with SnmpSession("127.0.0.1", port=port, community=word, version=version, timeout=60) as session:
            session.get("1.3.6.1.2.1.1.5.0")

    return datagrams(client, lambda said: said.replace(b"\xa0", b"\xa2", 1))


@pytest.mark.parametrize(("version", "name"), [(SnmpVersion.v1, "SNMPv1"), (SnmpVersion.v2c, "SNMPv2c")])
def test_communities_are_counted_and_not_kept(tmp_path, version, name):
    frames = []
    for number in range(10):
        for out, said in asked(f"bi-mat-{number % 3}", version):
            ends = IP(src=CLIENT, dst=SERVER) if out else IP(src=SERVER, dst=CLIENT)
            ports = UDP(sport=40_000, dport=161) if out else UDP(sport=161, dport=40_000)
            frames.append((number, frame(ends, ports, said)))

    (breach,) = breaches(pcap(tmp_path / "x", frames))

    assert breach.about["giamsat.policy.subject"] == name
    assert (breach.targets[0].ip, breach.targets[0].port) == (SERVER, 161)
    assert (breach.counts["connections"], breach.counts["communities"]) == (10, 3)
    assert DIFFERENT > 3
    detector = OpenPasswords()
    for batch in batches(tmp_path / "x", 4_096):
        list(detector.take(batch))
    assert not [text for text in (*within(detector), *within(breach)) if "bi-mat" in text]
    assert breaches(pcap(tmp_path / "y", [one for number, one in enumerate(frames) if number % 2 == 0])) == ()
