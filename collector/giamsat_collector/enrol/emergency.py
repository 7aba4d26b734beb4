# SPDX-License-Identifier: Apache-2.0
"""What agents that no longer believe the collector are told: new roots, signed by keys that lie offline."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from giamsat.v1 import enrol_pb2
from giamsat_collector.errors import RefusedError, StartError
from giamsat_wire import durable, emergency, emergency_key
from giamsat_wire.emergency import Statement
from giamsat_wire.errors import EmergencyError

NAME: Final = "emergency.signed"


class Emergency:
    """The statement in force, and the keys it is believed by. `reply` is None while none was published."""

    def __init__(self, folder: Path, keys: Sequence[Ed25519PublicKey], reply: enrol_pb2.EmergencyReply | None) -> None:
        self._folder = folder
        self._keys = keys
        self.reply = reply

    @property
    def ready(self) -> bool:
        """Whether there are keys agents would believe."""
        return bool(self._keys)

    def publish(self, statement: bytes, signatures: Sequence[bytes], roots_der: Sequence[bytes]) -> Statement:
        """Tell agents from now on; `roots_der` are the roots of now.

        Raises:
            RefusedError: too few keys have signed it, it names other roots, or a later one was published.
            OSError: the disk refuses; what was published before is told on.
        """
        if not self.ready:
            raise RefusedError("no emergency keys are configured; set [authority] emergency_keys, and start anew")
        try:
            found = emergency.believed(statement, signatures, self._keys)
        except EmergencyError as error:
            raise RefusedError(str(error)) from error
        if list(found.roots_der) != list(roots_der):
            raise RefusedError(
                "it names other roots than those of now; write a new one with 'authority statement' and have it signed"
            )
        if self.reply is not None and found.serial < self._serial(self.reply):
            raise RefusedError("a later statement was published already; nothing was changed")
        reply = enrol_pb2.EmergencyReply(statement=statement, signatures=signatures)
        durable.replace(self._folder / NAME, b"\n".join(map(base64.b64encode, (statement, *signatures))))
        self.reply = reply
        return found

    def _serial(self, reply: enrol_pb2.EmergencyReply) -> int:
        return emergency.believed(reply.statement, list(reply.signatures), self._keys).serial


def open_emergency(folder: Path, files: Sequence[str]) -> Emergency:
    """What was published into the data folder, believed by the keys in these files.

    Raises:
        StartError: a key cannot be read, or stands in two of the files.
    """
    try:
        points = emergency_key.points([(file, Path(file).read_bytes()) for file in files])
    except OSError as error:
        raise StartError(
            f"{error.filename}: the emergency key cannot be read: {error.strerror}; correct [authority] "
            "emergency_keys, or let giamsat-collector's user read it"
        ) from error
    except EmergencyError as error:
        raise StartError(str(error)) from error
    keys = [Ed25519PublicKey.from_public_bytes(point) for point in points]
    return Emergency(folder, keys, _kept(folder / NAME, keys))


def _kept(place: Path, keys: Sequence[Ed25519PublicKey]) -> enrol_pb2.EmergencyReply | None:
    """What was published before; nothing when agents with these keys would not believe it either."""
    try:
        statement, *signatures = (base64.b64decode(line, validate=True) for line in place.read_bytes().splitlines())
        emergency.believed(statement, signatures, keys)
    except (OSError, ValueError, EmergencyError):
        return None
    return enrol_pb2.EmergencyReply(statement=statement, signatures=signatures)
