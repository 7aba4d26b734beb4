# SPDX-License-Identifier: Apache-2.0
import asyncio
import ssl
import struct

import pytest

from giamsat_agent.check import Failure
from giamsat_agent.errors import ConfigError
from giamsat_agent.protocols import tds
from support import peers
from support.checking import once, server, settings, values
from support.web_server import NAME, Authority


def answer(encryption=1, *, kind=4, options=None):
    """An answer to a pre-login as a server of 2022 gives it: version, encryption, instance, thread, MARS."""
    parts = ((0, struct.pack("!BBHH", 16, 0, 1000, 0)), (1, bytes([encryption])), (2, b"\0"), (3, b""), (4, b"\0"))
    heads, content, at = b"", b"", 5 * len(parts) + 1
    for token, value in parts:
        heads += struct.pack("!BHH", token, at + len(content), len(value))
        content += value
    body = (heads if options is None else options) + b"\xff" + content
    return struct.pack("!BBHHBB", kind, 1, 8 + len(body), 0, 1, 0) + body


def talking(reply, heard):
    async def talk(reader, writer):
        heard.append(await reader.readexactly(8))
        heard.append(await reader.readexactly(int.from_bytes(heard[0][2:4], "big") - 8))
        writer.write(reply)
        await reader.read(10)

    return talk


async def test_a_server_that_answers_a_pre_login_is_up_and_says_its_version():
    heard = []
    async with server(talking(answer(), heard)) as address:
        result = await once(what="sqlserver", target=address)

    assert result.reason == ""
    assert values(result)["giamsat_check_server_info", "16.0.1000"] == 1
    head, asked = heard
    assert (head[0], head[1]) == (0x12, 1)
    tokens = {asked[at]: struct.unpack_from("!HH", asked, at + 1) for at in range(0, 20, 5)}
    assert set(tokens) == {0, 1, 2, 3}
    assert asked[20] == 0xFF
    assert all(offset + length <= len(asked) for offset, length in tokens.values())


@pytest.mark.parametrize(
    ("reply", "more", "failure"),
    [
        (answer(2), {}, Failure.UNTRUSTED),
        (answer(2), {"tls": False}, None),
        (answer(kind=0x12), {}, Failure.WRONG_ANSWER),
        (answer(options=b"\x00\xff\xff\x00\x06" * 40), {}, Failure.WRONG_ANSWER),
        (answer()[:20], {"timeout_s": 0.3, "interval_s": 5}, Failure.TIMED_OUT),
        (b"\x04\x01\x00\x08\0\0\0\0", {}, Failure.WRONG_ANSWER),
        (b"HTTP/1.1 400 Bad", {}, Failure.WRONG_ANSWER),
    ],
)
async def test_what_is_not_safe_or_is_another_server_is_told_apart(reply, more, failure):
    async with server(talking(reply, [])) as address:
        result = await once(what="sqlserver", target=address, **more)

    assert result.failure is failure


class Tunnel:
    """The other end of TLS that begins in packets, where SQL Server speaks nothing newer than 1.2."""

    def __init__(self, reader, writer, certificate, key, *, newest):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = newest
        context.load_cert_chain(certificate, key)
        self.reader, self.writer = reader, writer
        self.heard, self.said = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.heard, self.said, server_side=True)

    async def begin(self):
        while True:
            head = await self.reader.readexactly(8)
            assert head[0] == tds.PRELOGIN
            self.heard.write(await self.reader.readexactly(int.from_bytes(head[2:4], "big") - 8))
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self.writer.write(tds.packets(tds.PRELOGIN, self.said.read()))
            else:
                self.writer.write(tds.packets(tds.PRELOGIN, self.said.read()))
                return

    async def message(self):
        """The kind and the content of what the client says."""
        heard = b""
        while len(heard) < 8 or len(heard) < int.from_bytes(heard[2:4], "big"):
            try:
                heard += self.tls.read(4096)
            except ssl.SSLWantReadError:
                more = await self.reader.read(4096)
                if not more:
                    raise ConnectionResetError from None
                self.heard.write(more)
        return heard[0], heard[8:]

    def say(self, content):
        self.tls.write(tds.packets(tds.REPLY, content))
        self.writer.write(self.said.read())


def token(kind, content):
    return struct.pack("<BH", kind, len(content)) + content


def error(number, text):
    said = text.encode("utf-16-le")
    return token(0xAA, struct.pack("<iBBH", number, 1, 14, len(text)) + said + b"\0\0" + struct.pack("<I", 1))


DONE = struct.pack("<BHHQ", 0xFD, 0, 0, 0)
WELCOME = token(0xE3, b"\x01\0\0") + token(0xAD, b"\x01\x74\0\0\x04\x03S\0Q\0L\0\x10\0\x03\xe8") + DONE
ONE_ROW = struct.pack("<BHIHB", 0x81, 1, 0, 0, 0x38) + b"\0" + b"\xd1\x01\0\0\0" + DONE


