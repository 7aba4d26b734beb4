# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server, values
from support.daemons import database
from support.web_server import Authority


def login(folder, password):
    path = folder / "login.toml"
    path.write_text(f'user = "giamsat"\npassword = "{password}"\n')
    path.chmod(0o600)
    return path


@pytest.mark.peer("postgres", "psql")
async def test_a_real_server_answers_without_a_login_and_answers_select_1_with_one(tmp_path):
    authority = Authority(tmp_path)
    with database(authority.issue("db", days=33)) as there:
        there.sql("CREATE ROLE giamsat LOGIN PASSWORD 'bí mật'")
        safe = {"what": "postgresql", "target": f"127.0.0.1:{there.port}", "ca_file": authority.ca_file}
        alive = await once(**safe)
        plain = await once(what="postgresql", target=safe["target"], tls=False)
        let_in = await once(**safe, credential_file=login(tmp_path, "bí mật"))
        no_such = await once(**safe, database="none", credential_file=login(tmp_path, "bí mật"))
        refused = await once(**safe, credential_file=login(tmp_path, "sai"))

    assert [each.reason for each in (alive, plain, let_in)] == ["", "", ""]
    assert values(alive)["probe_tls_version_info", "TLS 1.3"] == 1
    assert (no_such.failure, refused.failure) == (Failure.REFUSED, Failure.REFUSED)
    assert no_such.reason == 'database "none" does not exist (SQLSTATE 3D000)'
    assert refused.reason == 'password authentication failed for user "giamsat" (SQLSTATE 28P01)'


def frame(kind, content):
    return kind + struct.pack("!I", len(content) + 4) + content


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (frame(b"E", b"SFATAL\0C57P03\0Mthe database system is starting up\0\0"), "starting up (SQLSTATE 57P03)"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "announces"),
        (b"R\0\0\0\0", "does not speak PostgreSQL"),
        (b"\0\0\0\0\0", "does not speak PostgreSQL"),
    ],
)
async def test_a_server_that_ails_or_is_another_is_a_wrong_answer(answer, said):
    async def talk(reader, writer):
        await reader.read(10)
        writer.write(answer)

    async with server(talk) as address:
        result = await once(what="postgresql", target=address, tls=False)

    assert result.failure is Failure.WRONG_ANSWER
    assert said in result.reason


@pytest.mark.parametrize("method", [3, 5])
async def test_a_password_is_not_said_where_others_could_hear_it(tmp_path, method):
    heard = bytearray()

    async def talk(reader, writer):
        heard.extend(await reader.read(1000))
        writer.write(frame(b"R", struct.pack("!I", method) + b"salt"))
        heard.extend(await reader.read(1000))

    async with server(talk) as address:
        file = login(tmp_path, "hunter2")
        result = await once(what="postgresql", target=address, tls=False, credential_file=file)

    assert result.failure is Failure.REFUSED
    assert b"hunter2" not in heard
