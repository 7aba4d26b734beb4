# SPDX-License-Identifier: Apache-2.0
"""The private keys of a host stay on it: none is on the wire as others see it, nor in what the collector writes."""

import asyncio
import base64
import contextlib

from cryptography.hazmat.primitives import serialization

from giamsat_agent.enrolment import enrol, parse_token
from giamsat_agent.uplink import identity, renewal
from giamsat_wire.clock import SystemClock
from support.relay import Relay


def forms(pem):
    """How a private key may be written: its number as bytes, in hexadecimal, in base 64, and the PEM itself."""
    number = serialization.load_pem_private_key(pem, None).private_numbers().private_value.to_bytes(32)
    body = b"".join(pem.splitlines()[1:-1])
    return {number, number.hex().encode(), base64.b64encode(number)[:40], pem, body, base64.b64decode(body)}


def below(folder):
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def test_no_private_key_of_a_host_is_on_the_wire_or_with_the_collector(office, tmp_path):
    token, folder = parse_token(await office.token()), tmp_path / "host"
    with contextlib.closing(Relay(office.port)) as door, contextlib.closing(Relay(office.ingest_port)) as line:
        await asyncio.to_thread(enrol, f"127.0.0.1:{door.port}", token, folder, hostname="x", machine_id="")
        keys = [identity.load(folder).key, identity.bound_key(folder)]
        await asyncio.to_thread(renewal.renew, folder, f"127.0.0.1:{line.port}", SystemClock())
        keys.append(identity.load(folder).key)
        wire = bytes(door.heard + line.heard)

    with_the_collector = below(tmp_path / "collector")
    written = set().union(*map(forms, keys))
    assert len(set(keys)) == 3
    assert any(each in below(folder) for each in written), "they are found where they are"
    assert len(wire) > 2_000
    assert office.allow_list.find(identity.load(folder).agent_id).id.encode() in with_the_collector
    assert [each for each in written if each in wire or each in with_the_collector] == []
