# SPDX-License-Identifier: Apache-2.0
"""When the collector is no longer believed: `python -m giamsat_agent.uplink.emergency STATE HOST:PORT KEY KEY KEY`.

It runs in a program of its own, before each renewal and while there is no connection. Whoever answers at the enrolment
port is heard, whatever certificates are shown: the signatures of keys that lie offline speak, not the connection. What
they name is trusted from then on, and nobody else; then the certificate is replaced by one of the new authority.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from giamsat.v1 import enrol_pb2, enrol_pb2_grpc
from giamsat_agent.errors import AgentError, RejectedError, TransportError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink import identity_check, keys, renewal
from giamsat_agent.uplink.dialling import options
from giamsat_agent.uplink.failure import said
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.pinning import presented, split_address
from giamsat_wire import emergency
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.emergency import Statement
from giamsat_wire.errors import EmergencyError

PATIENCE_S: Final = 15.0
_OPTIONS: Final = options(2 * emergency.BYTES)


def look(folder: Path, collector: str, trusted: Sequence[Ed25519PublicKey], clock: Clock) -> Identity:
    """Take a later statement if there is one, and have the certificate replaced if its root is trusted no longer.

    Raises:
        RejectedError: the collector refuses another certificate; what to do is in the message.
        TransportError: nothing can be asked now, or nothing was published that these keys stand behind.
        IdentityError: the identity cannot be read or written.
    """
    identity = identities.load(folder)
    try:
        statement = _told(identity.enrolment, trusted)
    except TransportError:
        if keys.vouched(identity.chain, identity.roots):
            raise
    else:
        if statement.serial > identities.serial(folder):
            identities.trust(folder, keys.roots_pem(list(statement.roots_der)), statement.serial)
            identity = identities.load(folder)
    return identity if keys.vouched(identity.chain, identity.roots) else renewal.renew(folder, collector, clock)


def _told(address: str, trusted: Sequence[Ed25519PublicKey]) -> Statement:
    shown = [one for one in presented(*split_address(address)) if keys.vouches_for_itself(one)]
    roots = b"".join(one.public_bytes(Encoding.PEM) for one in shown)
    if not roots:
        raise TransportError(
            f"{address}: không có chứng thư gốc, xem lại địa chỉ / it shows no root; check the address"
        )
    with grpc.secure_channel(address, grpc.ssl_channel_credentials(roots), options=_OPTIONS) as channel:
        stub = enrol_pb2_grpc.EnrolStub(channel)  # type: ignore[no-untyped-call]
        try:
            reply = stub.Emergency(enrol_pb2.EmergencyRequest(), timeout=PATIENCE_S)
            return emergency.believed(reply.statement, list(reply.signatures), trusted)
        except grpc.RpcError as error:
            raise TransportError(f"{address}: {said(str(error.details()))}") from error
        except EmergencyError as error:
            raise TransportError(f"{address}: {error}") from error


def main() -> int:
    """Look once; what went wrong is one line on standard error."""
    folder, collector, *files = sys.argv[1:]
    try:
        trusted = [Ed25519PublicKey.from_public_bytes(raw) for raw in identity_check.emergency_keys(files)]
        identity = look(Path(folder), collector, trusted, SystemClock())
    except AgentError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the daemon that started this reads it
        return renewal.REJECTED if isinstance(error, RejectedError) else 1
    print(identity.generation)  # noqa: T201 - so it is here
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
