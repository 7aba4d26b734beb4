# SPDX-License-Identifier: Apache-2.0
"""The agent's configuration: a value that is right, or refused with the place and the remedy."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from giamsat_agent import address
from giamsat_agent.check_settings import CHECKS, AnyCheck
from giamsat_agent.errors import ConfigError
from giamsat_wire import emergency_key

_UNKNOWN: Final = re.compile(r"unknown field `(?P<key>[^`]*)`(?: - at `\$\.(?P<table>[^`]*)`)?")
"""How msgspec names a key that is not known."""

SNMP_V3: Final = 3
Absolute = Annotated[str, msgspec.Meta(pattern=r"^/[^\x00]+$", max_length=4096)]


class Collector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the collector is; tried in order. Each is HOST:PORT, an IPv6 address in brackets.

    `emergency_keys` are the public halves (PEM files) of three keys that lie offline: what two of them have signed
    names new roots when the collector can no longer be believed by those this host knows.
    """

    addresses: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=8)] = ("127.0.0.1:7443",)
    emergency_keys: Annotated[tuple[Absolute, ...], msgspec.Meta(max_length=3)] = ()

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        if len(set(self.emergency_keys)) not in {0, emergency_key.KEYS}:
            raise ValueError("collector.emergency_keys names three different files, or none")


class HostPaths(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where this host's facts are read from."""

    proc: str = "/proc"
    sys: str = "/sys"
    root: str = "/"


class Sensors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is read, and how often metrics are; `files` are further files whose change is told."""

    period_s: Annotated[float, msgspec.Meta(ge=5, le=300)] = 15.0
    disabled: tuple[str, ...] = ()
    files: Annotated[tuple[Absolute, ...], msgspec.Meta(max_length=256)] = ()


class SpoolCaps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many bytes each lane may keep while the collector is away; in all at most 5 % of the file system."""

    urgent_bytes: Annotated[int, msgspec.Meta(ge=1 << 20, le=1 << 36)] = 32 << 20
    event_bytes: Annotated[int, msgspec.Meta(ge=1 << 20, le=1 << 36)] = 64 << 20
    metric_bytes: Annotated[int, msgspec.Meta(ge=1 << 20, le=1 << 36)] = 128 << 20
    bulk_bytes: Annotated[int, msgspec.Meta(ge=1 << 20, le=1 << 36)] = 32 << 20


class Restarts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After how many crashes within ten minutes the agent starts with less; 0 is never.

    First with the configuration that last worked, then in safe mode: it only says that it lives, and why.
    """

    last_good_after: Annotated[int, msgspec.Meta(ge=0, le=50)] = 3
    safe_after: Annotated[int, msgspec.Meta(ge=0, le=50)] = 6


class Syslog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where devices may send their log: HOST:PORT, an IPv6 address in brackets; empty is not at all.

    `zone` is the IANA zone of times that name none, `zones` that of single senders by address. `trusted_proxies` are
    the reverse proxies (addresses, networks) in front of servers: they alone are believed for whom they ask.
    """

    udp: str = ""
    tcp: str = ""
    tls: str = ""
    certificate: str = ""
    key: str = ""
    client_ca: str = ""
    zone: str = "Asia/Ho_Chi_Minh"
    zones: dict[str, str] = {}
    trusted_proxies: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()

    @property
    def listens(self) -> bool:
        """Whether anything is listened on at all."""
        return bool(self.udp or self.tcp or self.tls)

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        for name in (self.zone, *self.zones.values()):
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError) as error:
                raise ValueError(f"{name!r} is not a time zone of the IANA database, e.g. Asia/Ho_Chi_Minh") from error
        for proxy in self.trusted_proxies:
            try:
                address.network(proxy)
            except ValueError as error:
                raise ValueError(f"syslog.trusted_proxies: {error}") from error
        if self.tls and not (self.certificate and self.key):
            raise ValueError("syslog.tls needs syslog.certificate and syslog.key")


