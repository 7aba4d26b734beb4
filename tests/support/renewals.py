# SPDX-License-Identifier: Apache-2.0
"""Renewing an identity with a desk, and whether it may connect."""

import asyncio

import grpc
from cryptography import x509

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.uplink import renewal
from giamsat_wire.clock import SystemClock


async def renew(folder, office, clock=None):
    return await asyncio.to_thread(renewal.renew, folder, office.ingest, clock or SystemClock())


async def greeted(office, who):
    """What a stream with this identity is refused with; None when it is greeted."""
    return await asyncio.to_thread(_greeted, office.ingest, who)


def _greeted(address, who):
    # Of who is refused before it has written, grpc.aio would not say why.
    hello = ingest_pb2.Up(hello=ingest_pb2.Hello(protocol=1))
    with grpc.secure_channel(address, grpc.ssl_channel_credentials(who.roots, who.key, who.chain)) as channel:
        try:
            next(ingest_pb2_grpc.IngestStub(channel).Push(iter([hello]), timeout=60))
        except grpc.RpcError as error:
            return error.details()
    return None


def roots(who):
    return [root.public_key() for root in x509.load_pem_x509_certificates(who.roots)]
