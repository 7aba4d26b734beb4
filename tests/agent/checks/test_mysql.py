# SPDX-License-Identifier: Apache-2.0
import hashlib
import struct

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server, values
from support.daemons import mariadb
from support.web_server import Authority

SALT = bytes(range(1, 21))


def login(folder, password):
    path = folder / "login.toml"
    path.write_text(f'user = "giamsat"\npassword = "{password}"\n')
    path.chmod(0o600)
    return path


@pytest.mark.peer("mariadbd", "mariadb", "mariadb-install-db")
async def test_a_real_server_answers_without_a_login_and_answers_select_1_with_one(tmp_path):
    authority = Authority(tmp_path)
    with mariadb(authority.issue("db", days=33)) as there:
        there.sql("CREATE USER giamsat@'127.0.0.1' IDENTIFIED BY 'bí mật'; CREATE DATABASE hoso;")
        safe = {"what": "mysql", "target": f"127.0.0.1:{there.port}", "ca_file": authority.ca_file}
        known = {**safe, "credential_file": login(tmp_path, "bí mật")}
        let_in = await once(**known)
        plain = await once(what="mysql", target=safe["target"], tls=False, credential_file=known["credential_file"])
        not_allowed = await once(**known, database="hoso")
        alive = await once(**safe)
        refused = await once(**safe, credential_file=login(tmp_path, "sai"))
        untrusted = await once(what="mysql", target=safe["target"])

    assert [each.reason for each in (let_in, plain, alive)] == [""] * 3
    assert values(let_in)["probe_tls_version_info", "TLS 1.3"] == 1
    assert any(key[0] == "giamsat_check_server_info" and "MariaDB" in key[1] for key in values(let_in) if len(key) == 2)
    assert (not_allowed.failure, refused.failure) == (Failure.REFUSED, Failure.REFUSED)
    assert not_allowed.reason == "Access denied for user 'giamsat'@'127.0.0.1' to database 'hoso' (error 1044)"
    assert refused.reason == "Access denied for user 'giamsat'@'127.0.0.1' (using password: YES) (error 1045)"
    assert untrusted.failure is Failure.UNTRUSTED
    assert "probe_ssl_earliest_cert_expiry" in values(untrusted)


def packet(number, content):
    return struct.pack("<I", len(content))[:3] + bytes([number]) + content


def greeting(*, plugin=b"caching_sha2_password", can=0xFFFFF7FF):
    low, high = can & 0xFFFF, can >> 16
    said = b"\x0a8.4.0\0" + struct.pack("<I8sxHBHHB10x", 7, SALT[:8], low, 45, 2, high, 21) + SALT[8:] + b"\0" + plugin
    return packet(0, said + b"\0")


async def told(reader):
    head = await reader.readexactly(4)
    return await reader.readexactly(int.from_bytes(head[:3], "little"))


async def test_a_password_of_caching_sha2_is_proved(tmp_path):
    seen = []

    async def talk(reader, writer):
        writer.write(greeting())
        login = await told(reader)
        user, _, rest = login[32:].partition(b"\0")
        proof = rest[1 : 1 + rest[0]]
        stored = hashlib.sha256(hashlib.sha256(b"hunter2").digest()).digest()
        mask = hashlib.sha256(stored + SALT).digest()
        once_hashed = bytes(ours ^ theirs for ours, theirs in zip(proof, mask, strict=True))
        seen.append((user, hashlib.sha256(once_hashed).digest() == stored))
        writer.write(packet(2, b"\x01\x03") + packet(3, b"\0\0\0\2\0\0\0"))
        seen.append(await told(reader))
        end = b"\xfe\0\0\2\0"
        parts = (b"\x01", b"\x03def", end, b"\x011", end)
        writer.write(b"".join(packet(number, part) for number, part in enumerate(parts, 1)))

    async with server(talk) as address:
        result = await once(what="mysql", target=address, tls=False, credential_file=login(tmp_path, "hunter2"))

    assert result.reason == ""
    assert seen == [(b"giamsat", True), b"\x03SELECT 1"]


@pytest.mark.parametrize(
    ("asked", "failure"),
    [(b"\x01\x04", Failure.UNTRUSTED), (b"\xfemysql_clear_password\0" + SALT + b"\0", Failure.REFUSED)],
)
async def test_a_password_is_not_said_where_others_could_hear_it(tmp_path, asked, failure):
    heard = bytearray()

    async def talk(reader, writer):
        writer.write(greeting())
        heard.extend(await told(reader))
        writer.write(packet(2, asked))
        heard.extend(await reader.read(1000))

    async with server(talk) as address:
        result = await once(what="mysql", target=address, tls=False, credential_file=login(tmp_path, "hunter2"))

    assert result.failure is failure
    assert b"hunter2" not in heard


@pytest.mark.parametrize(
    ("answer", "failure", "said"),
    [
        (packet(0, b"\xff\x10\x04Too many connections"), Failure.WRONG_ANSWER, "Too many connections (error 1040)"),
        (packet(0, b"\xff\x69\x04Host is blocked"), Failure.WRONG_ANSWER, "Host is blocked (error 1129)"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Failure.WRONG_ANSWER, "announces"),
        (packet(0, b""), Failure.WRONG_ANSWER, "does not speak the protocol of MySQL"),
        (packet(0, b"\x0a8.4.0\0short"), Failure.WRONG_ANSWER, "does not speak the protocol of MySQL"),
        (greeting(can=0xF7FF), Failure.UNTRUSTED, "does not speak TLS"),
    ],
)
async def test_a_server_that_ails_or_is_another_says_so(answer, failure, said):
    async def talk(reader, writer):
        writer.write(answer)
        await reader.read(100)

    async with server(talk) as address:
        result = await once(what="mysql", target=address)

    assert result.failure is failure
    assert said in result.reason
