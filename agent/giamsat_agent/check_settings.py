# SPDX-License-Identifier: Apache-2.0
"""What an operator may have checked: each `[[check]]` of agent.toml, one kind of it for each protocol."""

from typing import Annotated, Final, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

import msgspec

DNS_LABEL: Final = 64
CHECKS: Final = 128
"""Checks of one agent."""
PATTERN_BYTES: Final = 1 << 20
"""Memory that one pattern may take."""
Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Target: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Texts: TypeAlias = Annotated[
    tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=500)], ...], msgspec.Meta(max_length=8)
]


class Expression(Protocol):
    """A pattern made ready."""

    def search(self, line: bytes) -> object | None:
        """Something when the line holds it."""
        ...


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="what"):
    """What every check says: its name, what it asks, how often, and how long it waits."""

    name: Name
    target: Target
    interval_s: Annotated[float, msgspec.Meta(ge=5, le=86_400)] = 60.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.2, le=60)] = 10.0

    @property
    def what(self) -> str:
        """What kind of check it is, as the configuration says it."""
        return str(self.__struct_config__.tag)

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        if self.timeout_s > self.interval_s:
            raise ValueError(f"check {self.name}: timeout_s is longer than interval_s; make it shorter")


class Encrypted(CheckSettings, frozen=True, kw_only=True):
    """How the other end's certificate is judged.

    `ca_file` holds the authorities that are trusted instead of the host's own; `server_name` is the name the
    certificate has to have, if it is not the target's.
    """

    ca_file: str = ""
    verify: bool = True
    server_name: Annotated[str, msgspec.Meta(max_length=253)] = ""


class Http(Encrypted, frozen=True, kw_only=True, tag="http"):
    """A page at a URL. `status` empty: any 2xx. Redirects lead to the same host, or to one of `redirect_hosts`."""

    status: Annotated[tuple[Annotated[int, msgspec.Meta(ge=100, le=599)], ...], msgspec.Meta(max_length=20)] = ()
    body_has: Texts = ()
    body_lacks: Texts = ()
    redirects: Annotated[int, msgspec.Meta(ge=0, le=10)] = 5
    redirect_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        super().__post_init__()
        try:
            url = urlsplit(self.target)
            right = url.scheme in {"http", "https"} and url.hostname and url.port != 0 and not url.username
        except ValueError:
            right = False
        if not right or not self.target.isascii() or not self.target.isprintable() or " " in self.target:
            raise ValueError(
                f"check {self.name}: {self.target!r} is not a URL this check takes; write it as https://host/path"
            )


class Tcp(CheckSettings, frozen=True, kw_only=True, tag="tcp"):
    """A port at HOST:PORT that takes connections. `send` is said to it, `expect` has to stand in what it says."""

    send: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    expect: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Tls(Encrypted, frozen=True, kw_only=True, tag="tls"):
    """A port at HOST or HOST:PORT that speaks TLS at once; without a port it is 443."""


class Dns(CheckSettings, frozen=True, kw_only=True, tag="dns"):
    """A name server at HOST or HOST:PORT that is asked for a record; `answers_have` are values it has to give."""

    query: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    record: Literal["A", "NS", "CNAME", "SOA", "PTR", "MX", "TXT", "AAAA"] = "A"
    rcode: Literal["NOERROR", "NXDOMAIN", "REFUSED"] = "NOERROR"
    answers_have: Texts = ()

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        super().__post_init__()
        labels = self.query.rstrip(".").split(".")
        if not self.query.isascii() or not all(0 < len(label) < DNS_LABEL for label in labels):
            raise ValueError(f"check {self.name}: {self.query!r} is no name of the DNS; write it in ASCII (xn--…)")


class Smtp(Encrypted, frozen=True, kw_only=True, tag="smtp"):
    """A mail server at HOST or HOST:PORT; without a port it is 25, with TLS from the start 465."""

    tls: Literal["none", "starttls", "immediate"] = "none"


class Imap(Encrypted, frozen=True, kw_only=True, tag="imap"):
    """A mailbox server at HOST or HOST:PORT; without a port it is 993, or 143 where TLS does not begin at once."""

    tls: Literal["none", "starttls", "immediate"] = "immediate"


class Ldap(Encrypted, frozen=True, kw_only=True, tag="ldap"):
    """A directory at HOST or HOST:PORT. With a login it has to let us in, without one it only has to answer."""

    tls: Literal["none", "immediate"] = "immediate"
    credential_file: str = ""

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        super().__post_init__()
        if self.credential_file and self.tls == "none":
            raise ValueError(f'check {self.name}: a password is sent over TLS only; set tls = "immediate"')


