# SPDX-License-Identifier: Apache-2.0
"""The gRPC server agents stream to: TLS with client certificates, and every limit set."""

from typing import Final

import grpc

from giamsat.v1 import enrol_pb2_grpc, ingest_pb2_grpc
from giamsat_collector.enrol.renewing import RenewalService
from giamsat_collector.errors import StartError
from giamsat_collector.ingest.service import IngestService
from giamsat_wire import limits

PENDING_STREAMS: Final = 20_000
"""Streams that may wait to be accepted. The library's default loses streams when all agents reconnect at once."""
OPTIONS: Final = (
    ("grpc.max_receive_message_length", limits.MESSAGE_BYTES),
    ("grpc.max_send_message_length", limits.MESSAGE_BYTES),
    ("grpc.max_metadata_size", limits.METADATA_BYTES),
    ("grpc.max_concurrent_streams", 4),
    ("grpc.server.max_pending_requests", PENDING_STREAMS),
    ("grpc.server.max_pending_requests_hard_limit", PENDING_STREAMS + 10_000),
    # Who has connected says who he is within that time, on the thinnest link, and then begins a stream; or makes room.
    ("grpc.server_handshake_timeout_ms", 20_000),
    ("grpc.max_connection_idle_ms", 60_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.ping_timeout_ms", 20_000),  # or a keepalive that nobody answers is waited for a whole minute
    ("grpc.http2.bdp_probe", 0),  # a ping after each message would cost more bytes than the message
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
    ("grpc.max_connection_age_ms", 24 * 3_600_000),
    ("grpc.max_connection_age_grace_ms", 60_000),
    ("grpc.so_reuseport", 0),
)


def build(
    service: IngestService, renewal: RenewalService, address: str, credentials: grpc.ServerCredentials
) -> tuple[grpc.aio.Server, int]:
    """A server that is not started yet, and the port it has taken.

    Raises:
        StartError: the address cannot be listened on.
    """
    server = grpc.aio.server(options=OPTIONS)
    ingest_pb2_grpc.add_IngestServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    enrol_pb2_grpc.add_RenewalServicer_to_server(renewal, server)  # type: ignore[no-untyped-call]
    try:
        port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise StartError(
            f"{address}: agents cannot be listened for there: the port is taken or the address is not this host's; "
            "free it, or set listen.ingest"
        ) from error
    return server, port
