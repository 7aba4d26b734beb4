# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import subprocess

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_agent.devices.intake import Intake
from giamsat_agent.devices.syslog import (
    CONNECTIONS_PER_SENDER,
    SAY_NS,
    SILENCE_NS,
    ListenError,
    Listeners,
    SyslogListener,
    endpoint,
    server_context,
)
from support.clock import ManualClock
from support.peers import program

MESSAGE = b"<38>web sshd[9]: Failed password for root from 203.0.113.9 port 5 ssh2"
ANY = "127.0.0.1:0"


@pytest.fixture
def certificate(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )
    return tmp_path / "cert.pem", tmp_path / "key.pem"


class Kept:
    """Where events go; `has` waits until so many have come."""

    def __init__(self):
        self.events = []
        self._came = asyncio.Event()

    def deliver(self, events):
        self.events += events
        self._came.set()

    async def has(self, count):
        async with asyncio.timeout(60):
            while len(self.events) < count:
                self._came.clear()
                await self._came.wait()
        return self.events


@contextlib.asynccontextmanager
async def listening(clock=None, **at):
    kept = Kept()
    listener = SyslogListener(
        Listeners(**at), Intake(lambda _: dt.UTC), clock=clock or ManualClock(), deliver=kept.deliver
    )
    running = asyncio.ensure_future(listener.run())
    while len(listener.endpoints) < len([said for name, said in at.items() if name != "context"]):
        assert not running.done(), running.exception()
        await asyncio.sleep(0.01)
    try:
        yield listener, kept
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def send(address, *parts, **secured):
    _, writer = await asyncio.open_connection(*address, **secured)
    for part in parts:
        writer.write(part)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_a_datagram_is_a_message_or_several_lines():
    async with listening(udp=ANY) as (listener, kept):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(MESSAGE, listener.endpoints["udp"])
            sender.sendto(MESSAGE + b"\n" + MESSAGE + b"\n", listener.endpoints["udp"])
        events = await kept.has(3)

    assert [event.kind for event in events] == ["user-login"] * 3
    assert events[0].fields["log.source.address"] == "127.0.0.1"


async def test_tcp_takes_counted_messages_lines_and_a_last_one_without_end():
    async with listening(tcp=ANY) as (listener, kept):
        await send(listener.endpoints["tcp"], b"%d " % len(MESSAGE), MESSAGE, MESSAGE + b"\n", MESSAGE)
        events = await kept.has(3)

    assert [event.fields["source.ip"] for event in events] == ["203.0.113.9"] * 3


async def test_tls_carries_the_same(certificate):
    context = server_context(*map(str, certificate))
    trusting = ssl.create_default_context(cafile=certificate[0])
    async with listening(tls=ANY, context=context) as (listener, kept):
        await send(
            listener.endpoints["tls"], b"%d " % len(MESSAGE) + MESSAGE, ssl=trusting, server_hostname="localhost"
        )
        events = await kept.has(1)

    assert events[0].kind == "user-login"


async def test_one_sender_cannot_take_every_connection():
    async with listening(tcp=ANY) as (listener, kept), contextlib.AsyncExitStack() as stack:
        writers = []
        for _ in range(CONNECTIONS_PER_SENDER + 1):
            reader, writer = await asyncio.open_connection(*listener.endpoints["tcp"])
            stack.callback(writer.close)
            writers.append((reader, writer))
        assert await writers[-1][0].read() == b""
        writers[0][1].write(MESSAGE + b"\n")
        await kept.has(1)

        assert listener.refused_total == 1


async def test_a_stream_that_cannot_be_followed_is_closed_and_the_others_go_on():
    async with listening(tcp=ANY) as (listener, kept):
        reader, writer = await asyncio.open_connection(*listener.endpoints["tcp"])
        writer.write(b"9999999999 x")
        assert await reader.read() == b""
        writer.close()
        await send(listener.endpoints["tcp"], MESSAGE + b"\n")

        assert len(await kept.has(1)) == 1


async def test_who_sends_such_streams_all_day_fills_no_log():
    clock = ManualClock()
    with structlog.testing.capture_logs() as said:
        async with listening(clock, tcp=ANY) as (listener, _):
            for wait_ns in (0, 0, SAY_NS - 1, 1):
                clock.advance(wait_ns)
                reader, writer = await asyncio.open_connection(*listener.endpoints["tcp"])
                writer.write(b"9999999999 x")
                assert await reader.read() == b""
                writer.close()

    lines = [line for line in said if line["event"] == "syslog_stream_refused"]
    assert [(line["source"], line["streams"]) for line in lines] == [("127.0.0.1", 1), ("127.0.0.1", 3)]


async def test_a_silent_connection_is_closed():
    clock = ManualClock()
    async with listening(clock, tcp=ANY) as (listener, kept):
        reader, writer = await asyncio.open_connection(*listener.endpoints["tcp"])
        writer.write(MESSAGE + b"\n")
        await kept.has(1)
        clock.advance(SILENCE_NS + 1)

        assert await reader.read() == b""
        writer.close()


async def test_a_port_that_is_taken_says_what_to_do():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        at = Listeners(tcp=f"127.0.0.1:{holder.getsockname()[1]}")
        listener = SyslogListener(at, Intake(lambda _: dt.UTC), clock=ManualClock(), deliver=list)

        with pytest.raises(ListenError, match="CAP_NET_BIND_SERVICE"):
            await listener.run()


@pytest.mark.parametrize("said", ["514", "host:", "host:x", "host:70000"])
def test_an_endpoint_is_host_and_port(said):
    with pytest.raises(ListenError, match="HOST:PORT"):
        endpoint(said)


def test_tls_files_that_are_missing_are_named(tmp_path):
    with pytest.raises(ListenError, match=r"cert\.pem"):
        server_context(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))


@pytest.mark.peer("rsyslogd", "rsyslog-gnutls")
async def test_a_real_rsyslog_is_heard_over_udp_tcp_and_tls(certificate, tmp_path):
    context = server_context(*map(str, certificate))
    async with listening(udp=ANY, tcp=ANY, tls=ANY, context=context) as (listener, kept):
        port = {name: address[1] for name, address in listener.endpoints.items()}
        (tmp_path / "rsyslog.conf").write_text(
            f'global(workDirectory="{tmp_path}" DefaultNetstreamDriverCAFile="{certificate[0]}")\n'
            f'module(load="imuxsock" SysSock.Name="{tmp_path}/log")\n'
            f'action(type="omfwd" target="127.0.0.1" port="{port["udp"]}" protocol="udp")\n'
            f'action(type="omfwd" target="127.0.0.1" port="{port["tcp"]}" protocol="tcp" TCP_Framing="octet-counted")\n'
            f'action(type="omfwd" target="127.0.0.1" port="{port["tls"]}" protocol="tcp" StreamDriver="gtls"'
            ' StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost")\n'
        )
        command = [program("rsyslogd"), "-n", "-f", tmp_path / "rsyslog.conf", "-i", tmp_path / "pid"]
        daemon = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
        try:
            while not (tmp_path / "log").exists():  # noqa: ASYNC110 - another process makes the file
                await asyncio.sleep(0.05)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
                local.connect(str(tmp_path / "log"))
                local.send(b"<38>Nov 23 16:00:00 sshd[9]: Failed password for root from 203.0.113.9 port 5 ssh2")
            events = await kept.has(3)
        finally:
            daemon.terminate()
            await daemon.wait()

    assert [event.kind for event in events] == ["user-login"] * 3
    assert {event.fields["source.ip"] for event in events} == {"203.0.113.9"}
