# SPDX-License-Identifier: Apache-2.0
"""The authority on the disk: roots, an issuer for agents and one for servers below each, and what they sign.

Each root has a folder of its own, `root-1`, `root-2`, …, that appears whole or not at all; keys are files of mode 0600.
The newest root signs. During a rotation the one before it is still vouched for by its certificate, and its keys are
gone: it has signed the new root (`crossed.pem`), so that hosts which know only the old one believe the new one's
servers, and hosts which know the new one never ask for the old.
"""

import contextlib
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector import data_folder
from giamsat_collector.errors import RefusedError, StartError
from giamsat_collector.signing import certificates
from giamsat_collector.signing.certificates import AGENTS, SERVERS, Certificate, Issuer
from giamsat_collector.signing.possession import spki_sha256
from giamsat_wire import durable
from giamsat_wire.clock import Clock

_PEM: Final = serialization.Encoding.PEM
_FOLDER: Final = "root-"
_FLAT: Final = ("root.pem", "root.key", "agents.pem", "agents.key", "servers.pem", "servers.key")
"""Where an earlier version kept the files of its only root: in the folder itself."""
_HALF: Final = certificates.ISSUER_LIFE / 2


@dataclass(frozen=True, slots=True)
class Held:
    """The root that signs, and what is below it. `crossed`: as the root before it vouches for it, during a rotation."""

    number: int
    root: Issuer
    agents: Issuer
    servers: Issuer
    crossed: Certificate | None = None


class Authority:
    """Issues certificates. Load it with `open_authority`."""

    def __init__(self, folder: Path, held: Held, former: tuple[Certificate, ...], clock: Clock) -> None:
        self._folder = folder
        self._held = held
        self._former = former
        self._clock = clock

    @property
    def version(self) -> int:
        """Counts the roots there have been."""
        return self._held.number

    @property
    def rotating(self) -> bool:
        """Whether the root before this one is still vouched for."""
        return bool(self._former)

    @property
    def root(self) -> Certificate:
        """The root that signs."""
        return self._held.root.certificate

    @property
    def roots(self) -> tuple[Certificate, ...]:
        """Every root hosts are to trust; the one that signs stands first."""
        return self.root, *self._former

    @property
    def root_spki_sha256(self) -> bytes:
        """The hash tokens pin the root by."""
        return spki_sha256(self.root.public_key())

    @property
    def client_roots_pem(self) -> bytes:
        """What a server verifies agents against."""
        shown = (self._held.agents.certificate, *self.roots)
        return b"".join(part.public_bytes(_PEM) for part in shown)

    def agent(self, key: ec.EllipticCurvePublicKey, *, unit: str, agent_id: str) -> tuple[Certificate, ...]:
        """A certificate for an agent, leaf first, then its issuer."""
        identity = f"spiffe://giamsat/unit/{unit}/agent/{agent_id}"
        return certificates.agent(key, identity, self._held.agents, self._clock), self._held.agents.certificate

    def server(self, key: ec.EllipticCurvePublicKey, names: Sequence[str]) -> tuple[Certificate, ...]:
        """A certificate for a server that is reached by these names: the leaf, its issuer, every root there is.

        The roots are shown so that a host which enrols finds the one its token names among them.
        """
        leaf = certificates.server(key, names, self._held.servers, self._clock)
        # Verifiers take the first that fits: whoever trusts only the former root must meet the crossed one first.
        across = () if self._held.crossed is None else (self._held.crossed,)
        return leaf, self._held.servers.certificate, *across, self.root, *self._former

    def carrier(self, key: ec.EllipticCurvePublicKey) -> tuple[Certificate, ...]:
        """A certificate for the key parcels are sealed for, then its issuer."""
        return certificates.carrier(key, self._held.servers, self._clock), self._held.servers.certificate

    def keep_fresh(self) -> tuple[str, ...]:
        """Certify anew what is past half of its life, under the same keys; what it was.

        Raises:
            OSError: the disk refuses.
        """
        held = self._held
        agents = self._fresh("agents", held.agents, AGENTS)
        servers = self._fresh("servers", held.servers, SERVERS)
        self._held = replace(held, agents=agents, servers=servers)
        named = (("agents", agents, held.agents), ("servers", servers, held.servers))
        return tuple(name for name, now, before in named if now is not before)

    def _fresh(self, name: str, old: Issuer, purpose: certificates.Purpose) -> Issuer:
        until = old.certificate.not_valid_after_utc
        if self._clock.wall_ns() / 1e9 + _HALF.total_seconds() < until.timestamp():
            return old
        root = self._held.root
        fresh = certificates.issuer(f"giamsat {name}", old.key.public_key(), root, purpose, self._clock)
        if fresh.not_valid_after_utc <= until:
            return old  # the root ends with it: only a rotation helps
        durable.replace(_place(self._folder, self._held.number) / f"{name}.pem", fresh.public_bytes(_PEM))
        return Issuer(fresh, old.key)

    def rotate(self) -> None:
        """Make a new root, which signs from now on; the one before it is vouched for until `retire`.

        Raises:
            RefusedError: a rotation is under way.
            OSError: the disk refuses; everything is as it was.
        """
        if self._former:
            raise RefusedError("a rotation is under way; end it with 'giamsat-collector authority retire' first")
        _create(self._folder, self._held.number + 1, self._held.root, self._clock)
        self._former = (self.root,)
        self._held = _load(self._folder, self._held.number + 1)
        _forget_keys(self._folder, self._held.number - 1)

    def replace(self) -> None:
        """Make a new root that no other vouches for, and believe none before it; OSError: nothing is changed."""
        _create(self._folder, self._held.number + 1, None, self._clock)
        self._former, self._held = (), _load(self._folder, self._held.number + 1)
        for number in _numbers(self._folder)[:-1]:
            with contextlib.suppress(
                OSError
            ):  # what is left is believed no more: nothing crosses from it to the new one
                _discard(_place(self._folder, number))

    def retire(self) -> None:
        """Vouch for the root before this one no longer.

        Raises:
            RefusedError: there is none.
            OSError: the disk refuses.
        """
        if not self._former:
            raise RefusedError("no rotation is under way: there is no old root to retire")
        gone = _place(self._folder, self._held.number - 1)
        _discard(gone)
        self._former = ()
        self._held = replace(self._held, crossed=None)