class Postgresql(Encrypted, frozen=True, kw_only=True, tag="postgresql"):
    """A PostgreSQL server at HOST or HOST:PORT. With a login it has to let us in, without one it only has to answer."""

    tls: bool = True
    database: Annotated[str, msgspec.Meta(min_length=1, max_length=63)] = "postgres"
    credential_file: str = ""


class Mysql(Encrypted, frozen=True, kw_only=True, tag="mysql"):
    """A MySQL or MariaDB server at HOST or HOST:PORT. With a login it has to let us in, without one only to answer."""

    tls: bool = True
    database: Annotated[str, msgspec.Meta(max_length=64)] = ""
    credential_file: str = ""


class Sqlserver(Encrypted, frozen=True, kw_only=True, tag="sqlserver"):
    """A Microsoft SQL Server at HOST or HOST:PORT. With a login it has to let us in, without one only to answer."""

    tls: bool = True
    database: Annotated[str, msgspec.Meta(max_length=128)] = ""
    credential_file: str = ""

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        super().__post_init__()
        if self.credential_file and not (self.tls and self.verify):
            raise ValueError(
                f"check {self.name}: a password is sent over verified TLS only; leave tls and verify as they are, and"
                " name the server's authority in ca_file"
            )


class Oracle(CheckSettings, frozen=True, kw_only=True, tag="oracle"):
    """An Oracle listener at HOST or HOST:PORT, which has to answer; a `service` of it has to take sessions."""

    service: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._$#-]{0,128}$")] = ""


class Ntp(CheckSettings, frozen=True, kw_only=True, tag="ntp"):
    """A time server at HOST or HOST:PORT."""

    stratum_most: Annotated[int, msgspec.Meta(ge=1, le=15)] = 15


class CertificateFile(CheckSettings, frozen=True, kw_only=True, tag="certificate"):
    """Certificates in PEM on this host's disk: a path, or a pattern such as /etc/ssl/private/*.pem."""


class Backup(CheckSettings, frozen=True, kw_only=True, tag="backup"):
    """What a backup job leaves behind: the newest file of a pattern such as /backup/*.dump, its age and its size."""

    hours_most: Annotated[float, msgspec.Meta(gt=0, le=8_784)] = 26.0
    bytes_least: Annotated[int, msgspec.Meta(ge=0)] = 1


class Process(CheckSettings, frozen=True, kw_only=True, tag="process"):
    """Processes of a command's name on this host, such as nginx; `command_has` are texts of the whole command line."""

    count_least: Annotated[int, msgspec.Meta(ge=0)] = 1
    count_most: Annotated[int, msgspec.Meta(ge=0)] = 0
    command_has: Texts = ()

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        super().__post_init__()
        if "/" in self.target:
            raise ValueError(f"check {self.name}: {self.target!r} is a path; give the name of the command alone")


class Service(CheckSettings, frozen=True, kw_only=True, tag="service"):
    """A unit of systemd on this host; without an ending it is a .service."""

    target: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9:_.\\@-]{1,255}$")]


class Log(CheckSettings, frozen=True, kw_only=True, tag="log"):
    """The log file of an application on this host; `patterns` are RE2 expressions by name, whose lines are counted."""

    patterns: Annotated[
        dict[Name, Annotated[str, msgspec.Meta(min_length=1, max_length=500)]], msgspec.Meta(min_length=1, max_length=8)
    ]

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        super().__post_init__()
        for name, pattern in self.patterns.items():
            try:
                expression(pattern)
            except ValueError as error:
                raise ValueError(f"check {self.name}: pattern {name}: {error}") from error


def expression(pattern: str) -> Expression:
    """A pattern that lines of bytes can be searched for.

    Raises:
        ValueError: RE2 does not take it.
    """
    import re2  # type: ignore[import-untyped] # noqa: PLC0415 - google-re2 has no types, and few agents count lines

    options = re2.Options()
    options.max_mem, options.log_errors = PATTERN_BYTES, False
    options.encoding = re2.Options.Encoding.LATIN1
    try:
        found: Expression = re2.compile(pattern.encode(), options)
    except re2.error as error:
        raise ValueError(f"RE2 does not take it: {error.args[0].decode('utf-8', 'replace')}") from error
    return found


AnyCheck: TypeAlias = (
    Backup
    | CertificateFile
    | Dns
    | Http
    | Imap
    | Ldap
    | Log
    | Mysql
    | Ntp
    | Oracle
    | Postgresql
    | Process
    | Service
    | Smtp
    | Sqlserver
    | Tcp
    | Tls
)
