# SPDX-License-Identifier: Apache-2.0
"""The syslog listener: UDP, TCP and TLS sockets that hand messages to the intake and events to whoever keeps them.

UDP: one message a datagram (RFC 5426). TCP and TLS: RFC 6587 and RFC 5425. Connections are bounded in all and per
sender, and a silent one is closed. Events are handed over in batches, at the latest after FLUSH_S.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.devices.intake import Intake
from giamsat_agent.errors import AgentError
from giamsat_agent.logs.syslog_frames import FramingError, SyslogFrames
from giamsat_agent.own_log import logger
from giamsat_wire.clock import Clock
from giamsat_wire.record import Event

CONNECTIONS: Final = 512
"""Open connections in all."""
CONNECTIONS_PER_SENDER: Final = 16
SILENCE_NS: Final = 3_600_000_000_000
"""How long a connection may say nothing; devices keep one open for days and log in between."""
SAY_NS: Final = 60_000_000_000
"""The least time between two lines in the log on streams that cannot be followed."""
HANDSHAKE_S: Final = 10.0
FLUSH_S: Final = 0.25
BATCH: Final = 500
"""Events handed over at once."""
log = logger()


class ListenError(AgentError):
    """A socket cannot be opened, or the TLS files cannot be used."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Where to listen: HOST:PORT, an IPv6 address in brackets; "" for not at all."""

    udp: str = ""
    tcp: str = ""
    tls: str = ""
    context: ssl.SSLContext | None = None


def server_context(certificate: str, key: str, *, client_ca: str = "") -> ssl.SSLContext:
    """TLS of the listener, 1.2 or newer; with `client_ca` senders must show a certificate of it.

    Raises:
        ListenError: a file is missing or does not fit the other.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise ListenError(f"syslog TLS: {certificate}, {key} or {client_ca!r} cannot be used: {error}") from error
    return context


class SyslogListener:
    """Listens until it is cancelled."""

    def __init__(
        self, at: Listeners, intake: Intake, *, clock: Clock, deliver: Callable[[Sequence[Event]], None]
    ) -> None:
        """Hand events to `deliver`, which must not wait; what it raises ends the listener."""
        self._at = at
        self._intake = intake
        self._clock = clock
        self._deliver = deliver
        self._batch: list[Event] = []
        self._streams: set[_Stream] = set()
        self._not_followed = 0
        self._say_again_ns = 0
        self.refused_total = 0
        self.endpoints: dict[str, tuple[str, int]] = {}

    async def run(self) -> None:
        """Open every socket, then serve.

        Raises:
            ListenError: a socket cannot be opened; none stays open.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self._open_all(stack)
            while True:
                await asyncio.sleep(FLUSH_S)
                self._batch += self._intake.fold(wall_ns=self._clock.wall_ns(), mono_ns=self._clock.mono_ns())
                self._close_silent()
                self._flush()

    def received(self, address: str, message: bytes) -> None:
        """One message of a sender."""
        wall_ns, mono_ns = self._clock.wall_ns(), self._clock.mono_ns()
        self._batch += self._intake.take(plain(address) or address, message, wall_ns=wall_ns, mono_ns=mono_ns)
        if len(self._batch) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._deliver(batch)

    async def _open_all(self, stack: contextlib.AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        stack.callback(self._close_streams)
        try:
            if self._at.udp:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=endpoint(self._at.udp)
                )
                stack.callback(transport.close)
                self.endpoints["udp"] = transport.get_extra_info("sockname")[:2]
            for name, said, context in (("tcp", self._at.tcp, None), ("tls", self._at.tls, self._at.context)):
                if said:
                    host, port = endpoint(said)
                    timeout = HANDSHAKE_S if context else None
                    server = await loop.create_server(
                        lambda: _Stream(self), host, port, ssl=context, ssl_handshake_timeout=timeout
                    )
                    stack.callback(server.close)
                    self.endpoints[name] = server.sockets[0].getsockname()[:2]
        except OSError as error:
            raise ListenError(
                f"syslog {self._at.udp} {self._at.tcp} {self._at.tls}: không nghe được; cổng dưới 1024 cần quyền "
                f"CAP_NET_BIND_SERVICE, và mỗi cổng chỉ một chương trình / it cannot be listened there: {error}; ports "
                "below 1024 need CAP_NET_BIND_SERVICE, and a port can have one listener only"
            ) from error

    def admits(self, stream: "_Stream") -> bool:
        """Whether one more connection of this sender is served; it is counted when it is not."""
        of_sender = sum(1 for each in self._streams if each.address == stream.address)
        if len(self._streams) >= CONNECTIONS or of_sender >= CONNECTIONS_PER_SENDER:
            self.refused_total += 1
            return False
        self._streams.add(stream)
        return True

    def leaves(self, stream: "_Stream") -> None:
        """A connection is over."""
        self._streams.discard(stream)

    def cannot_follow(self, address: str, why: FramingError) -> None:
        """A stream is given up: said once in a while, with how many there were, for a sender may do so all day."""
        self._not_followed += 1
        if self.now_ns() >= self._say_again_ns:
            log.warning("syslog_stream_refused", source=address, reason=str(why), streams=self._not_followed)
            self._not_followed, self._say_again_ns = 0, self.now_ns() + SAY_NS

    def now_ns(self) -> int:
        """The time by which silence is measured."""
        return self._clock.mono_ns()

    def _close_silent(self) -> None:
        oldest = self._clock.mono_ns() - SILENCE_NS
        for stream in [each for each in self._streams if each.heard_ns < oldest]:
            stream.close()

    def _close_streams(self) -> None:
        for stream in list(self._streams):
            stream.close()


class _Stream(asyncio.Protocol):
    """One TCP or TLS connection."""

    def __init__(self, listener: SyslogListener) -> None:
        self._listener = listener
        self._frames = SyslogFrames()
        self._transport: asyncio.BaseTransport | None = None
        self.address = ""
        self.heard_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = transport
        self.address = str((transport.get_extra_info("peername") or ("unknown",))[0])
        self.heard_ns = self._listener.now_ns()
        if not self._listener.admits(self):
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self.heard_ns = self._listener.now_ns()
        try:
            for message in self._frames.feed(data):
                self._listener.received(self.address, message)
        except FramingError as error:
            self._listener.cannot_follow(self.address, error)
            self._frames = SyslogFrames()
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: what was sent without an end is a message too."""
        self._listener.leaves(self)
        if exc is None and (rest := self._frames.rest()):
            self._listener.received(self.address, rest)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


class _Datagrams(asyncio.DatagramProtocol):
    """One message a datagram; some devices send several, one a line."""

    def __init__(self, listener: SyslogListener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Called by asyncio."""
        for message in data.split(b"\n"):
            if stripped := message.strip(b"\r\0 "):
                self._listener.received(addr[0], stripped)


def endpoint(said: str) -> tuple[str, int]:
    """Host and port of HOST:PORT.

    Raises:
        ListenError: it is something else.
    """
    host, found, port = said.rpartition(":")
    if not found or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the last port
        raise ListenError(f"syslog: {said!r} is no HOST:PORT; write 0.0.0.0:514 or [::]:514")
    return host.strip("[]"), int(port)
