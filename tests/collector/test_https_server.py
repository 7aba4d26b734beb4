# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import socket
import ssl

import pytest
from cryptography import x509

from giamsat_collector import https_server
from giamsat_collector.enrol.server_certificate import REPLACED_AFTER_NS
from giamsat_collector.errors import StartError
from giamsat_collector.https_server import HEADER_BYTES, listen, serve
from giamsat_wire.clock import SystemClock
from support.authority import open_authority
from support.clock import ManualClock


async def app(scope, receive, send):
    """Says the path it was asked for, and by whom."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    said = f"{scope['path']} {scope['scheme']} {scope['client'][0]}"
    await send({"type": "http.response.body", "body": said.encode()})


@pytest.fixture
async def port(tmp_path):
    authority = open_authority(tmp_path / "ca", SystemClock())
    (tmp_path / "root.pem").write_bytes(authority.root_pem)
    with listen("127.0.0.1", 0) as listener:
        async with serve(app, listener, authority.certificate(), tmp_path):
            yield listener.getsockname()[1]


async def ask(port, request, context):
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(request)
        answer = b""
        # Who is refused while still speaking has its connection reset, behind the answer.
        with contextlib.suppress(ConnectionResetError):
            while piece := await reader.read(1 << 16):
                answer += piece
        writer.close()
        return answer


def trusting(tmp_path):
    return ssl.create_default_context(cafile=tmp_path / "root.pem")


async def shown(port, context):
    """The number of the certificate that a new connection is shown."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(der).serial_number


async def until_shown(number, port, context):
    async with asyncio.timeout(60):
        while await shown(port, context) != number:
            pass


async def test_pages_are_served_over_tls_that_our_root_vouches_for(port, tmp_path):
    request = b"GET /alerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    answer = await ask(port, request, trusting(tmp_path))

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"\r\n/alerts https 127.0.0.1\r\n" in answer
    assert b"server:" not in answer.lower()


async def test_who_asks_is_who_is_connected_whatever_the_request_says(port, tmp_path):
    forged = b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: http\r\nForwarded: for=203.0.113.9\r\n"
    request = b"GET /alerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + forged + b"\r\n"

    assert b"\r\n/alerts https 127.0.0.1\r\n" in await ask(port, request, trusting(tmp_path))


async def test_plain_text_is_not_answered(port):
    assert b"200" not in await ask(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", None)


async def test_a_browser_without_our_root_does_not_trust_it(port):
    with pytest.raises(ssl.SSLCertVerificationError):
        await ask(port, b"", ssl.create_default_context())


async def test_headers_without_end_are_refused(port, tmp_path):
    request = b"GET / HTTP/1.1\r\nX: " + b"x" * (2 * HEADER_BYTES)

    assert (await ask(port, request, trusting(tmp_path))).startswith(b"HTTP/1.1 400")


async def test_a_certificate_that_cannot_be_written_now_is_shown_later(tmp_path, monkeypatch):
    monkeypatch.setattr(https_server, "LOOK_EVERY_S", 0.01)
    clock = ManualClock(wall_ns=SystemClock().wall_ns() - REPLACED_AFTER_NS)
    authority = open_authority(tmp_path / "ca", clock)
    (tmp_path / "root.pem").write_bytes(authority.root_pem)
    certificate = authority.certificate()
    with listen("127.0.0.1", 0) as listener:
        async with serve(app, listener, certificate, tmp_path):
            port = listener.getsockname()[1]
            await shown(port, trusting(tmp_path))
            (tmp_path / "console.pem").unlink()
            (tmp_path / "console.pem").mkdir()
            clock.advance(REPLACED_AFTER_NS)
            await certificate.look()
            await asyncio.sleep(0.1)
            (tmp_path / "console.pem").rmdir()
            expected = x509.load_pem_x509_certificate(certificate.current().chain).serial_number
            await until_shown(expected, port, trusting(tmp_path))


async def test_the_key_on_disk_is_its_owners_alone(port, tmp_path):
    assert (tmp_path / "console.key").stat().st_mode & 0o777 == 0o600


def test_a_port_in_use_is_said_with_the_setting_to_change():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(StartError, match=rf"127\.0\.0\.1:{port}.*listen\.console"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_both_families_of_addresses_can_be_listened_on(host, family):
    with listen(host, 0) as listener:
        assert listener.family is family