def sessions(paths, *replies, heard, newest=ssl.TLSVersion.TLSv1_2):
    """A server that says these after TLS, each once something was asked."""

    async def talk(reader, writer):
        head = await reader.readexactly(8)
        await reader.readexactly(int.from_bytes(head[2:4], "big") - 8)
        writer.write(answer())
        tunnel = Tunnel(reader, writer, *paths, newest=newest)
        await tunnel.begin()
        for reply in replies:
            heard.append(await tunnel.message())
            tunnel.say(reply)
        await reader.read(10)

    return talk


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def who(tmp_path):
    path = tmp_path / "login.toml"
    path.write_text('user = "giám sát"\npassword = "mật khẩu"\n')
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_login_is_let_in_over_verified_tls_and_answered(authority, who, newest):
    heard = []
    talk = sessions(authority.issue("sql", days=30), WELCOME, ONE_ROW, heard=heard, newest=newest)
    safe = {"ca_file": authority.ca_file, "server_name": NAME, "credential_file": who, "database": "hoso"}
    async with server(talk) as address:
        result = await once(what="sqlserver", target=address, **safe)

    assert result.reason == ""
    assert values(result)["probe_ssl_earliest_cert_expiry"] > 0
    (kind, login), (asked, question) = heard
    assert (kind, asked) == (tds.LOGIN, tds.BATCH)
    assert login[4:8] == bytes.fromhex("04000074")
    assert "giám sát".encode("utf-16-le") in login
    assert "hoso".encode("utf-16-le") in login
    assert "mật khẩu".encode("utf-16-le") not in login, "it is veiled at least"
    assert question.endswith("SELECT 1".encode("utf-16-le"))


def said_of(login):
    """The user, the veiled password and the database of a login, as its head says where they stand."""
    places = [struct.unpack_from("<HH", login, 36 + 4 * part) for part in (1, 2, 8)]
    return [login[at : at + 2 * count] for at, count in places]


@pytest.mark.peer("tsql")
async def test_a_client_of_others_is_content_with_the_server_of_these_tests_and_says_what_ours_says(
    authority, who, tmp_path
):
    theirs, ours = [], []
    pair = authority.issue("sql", days=30)
    async with server(sessions(pair, WELCOME, ONE_ROW, heard=theirs)) as address:
        conf = tmp_path / "freetds.conf"
        conf.write_text(
            f"[sql]\nhost = 127.0.0.1\nport = {address.rpartition(':')[2]}\ntds version = 7.4\nencryption = require\n"
            f"ca file = {authority.ca_file}\ncheck certificate hostname = no\nclient charset = UTF-8\n"
        )
        words = ("-S", "sql", "-U", "giám sát", "-P", "mật khẩu", "-D", "hoso", "-o", "q")
        client = await asyncio.create_subprocess_exec(
            peers.program("tsql"),
            *words,
            env={"FREETDSCONF": str(conf), "LANG": "C.UTF-8"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        shown, _ = await client.communicate(b"SELECT 1\ngo\nexit\n")
    async with server(sessions(pair, WELCOME, ONE_ROW, heard=ours)) as address:
        safe = {"ca_file": authority.ca_file, "server_name": NAME, "credential_file": who, "database": "hoso"}
        await once(what="sqlserver", target=address, **safe)

    assert shown.split() == [b"1"]
    assert said_of(theirs[0][1]) == said_of(ours[0][1])
    assert theirs[1][1].startswith(ours[1][1]), "the question, too"


@pytest.mark.parametrize(
    ("replies", "failure", "said"),
    [
        (
            [error(18456, "Login failed for user 'x'.") + DONE],
            Failure.REFUSED,
            "Login failed for user 'x'. (error 18456)",
        ),
        ([error(4060, "Cannot open database.") + DONE], Failure.WRONG_ANSWER, "Cannot open database. (error 4060)"),
        ([DONE], Failure.WRONG_ANSWER, "it does not say that the login is good"),
        ([WELCOME, DONE], Failure.WRONG_ANSWER, "it does not answer SELECT 1"),
        ([WELCOME, error(229, "no") + DONE], Failure.REFUSED, "no (error 229)"),
        ([b"\x07"], Failure.WRONG_ANSWER, None),
        ([b"\xaa\xff"], Failure.WRONG_ANSWER, None),
        ([token(0xAA, b"\1")], Failure.WRONG_ANSWER, None),
    ],
)
async def test_a_login_that_is_refused_and_a_server_that_ails_are_told_apart(authority, who, replies, failure, said):
    talk = sessions(authority.issue("sql", days=30), *replies, heard=[])
    safe = {"ca_file": authority.ca_file, "server_name": NAME, "credential_file": who, "timeout_s": 1}
    async with server(talk) as address:
        result = await once(what="sqlserver", target=address, **safe)

    assert result.failure is failure
    assert said is None or result.reason == said


async def test_a_server_nobody_vouches_for_hears_no_password_and_its_certificate_is_told(authority, who, tmp_path):
    heard = []
    other = tmp_path / "other"
    other.mkdir()
    talk = sessions(authority.issue("sql", days=30), WELCOME, heard=heard)
    async with server(talk) as address:
        safe = {"ca_file": Authority(other).ca_file, "server_name": NAME, "credential_file": who, "timeout_s": 2}
        result = await once(what="sqlserver", target=address, **safe)

    assert result.failure is Failure.UNTRUSTED
    assert values(result)["probe_ssl_earliest_cert_expiry"] > 0
    assert heard == []


@pytest.mark.parametrize("unsafe", [{"tls": False}, {"verify": False}])
def test_a_password_that_others_could_hear_is_refused_in_the_configuration(who, unsafe):
    with pytest.raises(ConfigError, match="over verified TLS only"):
        settings(what="sqlserver", target="db", credential_file=who, **unsafe)
