# SPDX-License-Identifier: Apache-2.0
"""The files that say who this agent is: keys made on this host, the certificate chain, the roots it trusts.

The folder appears whole or not at all. The next certificate's files are written beside the current ones; replacing
`agent.json`, which names the generation in use, is the one step that puts them in force. Reading needs no
cryptography: gRPC takes the PEM text as it is.
"""

import contextlib
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent.errors import IdentityError, NotEnrolledError
from giamsat_wire import durable

IDENTITY_BYTES: Final = 32 << 10
"""More than all files of an identity together."""
FACTS: Final = "agent.json"
CARRIER: Final = "carrier.pem"
ROOTS: Final = "roots.pem"
SERIAL: Final = "emergency.serial"
BACKDATED_S: Final = 24 * 3600  # certificates begin a day before they are issued, for hosts whose clock is behind


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when a certificate is good, in UNIX seconds."""

    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True)
class Identity:
    """An enrolled agent. `key`, `chain` and `roots` are PEM; the bound key stays in its file until it is needed.

    `generation` counts the certificates this agent has had; `enrolment` is where it was enrolled (HOST:PORT), which is
    also where an expired certificate is replaced. `carrier` is the chain (PEM) of the key parcels are sealed for; empty
    when the collector named none.
    """

    agent_id: str
    unit: str
    key: bytes
    chain: bytes
    roots: bytes
    validity: Validity
    enrolment: str
    generation: int = 1
    carrier: bytes = b""


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    agent_id: str
    unit: str
    enrolment: str
    generation: int
    from_s: int
    until_s: int


def exists(folder: Path) -> bool:
    """Whether this host has been enrolled."""
    return (folder / FACTS).exists()


def make_room(folder: Path) -> None:
    """Find out whether an identity could be stored in `folder`, before anything is given for it.

    Raises:
        IdentityError: the disk or its rights refuse.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".identity-", dir=folder.parent) as trial:
            durable.create(Path(trial) / "trial", bytes(IDENTITY_BYTES))
    except OSError as error:
        raise _unwritable(folder, error) from error


