# SPDX-License-Identifier: Apache-2.0
"""The certificate the collector's own servers show, replaced while they run, long before it expires."""

import threading
from collections.abc import Sequence
from typing import Final

import grpc
import structlog

from giamsat_collector.enrol.authority import SERVER_LIFE, Authority, ServerIdentity
from giamsat_wire.clock import Clock

log = structlog.get_logger()

REPLACED_AFTER_NS: Final = int(SERVER_LIFE.total_seconds()) * 1_000_000_000 // 2


class ServerCertificate:
    """A certificate for these names that is always good. Any thread may ask for it."""

    def __init__(self, authority: Authority, names: Sequence[str], clock: Clock) -> None:
        self._authority = authority
        self._names = tuple(names)
        self._clock = clock
        self._lock = threading.Lock()
        self._made_ns = clock.wall_ns()
        self._identity = authority.server(self._names)

    def current(self) -> ServerIdentity:
        """The certificate to show now."""
        with self._lock:
            if self._clock.wall_ns() - self._made_ns >= REPLACED_AFTER_NS:
                self._made_ns = self._clock.wall_ns()
                self._identity = self._authority.server(self._names)
                log.info("server_certificate_replaced")
            return self._identity

    def credentials(self, client_roots: bytes | None = None) -> grpc.ServerCredentials:
        """For a gRPC server; with `client_roots` it demands a client certificate below one of them."""
        shown = self.current()

        def changed() -> grpc.ServerCertificateConfiguration | None:
            nonlocal shown
            now = self.current()
            if now is shown:
                return None
            shown = now
            return configuration(now)

        def configuration(identity: ServerIdentity) -> grpc.ServerCertificateConfiguration:
            return grpc.ssl_server_certificate_configuration([(identity.key, identity.chain)], client_roots)

        return grpc.dynamic_ssl_server_credentials(
            configuration(shown),
            changed,  # type: ignore[arg-type]  # None is its documented way to say that nothing changed
            require_client_authentication=client_roots is not None,
        )
