# SPDX-License-Identifier: Apache-2.0
"""The HTTPS server of console, API and metrics: uvicorn inside the collector's own event loop."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

import structlog
import uvicorn

from giamsat_collector.enrol.server_certificate import ServerCertificate
from giamsat_collector.enrol.signer import ServerIdentity
from giamsat_collector.errors import StartError
from giamsat_collector.request_timeout import PatientProtocol

log = structlog.get_logger()

Application: TypeAlias = Callable[..., Awaitable[None]]
"""An ASGI application."""
HEADER_BYTES: Final = 16 << 10
GRACE_S: Final = 3
LOOK_EVERY_S: Final = 2.0


@contextlib.asynccontextmanager
async def serve(
    app: Application, listener: socket.socket, certificate: ServerCertificate, folder: Path
) -> AsyncIterator[None]:
    """Serve `app` while the context lasts; the TLS files are written to `folder` because the library wants files."""
    chain, key = _written(certificate.current(), folder)
    settings = uvicorn.Config(
        app,
        ssl_certfile=chain,
        ssl_keyfile=key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # where a login comes from is the connection's address, not what the request says
        lifespan="off",
        http=PatientProtocol,
        h11_max_incomplete_event_size=HEADER_BYTES,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(settings)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are the app's
    serving = asyncio.ensure_future(server._serve([listener]))  # noqa: SLF001 - serve() would take over the signals
    following = asyncio.ensure_future(_follow(certificate, settings, folder))
    try:
        yield
    finally:
        following.cancel()
        server.should_exit = True
        await serving


async def _follow(certificate: ServerCertificate, settings: uvicorn.Config, folder: Path) -> None:
    """Show a new certificate to connections to come once there is one."""
    shown = certificate.current()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = certificate.current()
        if now is not shown and settings.ssl is not None:
            try:
                settings.ssl.load_cert_chain(*_written(now, folder))
            except OSError as error:
                log.error("certificate_not_shown", reason=str(error))  # noqa: TRY400 - the reason says it all
                continue
            shown = now


def _written(identity: ServerIdentity, folder: Path) -> tuple[Path, Path]:
    chain, key = folder / "console.pem", folder / "console.key"
    for path, data in ((chain, identity.chain), (key, identity.key)):
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    return chain, key


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        StartError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise StartError(
            f"{host}:{port}: the console cannot be served there: {error.strerror}; free the port, or set listen.console"
        ) from error
    listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
    return listener
