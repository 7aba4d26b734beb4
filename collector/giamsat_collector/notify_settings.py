# SPDX-License-Identifier: Apache-2.0
"""What may stand in a [[notify]] of collector.toml: who is told of alerts, how, and of which."""

import ipaddress
import re
from enum import StrEnum
from typing import Annotated, Final, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class What(StrEnum):
    """What became of an alert that others may want to hear of."""

    OPEN = "open"
    REOPEN = "reopen"
    CLOSE = "close"


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
_DNS_NAME: Final = re.compile(r"\A(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?\Z")
_URL: Final = re.compile(r"\A[!-~]{1,2000}\Z")
_MAILBOX: Final = re.compile(r"\A(?=[!-~]+\Z)[^@,<>]{1,64}@[A-Za-z0-9.-]{1,253}\Z")


class _Notify(BaseModel):
    """What every way to tell has: alerts of `priority` or more urgent; no unit is every one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    priority: Annotated[int, Field(ge=1, le=5)] = 2
    units: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    what: Annotated[frozenset[What], Field(min_length=1)] = frozenset({What.OPEN, What.REOPEN})
    pause_s: Annotated[int, Field(ge=1, le=86_400)] = 1
    """The least time between two messages; what comes in it is told together."""


class Email(_Notify):
    """Mail through `server` (HOST:PORT)."""

    kind: Literal["email"]
    server: str
    tls: Literal["starttls", "immediate", "none"] = "starttls"
    sender: str
    to: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)]
    user: str = ""
    password_file: str = ""
    ca_file: str = ""
    language: Literal["vi", "en"] = "vi"
    pause_s: Annotated[int, Field(ge=1, le=86_400)] = 60

    @field_validator("server")
    @classmethod
    def _reachable(cls, server: str) -> str:
        _place(server)
        return server

    @field_validator("sender")
    @classmethod
    def _from_a_mailbox(cls, sender: str) -> str:
        return _mailbox(sender)

    @field_validator("to")
    @classmethod
    def _to_mailboxes(cls, to: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_mailbox, to))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file go together")
        if self.user and self.tls == "none":
            raise ValueError("a password is not sent in the open; set tls to starttls or immediate")
        return self

    @property
    def host(self) -> str:
        """The server's name or address."""
        return _place(self.server)[0]

    @property
    def port(self) -> int:
        """Its port."""
        return _place(self.server)[1]


class _Posted(_Notify):
    """A POST to `url`, with what stands in `token_file` as its bearer."""

    url: str
    token_file: str = ""
    ca_file: str = ""

    @field_validator("url")
    @classmethod
    def _usable(cls, url: str) -> str:
        return _url(url)

    @model_validator(mode="after")
    def _secret(self) -> Self:
        parts = urlsplit(self.url)
        if self.token_file and parts.scheme == "http" and not _this_machine(parts.hostname or ""):
            raise ValueError(f"a token is not sent in the open; let url begin with https:// instead of {self.url!r}")
        return self


class Webhook(_Posted):
    """A JSON list."""

    kind: Literal["webhook"]


class Alertmanager(_Posted):
    """What Prometheus' Alertmanager takes; it has to hear what is closed, too."""

    kind: Literal["alertmanager"]
    what: Annotated[frozenset[What], Field(min_length=1)] = frozenset(What)


class Syslog(_Notify):
    """CEF messages to `address` (HOST:PORT)."""

    kind: Literal["syslog"]
    address: str
    transport: Literal["tls", "tcp", "udp"] = "tls"
    ca_file: str = ""

    @field_validator("address")
    @classmethod
    def _reachable(cls, address: str) -> str:
        _place(address)
        return address

    @property
    def host(self) -> str:
        """The receiver's name or address."""
        return _place(self.address)[0]

    @property
    def port(self) -> int:
        """Its port."""
        return _place(self.address)[1]


AnyNotify: TypeAlias = Email | Webhook | Alertmanager | Syslog
Notify = Annotated[AnyNotify, Field(discriminator="kind")]


def _place(text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or "/" in text or "@" in text or not _reachable_name(host):
        raise ValueError(f"{text!r} is no HOST:PORT; an IPv6 address stands in brackets")
    return host, port


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.port != 0 and not parts.username
        usable = usable and _reachable_name(parts.hostname or "")
    except ValueError:
        usable = False
    if not usable or not _URL.match(url):
        raise ValueError(f"{url!r} is no http:// or https:// address in ASCII; a secret goes into token_file")
    return url


def _reachable_name(host: str) -> bool:
    """Whether it is an address, or a DNS name as name servers are asked for it."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_DNS_NAME.match(host))
    return True


def _this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mailbox(text: str) -> str:
    if not _MAILBOX.match(text):
        raise ValueError(f"{text!r} is no address of a mailbox")
    return text
