# SPDX-License-Identifier: Apache-2.0
import time

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server, values
from support.daemons import mail_server
from support.web_server import Authority

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def mail(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exim")
    authority = Authority(folder)
    with mail_server(folder, authority.issue("mail", days=40)) as port:
        yield authority, port


@pytest.mark.peer("exim4")
async def test_a_real_mail_server_greets_and_its_certificate_is_read_by_starttls(mail):
    authority, port = mail
    plain = await once(what="smtp", target=f"127.0.0.1:{port}")
    tls = await once(what="smtp", target=f"127.0.0.1:{port}", tls="starttls", ca_file=authority.ca_file)
    strange = await once(what="smtp", target=f"127.0.0.1:{port}", tls="starttls")

    assert (plain.reason, tls.reason) == ("", "")
    for result in (tls, strange):
        assert values(result)["probe_ssl_earliest_cert_expiry"] - time.time() == pytest.approx(40 * 86400, abs=3_600)
    assert strange.failure is Failure.UNTRUSTED


def says(*lines):
    async def talk(reader, writer):
        for line in lines:
            writer.write(line)
            await reader.readline()

    return talk


@pytest.mark.parametrize(
    ("lines", "more", "failure", "said"),
    [
        ([b"554 no\r\n"], {}, Failure.REFUSED, "answers '554 no' where 220 is due"),
        ([b"hello\r\n"], {}, Failure.WRONG_ANSWER, "does not speak SMTP"),
        ([b"220 a\r\n", b"250-x\r\n" * 200], {}, Failure.WRONG_ANSWER, "more than 100 lines"),
        ([b"220 a\r\n", b"250 x\r\n"], {"tls": "starttls"}, Failure.WRONG_ANSWER, "does not offer STARTTLS"),
        ([b"220" + b"a" * 100_000], {}, Failure.WRONG_ANSWER, "without an end"),
    ],
)
async def test_what_is_wrong_is_said(lines, more, failure, said):
    async with server(says(*lines)) as address:
        result = await once(what="smtp", target=address, **more)

    assert result.failure is failure
    assert said in result.reason
