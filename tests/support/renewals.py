# SPDX-License-Identifier: Apache-2.0
"""Renewing an identity with a desk, and whether it may connect."""

import asyncio
import contextlib

import grpc
from cryptography import x509

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.uplink import renewal
from giamsat_wire.clock import SystemClock


async def renew(folder, office, clock=None):
    return await asyncio.to_thread(renewal.renew, folder, office.ingest, clock or SystemClock())


async def greeted(office, who):
    """The status a stream with this identity ends with; None when it is greeted."""
    credentials = grpc.ssl_channel_credentials(who.roots, who.key, who.chain)
    async with grpc.aio.secure_channel(office.ingest, credentials) as channel, asyncio.timeout(60):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        with contextlib.suppress(grpc.aio.AioRpcError):  # who is refused at once may not even get to write
            await call.write(ingest_pb2.Up(hello=ingest_pb2.Hello(protocol=1)))
            await call.read()
            call.cancel()
            return None
        return await call.details()


def roots(who):
    return [root.public_key() for root in x509.load_pem_x509_certificates(who.roots)]
