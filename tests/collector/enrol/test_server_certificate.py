# SPDX-License-Identifier: Apache-2.0
import asyncio
import socket
import ssl

import grpc
import pytest
from cryptography import x509

from giamsat_collector.enrol.authority import open_authority
from giamsat_collector.enrol.server_certificate import REPLACED_AFTER_NS, ServerCertificate
from support.clock import ManualClock


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def certificate(tmp_path, clock):
    return ServerCertificate(open_authority(tmp_path / "ca", clock), ("localhost", "127.0.0.1"), clock)


def serial(identity):
    return x509.load_pem_x509_certificate(identity.chain).serial_number


def test_a_certificate_is_shown_for_half_of_its_life(certificate, clock):
    first = certificate.current()
    clock.advance(REPLACED_AFTER_NS - 1)
    same = certificate.current()
    clock.advance(1)
    next_ = certificate.current()

    assert same is first
    assert serial(next_) != serial(first)
    assert certificate.current() is next_


def shown(port):
    """The serial number of the certificate a server shows to a new connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True)).serial_number


async def test_a_running_server_shows_the_new_certificate_to_new_connections(certificate, clock):
    server = grpc.aio.server()
    port = server.add_secure_port("127.0.0.1:0", certificate.credentials())
    await server.start()

    before = await asyncio.to_thread(shown, port)
    clock.advance(REPLACED_AFTER_NS)
    after = await asyncio.to_thread(shown, port)
    await server.stop(None)

    assert after == serial(certificate.current())
    assert after != before
