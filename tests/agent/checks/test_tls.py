# SPDX-License-Identifier: Apache-2.0
import asyncio
import os
import ssl
import time

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server, values
from support.web_server import Authority


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def context(pair, **more):
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(*map(str, pair))
    for name, value in more.items():
        setattr(made, name, value)
    return made


async def quiet(reader, writer):
    await reader.read(1)


async def test_the_certificate_and_the_version_are_told(authority):
    tls = context(authority.issue("a", days=20), maximum_version=ssl.TLSVersion.TLSv1_2)
    async with server(quiet, tls) as address:
        result = await once(what="tls", target=address, ca_file=authority.ca_file)

    found = values(result)
    assert result.failure is None
    assert found["probe_tls_version_info", "TLS 1.2"] == 1
    assert found["probe_ssl_earliest_cert_expiry"] - time.time() == pytest.approx(20 * 86400, abs=3_600)
    (info,) = [dict(one.labels) for one in result.samples if one.name == "probe_ssl_last_chain_info"]
    assert (info["subject"], info["issuer"]) == ("CN=portal.example.gov.vn", "CN=Test CA")
    assert info["subjectalternative"] == "portal.example.gov.vn"
    assert len(info["fingerprint_sha256"]) == 64


async def test_the_first_certificate_of_the_chain_to_expire_counts(authority, tmp_path):
    leaf, key = authority.issue("leaf", days=80)
    other, _ = authority.issue("other", days=3)
    leaf.write_bytes(leaf.read_bytes() + other.read_bytes())
    async with server(quiet, context((leaf, key))) as address:
        found = values(await once(what="tls", target=address, ca_file=authority.ca_file))

    assert found["probe_ssl_earliest_cert_expiry"] - time.time() == pytest.approx(3 * 86400, abs=3_600)


async def garbage(reader, writer):
    writer.write(os.urandom(4096))
    await writer.drain()
    await reader.read(1)


async def silent(reader, writer):
    await asyncio.sleep(60)


async def closing(reader, writer):
    await reader.read(1)


@pytest.mark.parametrize(
    ("talk", "timeout_s", "failure"),
    [(garbage, 30, Failure.UNTRUSTED), (silent, 0.3, Failure.TIMED_OUT), (closing, 30, Failure.UNTRUSTED)],
)
async def test_what_is_no_tls_fails_in_time(talk, timeout_s, failure):
    async with server(talk) as address:
        result = await once(what="tls", target=address, timeout_s=timeout_s)

    assert result.failure is failure


async def test_a_name_that_is_none_is_said_and_not_tried():
    result = await once(what="tls", target="a..localhost:443", timeout_s=5)

    assert result.failure is Failure.UNREACHABLE
    assert "has no address" in result.reason
