# SPDX-License-Identifier: Apache-2.0
"""On which host an identity is at home: a disk that was copied must not speak for the host it was copied from.

A host is the same as long as its machine id is, or one of its network cards; both change only where somebody made a
new machine out of an image. What a copy keeps of both is found out by the collector, when two are alive.
"""

from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent.errors import IdentityError, MovedError
from giamsat_wire import durable

FILE: Final = "home.json"
MACHINE_ID: Final = Path("/etc/machine-id")
CARDS: Final = 64


class Home(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a host is known by: its machine id, empty where there is none, and its cards' addresses (MAC)."""

    machine_id: str
    cards: tuple[str, ...]

    def is_other_than(self, known: "Home") -> bool:
        """Whether nothing of what was known of a host is so here."""
        if not (self.machine_id and known.machine_id and self.cards and known.cards):
            return False
        return self.machine_id != known.machine_id and not set(self.cards) & set(known.cards)


def machine_id() -> str:
    """The host's own id, so that a copied disk is told apart; empty where there is none."""
    try:
        return MACHINE_ID.read_text(encoding="ascii").strip()[:64]
    except (OSError, UnicodeDecodeError):
        return ""


def here(sys: Path = Path("/sys")) -> Home:
    """This host. Only cards of its own count: those of bridges and containers are made up anew."""
    found = []
    for card in sorted((sys / "class/net").glob("*"))[: 4 * CARDS]:
        try:
            if (card / "device").exists():
                found.append((card / "address").read_text(encoding="ascii").strip()[:64])
        except (OSError, UnicodeDecodeError):
            continue
    return Home(machine_id(), tuple(found[:CARDS]))


def settle(folder: Path, home: Home) -> None:
    """Let an identity be at home on this host.

    Raises:
        IdentityError: the disk refuses.
    """
    try:
        durable.replace(folder / FILE, msgspec.json.encode(home))
    except OSError as error:
        raise IdentityError(
            f"{folder / FILE}: cannot be written: {error.strerror}; run as the folder's owner"
        ) from error


def must_be_at_home(folder: Path, home: Home) -> None:
    """Let pass an identity that is at home on this host, or of which that is not known yet: then it is from now on.

    Raises:
        MovedError: it is another host's.
    """
    known = _known(folder)
    if known is not None and home.is_other_than(known):
        raise MovedError(
            f"{folder}: danh tính này được cấp cho máy khác. Máy nhân bản từ ảnh đĩa: sudo giamsat-agent prepare-image "
            "rồi ghi danh máy này; đúng là máy cũ đã thay phần cứng: sudo giamsat-agent confirm-host / this identity "
            "is another host's. A machine made out of an image: sudo giamsat-agent prepare-image, then enrol it; the "
            "same host with other hardware: sudo giamsat-agent confirm-host"
        )
    if known != home:
        try:
            settle(folder, home)
        except IdentityError:
            return  # a disk that is full is no reason not to start


def _known(folder: Path) -> Home | None:
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Home)
    except (OSError, msgspec.DecodeError):
        return None
