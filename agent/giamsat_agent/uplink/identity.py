# SPDX-License-Identifier: Apache-2.0
"""The files that say who this agent is: keys made on this host, the certificate chain, the roots it trusts.

The folder appears whole or not at all. Reading it needs no cryptography: gRPC takes the PEM text as it is.
"""

import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent.errors import IdentityError

IDENTITY_BYTES: Final = 32 << 10
"""More than all files of an identity together."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An enrolled agent. `key`, `chain` and `roots` are PEM; the bound key stays in its file until it is needed."""

    agent_id: str
    unit: str
    key: bytes
    chain: bytes
    roots: bytes


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    agent_id: str
    unit: str


def exists(folder: Path) -> bool:
    """Whether this host has been enrolled."""
    return (folder / "agent.json").exists()


def make_room(folder: Path) -> None:
    """Find out whether an identity could be stored in `folder`, before anything is given for it.

    Raises:
        IdentityError: the disk or its rights refuse.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".identity-", dir=folder.parent) as trial:
            _write(Path(trial) / "trial", bytes(IDENTITY_BYTES))
    except OSError as error:
        raise _unwritable(folder, error) from error


def store(folder: Path, identity: Identity, bound_key: bytes) -> None:
    """Write an identity to a folder that does not exist yet.

    Raises:
        IdentityError: the folder exists, or the disk refuses; nothing is left half-written.
    """
    if folder.exists():
        raise IdentityError(f"{folder}: this host has an identity already; move it away to enrol anew")
    fresh = None
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".identity-", dir=folder.parent))
        facts = msgspec.json.encode(_Facts(identity.agent_id, identity.unit))
        parts = {
            "tls.key": identity.key,
            "bound.key": bound_key,
            "chain.pem": identity.chain,
            "roots.pem": identity.roots,
            "agent.json": facts,
        }
        for name, data in parts.items():
            _write(fresh / name, data)
        _sync(fresh)
        fresh.rename(folder)
        _sync(folder.parent)
    except OSError as error:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)
        raise _unwritable(folder, error) from error


def load(folder: Path) -> Identity:
    """Read an identity.

    Raises:
        IdentityError: this host is not enrolled, or a file is missing, damaged or readable by others.
    """
    if not exists(folder):
        raise IdentityError(f"{folder}: this host is not enrolled; run: giamsat-agent enrol --collector HOST:7444")
    key = folder / "tls.key"
    try:
        if stat.S_IMODE(key.stat().st_mode) & 0o077:
            raise IdentityError(f"{key} may be read by others; run: chmod 600 {key}")
        facts = msgspec.json.decode((folder / "agent.json").read_bytes(), type=_Facts)
        return Identity(
            agent_id=facts.agent_id,
            unit=facts.unit,
            key=key.read_bytes(),
            chain=(folder / "chain.pem").read_bytes(),
            roots=(folder / "roots.pem").read_bytes(),
        )
    except (OSError, msgspec.DecodeError) as error:
        raise IdentityError(
            f"{folder}: the identity cannot be read: {error}; restore it, or move it away and enrol anew"
        ) from error


def _unwritable(folder: Path, error: OSError) -> IdentityError:
    return IdentityError(
        f"{folder}: the identity cannot be written: {error.strerror}; free space, run as the folder's owner, "
        "or set 'state' in the file"
    )


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
