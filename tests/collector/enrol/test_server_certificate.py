# SPDX-License-Identifier: Apache-2.0
"""The servers' certificate is replaced while they serve, and nobody who connects is refused for it."""

import asyncio
import socket
import ssl

import grpc
import pytest
from cryptography import x509

from giamsat_collector.enrol.server_certificate import REPLACED_AFTER_NS
from giamsat_collector.enrol.signer import SignerError
from support.authority import open_authority
from support.clock import ManualClock

DAY = 24 * 3_600 * 1_000_000_000


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def authority(tmp_path, clock):
    return open_authority(tmp_path / "ca", clock)


@pytest.fixture
def certificate(authority):
    return authority.certificate()


def serial(identity):
    return x509.load_pem_x509_certificate(identity.chain).serial_number


async def test_a_certificate_is_shown_for_half_of_its_life(certificate, clock):
    first = certificate.current()
    clock.advance(REPLACED_AFTER_NS - 1)
    await certificate.look()
    same = certificate.current()
    clock.advance(1)
    await certificate.look()

    assert same is first
    assert serial(certificate.current()) != serial(first)


async def test_a_certificate_made_while_the_clock_ran_ahead_is_replaced_once_it_is_right(certificate, clock):
    first = certificate.current()
    clock.jump(-DAY)
    await certificate.look()
    same = certificate.current()
    clock.jump(-1)
    await certificate.look()

    assert same is first
    assert serial(certificate.current()) != serial(first)


async def test_while_the_signer_is_gone_the_old_one_is_shown_on(authority, certificate, clock):
    first = certificate.current()
    clock.advance(REPLACED_AFTER_NS)
    authority.gone = True

    with pytest.raises(SignerError):
        await certificate.look()

    assert certificate.current() is first


def shown(port):
    """The serial number of the certificate a server shows to a new connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True)).serial_number


@pytest.mark.parametrize("change", ["half of its life is over", "the root was rotated"])
async def test_a_running_server_shows_the_new_certificate_to_new_connections(authority, certificate, clock, change):
    server = grpc.aio.server()
    port = server.add_secure_port("127.0.0.1:0", certificate.credentials())
    await server.start()

    before = await asyncio.to_thread(shown, port)
    if change == "the root was rotated":
        authority.keys.rotate()
        await authority.signer.look()
    else:
        clock.advance(REPLACED_AFTER_NS)
    await certificate.look()
    after = await asyncio.to_thread(shown, port)
    await server.stop(None)

    assert after == serial(certificate.current())
    assert after != before
