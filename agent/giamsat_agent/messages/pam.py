# SPDX-License-Identifier: Apache-2.0
"""Messages of PAM modules, `MODULE(SERVICE:TYPE): …`, in whatever program they were loaded.

sshd, sudo and su tell of their attempts themselves, and there PAM's line would be the same attempt again.
"""

from collections.abc import Iterable
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

TELL_THEMSELVES: Final = frozenset({"sshd", "sudo", "sudo-i", "su", "su-l"})
NO_LOGIN: Final = frozenset({"cron", "crond", "atd", "systemd-user", "runuser", "runuser-l", "polkit-1", "samba"})
"""Services that open sessions or ask for passwords without anybody logging in."""
LOGINS: Final = frozenset(
    {
        "login", "remote", "gdm-password", "gdm-autologin", "gdm-fingerprint", "gdm-smartcard", "lightdm",
        "lightdm-autologin", "sddm", "sddm-autologin", "xdm", "lxdm", "xrdp-sesman", "cockpit", "vsftpd", "proftpd",
    }
)  # fmt: skip
"""Services whose session is a person who logged in."""
LOGIN: Final = "user-login"
_FAILURE: Final = "authentication failure; "
_OPENED: Final = "session opened for user "
_CHANGED: Final = "password changed for "
_LOCKED: Final = "Consecutive login failures for user "
REMEMBERED: Final = 256
"""Processes whose own word of a failed attempt is waited for."""


class Pam:
    """Understands PAM modules."""

    def __init__(self) -> None:
        self._failed: tuple[str, int | None, str] | None = None
        self._told: dict[tuple[str, int | None], None] = {}

    def told(self, entry: Entry, meaning: Meaning) -> bool:
        """Whether what a program tells of is the failed login that PAM told of in the same process before."""
        failed = (meaning.kind, meaning.fields.get("event.outcome")) == (LOGIN, FAILURE)
        return failed and self._told.pop((entry.program, entry.pid), self) is None

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        head, found, rest = entry.text.partition("): ")
        module, opened, service_type = head.partition("(")
        service, parted, kind = service_type.partition(":")
        if not (found and opened and parted):
            return ()
        if (changed := _changed(module, kind, rest)) is not None:
            return (changed,)
        if service in TELL_THEMSELVES or service in NO_LOGIN:
            return ()
        if kind == "auth" and rest.startswith(_FAILURE):
            return self._failure(module, (entry.program, entry.pid, service), rest)
        if kind == "session" and module == "pam_unix" and service in LOGINS and rest.startswith(_OPENED):
            user = rest.removeprefix(_OPENED).partition(" by ")[0]
            return (Meaning(LOGIN, {"event.outcome": SUCCESS, "user.name": user.partition("(uid=")[0]}),)
        return ()

    def _failure(self, module: str, where: tuple[str, int | None, str], rest: str) -> Iterable[Meaning]:
        """One attempt can fail at the local accounts and then at a directory's: the second line says nothing new."""
        if module == "pam_sss" and self._failed == where:
            self._failed = None
            return ()
        if module not in {"pam_unix", "pam_sss"}:
            return ()
        self._failed = where if module == "pam_unix" else None
        self._told[where[:2]] = None
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return (Meaning(LOGIN, {"event.outcome": FAILURE, **_who(rest)}),)


def _who(rest: str) -> dict[str, FieldValue]:
    """The user and the source of `…ruser=R rhost=H  user=U`; R and U are the peer's, so a second rhost= hides both."""
    fields: dict[str, FieldValue] = {}
    before, found, tail = rest.partition(" rhost=")
    if not found or " rhost=" in tail:
        return fields
    host, _, user = tail.partition(" ")
    user = user.strip(" ").removeprefix("user=") or before.partition(" ruser=")[2]
    if user:
        fields["user.name"] = user
    if (address := plain(host)) is not None:
        fields["source.ip"] = address
    elif host:
        fields["source.domain"] = host
    return fields


def _changed(module: str, kind: str, rest: str) -> Meaning | None:
    """What becomes of an account itself, whichever service it happens in."""
    if kind == "chauthtok" and rest.startswith(_CHANGED):
        user = rest.removeprefix(_CHANGED)
        return Meaning("user-password-changed", {"event.outcome": SUCCESS, "user.target.name": user})
    if module == "pam_faillock" and rest.startswith(_LOCKED):
        user = rest.removeprefix(_LOCKED).removesuffix(" account temporarily locked")
        return Meaning("user-account-locked", {"user.name": user})
    return None