def store(folder: Path, identity: Identity, bound_key: bytes) -> None:
    """Write an identity to a folder that does not exist yet; no emergency statement of before is taken from now on.

    Raises:
        IdentityError: the folder exists, or the disk refuses; nothing is left half-written.
    """
    if folder.exists():
        raise IdentityError(
            f"{folder}: máy này đã có danh tính; muốn ghi danh lại, xin chuyển thư mục này đi / "
            "this host has an identity already; move it away to enrol anew"
        )
    files = {
        key_file(folder, identity.generation).name: identity.key,
        chain_file(folder, identity.generation).name: identity.chain,
        "bound.key": bound_key,
        ROOTS: identity.roots,
        FACTS: _facts(identity),
        SERIAL: str(identity.validity.from_s + BACKDATED_S - 1).encode(),
    }
    write_folder(folder, {**files, CARRIER: identity.carrier} if identity.carrier else files)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files for their owner's eyes, which appears whole or not at all.

    Raises:
        IdentityError: the disk refuses.
    """
    fresh = None
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".identity-", dir=folder.parent))
        for name, data in files.items():
            durable.create(fresh / name, data)
        durable.sync(fresh)
        fresh.rename(folder)
        durable.sync(folder.parent)
    except OSError as error:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)
        raise _unwritable(folder, error) from error


def next_key(folder: Path, identity: Identity, make: Callable[[], bytes]) -> bytes:
    """The private key (PEM) of the certificate after this one: on the disk before anybody hears of its public half.

    Asked again, it is the same key, so a request whose answer was lost is repeated and not made anew.

    Raises:
        IdentityError: the disk refuses.
    """
    path = key_file(folder, identity.generation + 1)
    try:
        if not path.exists():
            durable.replace(path, make())
        return path.read_bytes()
    except OSError as error:
        raise _unwritable(folder, error) from error


def advance(
    folder: Path, identity: Identity, chain: bytes, validity: Validity, *, carrier: bytes = b"", roots: bytes = b""
) -> Identity:
    """Put the next certificate, whose key `next_key` gave, in force; the files of the one before are removed.

    With it came the `carrier` of now and the `roots` to trust from now on, if the collector named them.

    Raises:
        IdentityError: the disk refuses; the identity is then the one before, and its next key is kept.
    """
    generation = identity.generation + 1
    try:
        following = replace(
            identity,
            key=key_file(folder, generation).read_bytes(),
            chain=chain,
            validity=validity,
            generation=generation,
            carrier=carrier or identity.carrier,
            roots=roots or identity.roots,
        )
        if carrier not in {b"", identity.carrier}:
            durable.replace(folder / CARRIER, carrier)
        if following.roots != identity.roots:
            durable.replace(folder / ROOTS, roots)
        durable.replace(chain_file(folder, generation), chain)
        durable.replace(folder / FACTS, _facts(following))
    except OSError as error:
        raise _unwritable(folder, error) from error
    for old in (key_file(folder, identity.generation), chain_file(folder, identity.generation)):
        with contextlib.suppress(OSError):
            old.unlink()
    return following


def serial(folder: Path) -> int:
    """Only a later emergency statement is taken: it is that of the last one, or tells when this host was enrolled."""
    try:
        return int((folder / SERIAL).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def trust(folder: Path, roots: bytes, serial_: int) -> None:
    """Trust these roots (PEM) from now on and nobody else, by the emergency statement of this serial.

    Raises:
        IdentityError: the disk refuses; the statement is then taken again.
    """
    try:
        durable.replace(folder / ROOTS, roots)
        durable.replace(folder / SERIAL, str(serial_).encode())
    except OSError as error:
        raise _unwritable(folder, error) from error


def load(folder: Path) -> Identity:
    """Read an identity.

    Raises:
        IdentityError: this host is not enrolled, or a file is missing, damaged or readable by others.
    """
    if not exists(folder):
        raise NotEnrolledError(
            f"{folder}: máy này chưa ghi danh; chạy / "
            "this host is not enrolled; run: giamsat-agent enrol --collector HOST:7444"
        )
    try:
        facts = msgspec.json.decode((folder / FACTS).read_bytes(), type=_Facts)
        return Identity(
            agent_id=facts.agent_id,
            unit=facts.unit,
            key=_secret(key_file(folder, facts.generation)),
            chain=chain_file(folder, facts.generation).read_bytes(),
            roots=(folder / ROOTS).read_bytes(),
            validity=Validity(facts.from_s, facts.until_s),
            enrolment=facts.enrolment,
            generation=facts.generation,
            carrier=(folder / CARRIER).read_bytes() if (folder / CARRIER).exists() else b"",
        )
    except (OSError, msgspec.DecodeError) as error:
        raise IdentityError(
            f"{folder}: không đọc được danh tính; khôi phục thư mục, hoặc chuyển đi rồi ghi danh lại / "
            f"the identity cannot be read: {error}; restore it, or move it away and enrol anew"
        ) from error


def bound_key(folder: Path) -> bytes:
    """The private key (PEM) that is this host's for as long as it is enrolled.

    Raises:
        IdentityError: it is missing or readable by others.
    """
    try:
        return _secret(folder / "bound.key")
    except OSError as error:
        raise IdentityError(
            f"{folder}: không đọc được khóa gắn với máy; phải ghi danh lại máy này / "
            f"the bound key cannot be read: {error}; this host must be enrolled anew"
        ) from error


def _secret(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise IdentityError(f"{path}: người khác đọc được; chạy / it may be read by others; run: chmod 600 {path}")
    return path.read_bytes()


def key_file(folder: Path, generation: int) -> Path:
    """The private key of a generation (PEM)."""
    return folder / f"tls-{generation}.key"


def chain_file(folder: Path, generation: int) -> Path:
    """Its certificate chain (PEM)."""
    return folder / f"chain-{generation}.pem"


def _facts(identity: Identity) -> bytes:
    validity = identity.validity
    return msgspec.json.encode(
        _Facts(
            agent_id=identity.agent_id,
            unit=identity.unit,
            enrolment=identity.enrolment,
            generation=identity.generation,
            from_s=validity.from_s,
            until_s=validity.until_s,
        )
    )


def _unwritable(folder: Path, error: OSError) -> IdentityError:
    return IdentityError(
        f"{folder}: không ghi được danh tính; giải phóng chỗ trên đĩa, chạy bằng chủ thư mục, hoặc đặt 'state' trong "
        f"tệp cấu hình / the identity cannot be written: {error.strerror}; free space, run as the folder's owner, or "
        "set 'state' in the file"
    )
