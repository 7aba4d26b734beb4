# SPDX-License-Identifier: Apache-2.0
"""Who is at the other end of the administration socket, as the kernel tells it: nothing the client says counts.

The account that logged in (loginuid, which PAM sets and which survives sudo) is the person. Without one, as in a
service or a container, there is only the user id of the process, and that may be shared.
"""

import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_UNSET: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `person`: the kernel knows which account logged in, so that two of them are two people."""

    name: str
    person: bool


def caller(process: Path, uid: int) -> Caller:
    """Who the process is; `process` is its folder under /proc, `uid` what the socket says."""
    try:
        login = int((process / "loginuid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        login = _UNSET
    return Caller(f"uid {uid}", person=False) if login == _UNSET else Caller(_named(login), person=True)


def is_login(name: str) -> bool:
    """Whether somebody can be logged in to this host under a name."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _named(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name[:64]
    except KeyError:
        return f"uid {uid}"