def open_authority(folder: Path, clock: Clock) -> Authority:
    """The authority whose keys are in `folder`; made there when the folder does not exist.

    Raises:
        StartError: the folder cannot be made or read, or others may read its keys.
    """
    try:
        if not folder.exists():
            _begin(folder, clock)
        _put_in_order(folder)
        numbers = _numbers(folder)
        for number in numbers[:-1]:
            _forget_keys(folder, number)
        held = _load(folder, numbers[-1])
        before = numbers[-2:-1] if held.crossed is not None else []
        former = tuple(_certificate(_place(folder, number) / "root.pem") for number in before)
        return Authority(folder, held if former else replace(held, crossed=None), former, clock)
    except (OSError, ValueError, TypeError, IndexError) as error:
        remedy = "restore the folder from the backup, or move it away to begin anew (every agent then enrols again)"
        raise StartError(f"{folder}: the certificate authority cannot be opened: {error}; {remedy}") from error


def _begin(folder: Path, clock: Clock) -> None:
    """A folder with its first root, whole or not at all; none where the keys there were are just being put back."""
    data_folder.must_not_be_coming(folder)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".ca-", dir=folder.parent))
    _create(fresh, 1, None, clock)
    fresh.replace(folder)
    durable.sync(folder.parent)


def _put_in_order(folder: Path) -> None:
    """Remove what a power cut left half-made, and give the files of an earlier version their folder."""
    for left in folder.glob(f".{_FOLDER}*"):
        shutil.rmtree(left)
    if not (folder / "root.pem").exists():
        return
    if not _place(folder, 1).exists():
        fresh = Path(tempfile.mkdtemp(prefix=f".{_FOLDER}", dir=folder))
        for name in _FLAT:
            _must_be_private(folder / name)
            durable.create(fresh / name, (folder / name).read_bytes())
        durable.sync(fresh)
        fresh.replace(_place(folder, 1))
        durable.sync(folder)
    for name in reversed(_FLAT):
        (folder / name).unlink(missing_ok=True)


def _numbers(folder: Path) -> list[int]:
    return sorted(int(path.name.removeprefix(_FOLDER)) for path in folder.glob(f"{_FOLDER}*"))


def _place(folder: Path, number: int) -> Path:
    return folder / f"{_FOLDER}{number}"


def _create(folder: Path, number: int, before: Issuer | None, clock: Clock) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f".{_FOLDER}", dir=folder))
    key = ec.generate_private_key(ec.SECP384R1())
    root = Issuer(certificates.root(key, clock), key)
    _write(fresh, "root", root)
    for name, purpose in (("agents", AGENTS), ("servers", SERVERS)):
        below = ec.generate_private_key(ec.SECP256R1())
        made = certificates.issuer(f"giamsat {name}", below.public_key(), root, purpose, clock)
        _write(fresh, name, Issuer(made, below))
    if before is not None:
        crossed = certificates.crossed(root.certificate, before)
        durable.create(fresh / "crossed.pem", crossed.public_bytes(_PEM))
    durable.sync(fresh)
    fresh.replace(_place(folder, number))
    durable.sync(folder)


def _write(folder: Path, name: str, issuer: Issuer) -> None:
    pkcs8 = serialization.PrivateFormat.PKCS8
    durable.create(folder / f"{name}.pem", issuer.certificate.public_bytes(_PEM))
    durable.create(folder / f"{name}.key", issuer.key.private_bytes(_PEM, pkcs8, serialization.NoEncryption()))


def _discard(place: Path) -> None:
    """Let go of a root's folder in one step."""
    gone = place.with_name(f".{place.name}")
    place.replace(gone)
    durable.sync(place.parent)
    with contextlib.suppress(OSError):  # what is left is removed at the next start
        shutil.rmtree(gone)


def _forget_keys(folder: Path, number: int) -> None:
    """A root that was replaced has nothing more to sign."""
    for key in _place(folder, number).glob("*.key"):
        key.unlink()
    durable.sync(_place(folder, number))


def _must_be_private(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError(f"{path} may be read by others; run: chmod 600 {path}")


def _load(folder: Path, number: int) -> Held:
    place = _place(folder, number)
    across = place / "crossed.pem"
    return Held(
        number,
        _issuer(place, "root"),
        _issuer(place, "agents"),
        _issuer(place, "servers"),
        _certificate(across) if across.exists() else None,
    )


def _issuer(place: Path, name: str) -> Issuer:
    path = place / f"{name}.key"
    _must_be_private(path)
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} is not an elliptic-curve key")
    return Issuer(_certificate(place / f"{name}.pem"), key)


def _certificate(path: Path) -> Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())