class Packets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which network interfaces the capture process watches, and where it tells the agent; none by default.

    `ring_mib` is the memory the kernel fills for each interface; `user` is whom the agent believes at the socket.
    `sightings`: tell which hosts are on these networks. `flow_bytes_per_minute` is what telling who talked with whom
    may take for each interface, before compression; with 0 only sums are told. `known_bad` are files with an address,
    a domain or a JA4 fingerprint on each line.
    """

    interfaces: Annotated[tuple[str, ...], msgspec.Meta(max_length=16)] = ()
    promiscuous: bool = True
    sightings: bool = True
    flow_bytes_per_minute: Annotated[int, msgspec.Meta(ge=0, le=65_536)] = 8_192
    known_bad: Annotated[tuple[str, ...], msgspec.Meta(max_length=16)] = ()
    ring_mib: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8
    socket: str = "/run/giamsat-agent/packets.sock"
    user: str = "giamsat-capture"


HostName: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
SnmpLibrary: TypeAlias = Literal["gufo", "pysnmp"]


class Device(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network or security device that is asked by SNMP; secrets stand in files of their own.

    `address` is HOST or HOST:PORT. `community_file` is for versions 1 and 2, `user_file` (TOML) for version 3. `behind`
    names the device on the way to it, which stands before it: while that one is silent, this one's silence is not told.
    `hosts` are names of the unit's hosts that are reached through it: while it is silent, so are they as a consequence.
    `watch_ports` tells of addresses that are new on a port of a switch; `trunk_ports` are ports where that is no news.
    `library` reads it: gufo, or pysnmp for what gufo cannot read, at thirty times the cost.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    version: Literal[1, 2, 3] = 2
    community_file: str = ""
    user_file: str = ""
    behind: str = ""
    hosts: Annotated[tuple[HostName, ...], msgspec.Meta(max_length=64)] = ()
    library: SnmpLibrary = "gufo"
    watch_ports: bool = False
    trunk_ports: tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], ...] = ()
    interval_s: Annotated[float, msgspec.Meta(ge=5, le=3600)] = 60.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.2, le=60)] = 3.0

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        file, needless = ("user_file", "community_file") if self.version == SNMP_V3 else ("community_file", "user_file")
        if not getattr(self, file) or getattr(self, needless):
            raise ValueError(f"device {self.name}: version {self.version} needs {file}, and nothing else")
        if self.trunk_ports and not self.watch_ports:
            raise ValueError(f"device {self.name}: trunk_ports says nothing without watch_ports = true")


class SnmpTrap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where devices may send SNMP notifications: HOST:PORT, an IPv6 address in brackets; empty is not at all.

    `user_files` (TOML, as for [[device]]) name those from whom version 3 is taken.
    """

    udp: str = ""
    user_files: tuple[str, ...] = ()


class Polling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The process of its own that asks devices and takes their notifications: where it tells the agent.

    `user` is whom the agent believes at the socket, `state` where that process keeps what it learns. Without a socket
    the agent asks devices itself.
    """

    socket: str = ""
    user: str = "giamsat-devices"
    state: str = "/var/lib/giamsat-devices"


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an operator may write in agent.toml."""

    state: str = "/var/lib/giamsat-agent"
    collector: Collector = Collector()
    host: HostPaths = HostPaths()
    sensors: Sensors = Sensors()
    spool: SpoolCaps = SpoolCaps()
    restarts: Restarts = Restarts()
    syslog: Syslog = Syslog()
    packets: Packets = Packets()
    snmptrap: SnmpTrap = SnmpTrap()
    polling: Polling = Polling()
    device: Annotated[tuple[Device, ...], msgspec.Meta(max_length=256)] = ()
    check: Annotated[tuple[AnyCheck, ...], msgspec.Meta(max_length=CHECKS)] = ()

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        for what, names in (
            ("devices", [device.name for device in self.device]),
            ("checks", [check.name for check in self.check]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"two {what} are called {twice[0]}; each needs a name of its own")
        before: set[str] = set()
        for device in self.device:
            if device.behind and device.behind not in before:
                raise ValueError(f"device {device.name} is behind {device.behind!r}, which must stand before it")
            before.add(device.name)


def load(path: Path) -> Config:
    """Read a configuration file.

    Raises:
        ConfigError: it cannot be read, is not TOML, or holds a key or value that is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except OSError as error:
        raise ConfigError(
            f"{path}: không đọc được; ghi tệp khác sau --config / "
            f"cannot be read: {error.strerror}; give another file with --config"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: không phải UTF-8, xin lưu lại theo UTF-8 / not UTF-8, at byte {error.start}; save it as UTF-8"
        ) from error
    return parse(text, str(path))


def parse(text: str, where: str) -> Config:
    """Understand the text of a configuration file; `where` names it in messages."""
    try:
        return msgspec.convert(tomllib.loads(text), Config)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: viết sai cú pháp TOML / not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: cấu hình chưa đúng / {error}{_meant(str(error))}") from error


def _meant(said: str) -> str:
    """Where a key is not known: the one that looks most like it, or all there are."""
    unknown = _UNKNOWN.search(said)
    if unknown is None:
        return ""
    from difflib import get_close_matches  # noqa: PLC0415 - what an agent that runs does without

    known = sorted(_keys(Config))
    beside = [each for each in known if each.rpartition(".")[0] == (unknown["table"] or "")]
    for among in (beside, known):
        names = {each.rpartition(".")[2]: each for each in among}
        if near := get_close_matches(unknown["key"], names, n=1):
            return f"; có phải là / did you mean {names[near[0]]}?"
    return f"; các khóa / the keys are: {', '.join(known)}"


def _keys(struct: type[msgspec.Struct], prefix: str = "") -> list[str]:
    names: list[str] = []
    for field in msgspec.structs.fields(struct):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            names += _keys(field.type, f"{prefix}{field.name}.")
        else:
            names.append(prefix + field.name)
    return names
