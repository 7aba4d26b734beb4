# SPDX-License-Identifier: Apache-2.0
"""The certificate authority as the collector sees it: the signer it asks, and what follows from whom it trusts.

Whom to trust stands in `roots.pem` in the data folder, for curl, Prometheus and browsers.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection

from giamsat_collector.config import Authority as Configured
from giamsat_collector.enrol.carrier import Carrier, open_carrier
from giamsat_collector.enrol.emergency import Emergency, open_emergency
from giamsat_collector.enrol.server_certificate import ServerCertificate
from giamsat_collector.enrol.signer import Signer, SignerError, at
from giamsat_collector.enrol.signer_process import SignerProcess
from giamsat_collector.errors import CollectorError, StartError, StoreError
from giamsat_collector.own_host import SELF
from giamsat_collector.signing.decision import SigningRefusedError
from giamsat_collector.store import Store
from giamsat_wire import durable
from giamsat_wire.clock import Clock

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0
FAILED: Final = "collector-signer-failed"
AGAIN_NS: Final = 3600 * 1_000_000_000
"""While the same trouble lasts it is told once an hour."""

Remark = Callable[[Connection, str, str, Mapping[str, str]], None]


@dataclass(slots=True)
class Authority:
    """The signer, the process it runs in when that is ours, and the key parcels are sealed for."""

    folder: Path
    socket: Path
    signer: Signer
    carrier: Carrier
    emergency: Emergency
    process: SignerProcess | None
    _told_ns: dict[str, int] = field(default_factory=dict)
    _restarts: Counter[str] = field(default_factory=Counter)

    async def certificate(self, names: tuple[str, ...], clock: Clock) -> ServerCertificate:
        """A certificate for the collector's servers.

        Raises:
            StartError: the signer gives none.
        """
        try:
            return await ServerCertificate.obtained(self.signer, names, clock)
        except (SignerError, SigningRefusedError) as error:
            raise StartError(f"the signer gives no certificate for {', '.join(names)}: {error}") from error

    async def look(self, certificate: ServerCertificate) -> None:
        """Learn whom to trust now, and let what is shown follow it. What fails is tried again at the next look."""
        changed = await self.signer.look()
        if self.process is not None:
            self.process.watch(answers=self.signer.up)
        try:
            if changed:
                write_roots(self.folder, self.signer)
            await certificate.look()
            await self.carrier.follow(self.signer)
        except (CollectorError, OSError) as error:
            log.warning("authority_not_followed", reason=str(error))

    def troubles(self) -> tuple[str, ...]:
        """What is wrong with the signer now: it ended, it hung, it does not answer, its journal was tampered with."""
        restarts = Counter[str]() if self.process is None else self.process.restarts_total.copy()
        anew, self._restarts = restarts - self._restarts, restarts
        found = {"no_answer": not self.signer.up, "journal": self.signer.trust.broken > 0}
        return (*anew, *(reason for reason, there in found.items() if there))

    async def keep(self, certificate: ServerCertificate, store: Store, remark: Remark, clock: Clock) -> None:
        """Look for ever, and have what is wrong judged like anything else that happens."""
        while True:
            await self.look(certificate)
            now = clock.mono_ns()
            for reason in self.troubles():
                if now - self._told_ns.get(reason, -AGAIN_NS) < AGAIN_NS:
                    continue
                self._told_ns[reason] = now

                def work(connection: Connection, reason: str = reason) -> None:
                    remark(connection, SELF, FAILED, {"giamsat.reason": reason})

                with contextlib.suppress(StoreError):
                    await store.write(work)
            await asyncio.sleep(LOOK_EVERY_S)

    def work(self) -> tuple[Coroutine[None, None, None], ...]:
        """What has to run beside the servers for the signer's sake."""
        return () if self.process is None else (self.process.keep(),)


@contextlib.asynccontextmanager
async def started(folder: Path, said: Configured) -> AsyncIterator[SignerProcess | None]:
    """A signer of our own with its keys in ca/, for as long as this; None where one is named.

    It is begun, not waited for: it opens its keys beside whatever else is opened before `open_authority` asks it.
    """
    if said.signer:
        yield None
        return
    process = SignerProcess(folder / "ca", _place(folder, said))
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


async def open_authority(folder: Path, said: Configured, process: SignerProcess | None) -> Authority:
    """The authority behind the signer that is named, or behind that of our own in `process`.

    Raises:
        StartError: no signer answers, or the keys cannot be opened.
    """
    emergency = open_emergency(folder, said.emergency_keys)
    place = _place(folder, said)
    signer = await Signer.opened(at(place))
    try:
        carrier = await open_carrier(folder, signer)
    except (SignerError, SigningRefusedError) as error:
        raise StartError(f"the signer does not certify the key of parcels: {error}") from error
    write_roots(folder, signer)
    return Authority(folder, place, signer, carrier, emergency, process)


def _place(folder: Path, said: Configured) -> Path:
    """The socket the signer listens on."""
    return Path(said.signer) if said.signer else folder / "signer.sock"


def write_roots(folder: Path, signer: Signer) -> None:
    """Put down whom to trust, for programs that read files.

    Raises:
        StartError: the disk refuses.
    """
    try:
        durable.replace(folder / "roots.pem", signer.trust.roots_pem)
    except OSError as error:
        raise StartError(f"{folder / 'roots.pem'}: cannot be written: {error.strerror}; free space there") from error
