# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.check import Failure
from support.checking import once, server
from support.daemons import directory
from support.web_server import Authority


@pytest.mark.root
@pytest.mark.peer("slapd")
async def test_a_real_directory_answers_and_lets_the_right_login_in(tmp_path):
    authority = Authority(tmp_path)
    right, wrong = tmp_path / "right.toml", tmp_path / "wrong.toml"
    right.write_text('user = "cn=admin,cn=config"\npassword = "bí mật"\n')
    wrong.write_text('user = "cn=admin,cn=config"\npassword = "không phải"\n')
    for path in (right, wrong):
        path.chmod(0o600)
    with directory(tmp_path, authority.issue("ldap", days=30)) as (plain, tls):
        safe = {"what": "ldap", "target": f"127.0.0.1:{tls}", "ca_file": authority.ca_file}
        anonymous = await once(what="ldap", target=f"127.0.0.1:{plain}", tls="none")
        let_in = await once(**safe, credential_file=right)
        refused = await once(**safe, credential_file=wrong)

    assert (anonymous.reason, let_in.reason) == ("", "")
    assert refused.failure is Failure.REFUSED
    assert refused.reason == "the bind was refused with result 49 invalidCredentials"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad",
        b"\x30\x80",
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x05\x02\x01\x01\x61\x90",
        b"\x30\x03\x02\x01\x01",
    ],
)
async def test_what_is_no_answer_to_a_bind_is_a_wrong_answer(answer):
    async def talk(reader, writer):
        await reader.read(10)
        writer.write(answer)

    async with server(talk) as address:
        result = await once(what="ldap", target=address, tls="none", timeout_s=60)

    assert result.failure is Failure.WRONG_ANSWER
