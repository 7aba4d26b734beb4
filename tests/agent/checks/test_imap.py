# SPDX-License-Identifier: Apache-2.0
import time

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server, values
from support.daemons import mailbox_server
from support.web_server import Authority


@pytest.mark.root
@pytest.mark.peer("dovecot")
async def test_a_real_mailbox_server_is_asked_in_clear_by_starttls_and_by_tls(tmp_path):
    authority = Authority(tmp_path)
    with mailbox_server(tmp_path, authority.issue("imap", days=12)) as (plain, tls):
        results = [
            await once(what="imap", target=f"127.0.0.1:{port}", tls=how, ca_file=authority.ca_file)
            for port, how in ((plain, "none"), (plain, "starttls"), (tls, "immediate"))
        ]

    assert [result.reason for result in results] == ["", "", ""]
    for result in results[1:]:
        assert values(result)["probe_ssl_earliest_cert_expiry"] - time.time() == pytest.approx(12 * 86400, abs=3_600)


@pytest.mark.parametrize(
    ("line", "failure"),
    [(b"* BYE too many\r\n", Failure.REFUSED), (b"220 smtp\r\n", Failure.WRONG_ANSWER)],
)
async def test_other_greetings_are_refused(line, failure):
    async def talk(reader, writer):
        writer.write(line)
        await reader.read()

    async with server(talk) as address:
        result = await once(what="imap", target=address, tls="none")

    assert result.failure is failure
