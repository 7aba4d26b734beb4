# SPDX-License-Identifier: Apache-2.0
"""The certificate the collector's own servers show, replaced while they run, long before it expires."""

from collections.abc import Sequence
from typing import Final

import grpc
import structlog

from giamsat_collector.enrol.signer import ServerIdentity, Signer
from giamsat_collector.signing.certificates import BACKDATED, SERVER_LIFE
from giamsat_wire.clock import Clock

log = structlog.get_logger()

REPLACED_AFTER_NS: Final = int(SERVER_LIFE.total_seconds()) * 1_000_000_000 // 2
_BACKDATED_NS: Final = int(BACKDATED.total_seconds()) * 1_000_000_000


class ServerCertificate:
    """A certificate for these names that is good, as long as somebody looks now and then. Any thread may ask for it."""

    def __init__(self, signer: Signer, names: Sequence[str], clock: Clock, identity: ServerIdentity) -> None:
        self._signer = signer
        self._names = tuple(names)
        self._clock = clock
        self._made_ns = clock.wall_ns()
        self._identity = identity

    @classmethod
    async def obtained(cls, signer: Signer, names: Sequence[str], clock: Clock) -> "ServerCertificate":
        """The first certificate; errors as for `Signer.agent`."""
        return cls(signer, names, clock, await signer.server(names))

    def current(self) -> ServerIdentity:
        """The certificate to show now."""
        return self._identity

    async def look(self) -> None:
        """Replace the certificate when it is half through its life, not yet good, or when the roots have changed.

        Raises:
            SignerError, SigningRefusedError: the signer gives none; the old one is shown on.
        """
        age_ns = self._clock.wall_ns() - self._made_ns
        # One that was made while the clock ran ahead begins in the future: nobody would believe it until then.
        good = -_BACKDATED_NS <= age_ns < REPLACED_AFTER_NS
        if not good or self._identity.client_roots != self._signer.trust.client_roots_pem:
            self._identity = await self._signer.server(self._names)
            self._made_ns = self._clock.wall_ns()
            log.info("server_certificate_replaced")

    def credentials(self, *, clients: bool = False) -> grpc.ServerCredentials:
        """For a gRPC server; with `clients` it demands a client certificate of an agent."""
        shown = self.current()

        def changed() -> grpc.ServerCertificateConfiguration | None:
            nonlocal shown
            now = self.current()
            if now is shown:
                return None
            shown = now
            return configuration(now)

        def configuration(identity: ServerIdentity) -> grpc.ServerCertificateConfiguration:
            believed = identity.client_roots if clients else None
            return grpc.ssl_server_certificate_configuration([(identity.key, identity.chain)], believed)

        return grpc.dynamic_ssl_server_credentials(
            configuration(shown),
            changed,  # type: ignore[arg-type]  # None is its documented way to say that nothing changed
            require_client_authentication=clients,
        )
