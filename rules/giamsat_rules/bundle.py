# SPDX-License-Identifier: Apache-2.0
r"""Signed bundles: the rules and packs of one day in one file, which is believed only after its signatures are.

    giamsat-bundle 1\n
    {"signatures": [{"key": "<hex of SHA-256>", "signature": "<hex>"}]}\n
    <payload: JSON>

Each signature is Ed25519 over `CONTEXT` and the payload's bytes, so nothing of the payload is read before k different
trusted keys have signed it. The payload says what it is for (`role`, `audience`), its serial and until when it counts:

    {"role": "rules", "audience": "...", "serial": 7, "made": "...", "expires": "...", "files": {"path": "text"}}

Refused: too few different keys, a serial below the last one (rollback), one far beyond it (fast-forward: it would lock
out every later bundle), the same serial with other content (mix-and-match), an expired bundle (freeze), one from the
future (a clock set back), another role or audience, and any path that is not a plain name below the root.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from giamsat_rules.errors import BundleError

BYTES: Final = 16 << 20
"""The largest bundle; a longer one is refused by its length."""
HEAD_BYTES: Final = 16 << 10
FILES: Final = 10_000
STEP: Final = 100_000
"""How far one serial may lie beyond the last."""
SKEW_NS: Final = 300 * 10**9
"""How far the maker's clock may be ahead of ours."""
MAGIC: Final = b"giamsat-bundle 1\n"
CONTEXT: Final = b"giamsat rule bundle 1\0"
ROLE: Final = "rules"

_PATH: Final = re.compile(r"(?:[a-z0-9][a-z0-9_.-]{0,99}/){0,8}[a-z0-9][a-z0-9_.-]{0,99}\.ya?ml")


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count: `threshold` of `keys` (raw public keys), for bundles of this audience."""

    keys: Sequence[bytes]
    threshold: int
    audience: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle: its serial, when it was made and expires (UNIX nanoseconds), and its files' texts by path."""

    audience: str
    serial: int
    made_ns: int
    expires_ns: int
    files: Mapping[str, str]
    digest: str = ""


def key_id(public: bytes) -> str:
    """What a signature calls its key."""
    return hashlib.sha256(public).hexdigest()[:32]


def payload_of(bundle: Bundle) -> bytes:
    """The bytes that are signed: equal bundles have equal bytes."""
    said = {
        "role": ROLE,
        "audience": bundle.audience,
        "serial": bundle.serial,
        "made": bundle.made_ns,
        "expires": bundle.expires_ns,
        "files": dict(bundle.files),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed(bundle: Bundle, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The whole file, signed by each key."""
    payload = payload_of(bundle)
    signatures = [
        {"key": key_id(key.public_key().public_bytes_raw()), "signature": key.sign(CONTEXT + payload).hex()}
        for key in keys
    ]
    return MAGIC + json.dumps({"signatures": signatures}).encode() + b"\n" + payload


def opened(text: bytes, trust: Trust, *, last: Bundle | None, now_ns: int) -> Bundle:
    """The bundle in `text`, once everything about it is in order; `last` is the one that is in force.

    Raises:
        BundleError: it is refused; the message says why and what to do.
    """
    bundle = believed(text, trust)
    if bundle.expires_ns <= now_ns:
        raise BundleError("the bundle has expired; fetch the current one")
    if bundle.made_ns > now_ns + SKEW_NS:
        raise BundleError("the bundle was made in the future; set this machine's clock")
    if last is None or bundle.digest == last.digest:
        return bundle
    if bundle.serial <= last.serial:
        raise BundleError(
            f"serial {bundle.serial} does not follow {last.serial}, which is in force; make a newer bundle"
        )
    if bundle.serial > last.serial + STEP:
        raise BundleError(f"serial {bundle.serial} is more than {STEP} beyond {last.serial}; number bundles one by one")
    return bundle


def believed(text: bytes, trust: Trust) -> Bundle:
    """The bundle in `text` when its signatures and its content are in order, however old it is.

    Raises:
        BundleError: it is refused; the message says why and what to do.
    """
    return _read(_payload(text, trust), trust)


def _payload(text: bytes, trust: Trust) -> bytes:
    """The payload, when enough trusted keys have signed it."""
    if len(text) > BYTES:
        raise BundleError(f"the bundle is longer than {BYTES} bytes; leave out what is no rule or pack")
    end = text.find(b"\n", len(MAGIC), len(MAGIC) + HEAD_BYTES)
    if not text.startswith(MAGIC) or end < 0:
        raise BundleError("this is no bundle, or only its beginning; fetch it again")
    payload = text[end + 1 :]
    by_id = {key_id(key): key for key in trust.keys}
    good = {key for key, signature in _signatures(text[len(MAGIC) : end]) if _holds(by_id.get(key), signature, payload)}
    if len(good) < max(1, trust.threshold):
        what = f"{len(good)} of the {trust.threshold} trusted keys that are needed have signed these bytes"
        raise BundleError(f"{what}; have it signed by the others, or fetch it again")
    return payload


def _signatures(head: bytes) -> list[tuple[str, bytes]]:
    try:
        said: Any = json.loads(head)
        return [(str(each["key"]), bytes.fromhex(each["signature"])) for each in said["signatures"][:64]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BundleError("the list of signatures cannot be read; fetch the bundle again") from error


def _holds(key: bytes | None, signature: bytes, payload: bytes) -> bool:
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, CONTEXT + payload)
    except InvalidSignature:
        return False
    return True


def _read(payload: bytes, trust: Trust) -> Bundle:
    """Understand a payload that trusted keys have signed; even they may have been careless."""
    try:
        said: Any = json.loads(payload)
        files = {str(path): text for path, text in said["files"].items()}
        bundle = Bundle(
            audience=str(said["audience"]),
            serial=_whole(said["serial"]),
            made_ns=_whole(said["made"]),
            expires_ns=_whole(said["expires"]),
            files=files,
            digest=hashlib.sha256(payload).hexdigest(),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BundleError("the payload cannot be read; make the bundle again") from error
    if said.get("role") != ROLE:
        raise BundleError(f"this bundle is for {str(said.get('role'))[:40]!r} and not for rules; give the rules' own")
    if bundle.audience != trust.audience:
        raise BundleError(f"this bundle is for {bundle.audience[:80]!r}, not for {trust.audience!r}; fetch your own")
    check_files(files)
    return bundle


def check_files(files: Mapping[str, object]) -> None:
    """Let pass texts whose paths are plain names below the root.

    Raises:
        BundleError: an entry is something else, or there are too many.
    """
    wrong = [
        path for path, text in files.items() if not _PATH.fullmatch(path) or ".." in path or not isinstance(text, str)
    ]
    if wrong or len(files) > FILES:
        named = f"the entry {wrong[0][:80]!r}" if wrong else f"more than {FILES} files"
        raise BundleError(f"{named} is not allowed in a bundle; use plain lower-case names of .yml files")


def _whole(said: object) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said < 1 << 63:
        raise ValueError(f"{said!r} is no number of a bundle")
    return said
