# SPDX-License-Identifier: Apache-2.0
"""The collector's configuration: a value that is right, or refused with every problem, its place and the remedy."""

import ipaddress
import re
import tomllib
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from giamsat_collector.errors import ConfigError
from giamsat_collector.notify_settings import Notify
from giamsat_wire import emergency_key

_DNS_NAME: Final = re.compile(r"\A(?!-)[A-Za-z0-9._-]{1,253}\Z")

Port = Annotated[int, Field(ge=0, le=65_535)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Listen(_Section):
    """Where the collector listens. `names` are the DNS names and IP addresses agents and analysts use for it."""

    host: str = "0.0.0.0"  # noqa: S104 - agents come from every unit; the firewall in front decides
    ingest: Port = 7443
    enrol: Port = 7444
    console: Port = 8443
    names: Annotated[tuple[str, ...], Field(min_length=1, max_length=32)] = ("localhost", "127.0.0.1", "::1")

    @field_validator("names")
    @classmethod
    def _certifiable(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not (_DNS_NAME.match(name) or _is_address(name)):
                raise ValueError(f"{name!r} is neither a DNS name (in its xn-- form) nor an IP address")
        return names

    def at(self, port: int) -> str:
        """HOST:PORT as gRPC takes it: an IPv6 address stands in brackets."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"


class Console(_Section):
    """What the analyst sees. `time_zone` is shown with UTC beside it."""

    time_zone: str = "Asia/Ho_Chi_Minh"
    idle_minutes: Annotated[int, Field(ge=1, le=720)] = 15

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone of the IANA database, e.g. Asia/Ho_Chi_Minh") from error
        return name

    @property
    def zone(self) -> tzinfo:
        """The zone itself."""
        return ZoneInfo(self.time_zone)


class Rules(_Section):
    """Which detections and which level pack judge; empty means those shipped with the collector.

    Packs in the folders beside `pack` judge the systems whose dossier names them; `overrides` is a file or folder.

    With `keys` (PEM files), other rules are taken in only as a bundle for this `audience` that `threshold` of them have
    signed. `alerts_per_day` is what a candidate may bring at most when it is rehearsed; 0 is no limit.
    """

    detections: str = ""
    pack: str = ""
    overrides: str = ""
    keys: Annotated[tuple[str, ...], Field(max_length=16)] = ()
    threshold: Annotated[int, Field(ge=1, le=16)] = 1
    audience: str = ""
    alerts_per_day: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _signable(self) -> Self:
        if self.keys and (not self.audience or self.threshold > len(self.keys)):
            raise ValueError("with keys, 'audience' has to be set and 'threshold' be no more than there are keys")
        return self


class Authority(_Section):
    """Who holds the keys of the certificate authority: the signer whose socket is at `signer`.

    Empty: the collector starts one as its child, with the keys in ca/ below its data. `emergency_keys` are the public
    halves (PEM files) of three keys that lie offline: two of them can name new roots when the authority was stolen.
    """

    signer: str = ""
    emergency_keys: tuple[str, ...] = ()

    @field_validator("emergency_keys")
    @classmethod
    def _three(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(keys)) not in {0, emergency_key.KEYS}:
            raise ValueError(f"there are {emergency_key.KEYS} different keys, or none")
        return keys


class Enrolment(_Section):
    """For hosts of which systems a second administrator has to agree to a token; 6: for none."""

    two_persons_from_level: Annotated[int, Field(ge=1, le=6)] = 4


class Retention(_Section):
    """How long raw frames are kept so that they can be judged again, and events at the very least.

    A host that sensors have not seen on a network for `sighting_days` is forgotten. Flows can be searched for
    `flow_days`; in the archive they stay as long as events.

    Events are kept in the archive for as long as the level pack says, and never for fewer than `event_days`.
    """

    frame_hours: Annotated[int, Field(ge=2, le=24 * 90)] = 72
    event_days: Annotated[int, Field(ge=1, le=3660)] = 30
    sighting_days: Annotated[int, Field(ge=1, le=3660)] = 90
    flow_days: Annotated[int, Field(ge=1, le=366)] = 7


class Config(_Section):
    """Everything an operator may write in collector.toml."""

    data: str = "/var/lib/giamsat-collector"
    listen: Listen = Listen()
    console: Console = Console()
    rules: Rules = Rules()
    authority: Authority = Authority()
    enrolment: Enrolment = Enrolment()
    retention: Retention = Retention()
    notify: Annotated[tuple[Notify, ...], Field(max_length=20)] = ()

    @field_validator("notify")
    @classmethod
    def _each_its_name(cls, notify: tuple[Notify, ...]) -> tuple[Notify, ...]:
        names = [one.name for one in notify]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the name {twice[0]!r} stands twice; each needs one of its own")
        return notify

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a configuration file.

        Raises:
            ConfigError: it cannot be read, is not TOML, or holds keys or values that are not allowed; all are named.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}; give another file with --config") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: not UTF-8, at byte {error.start}; save it as UTF-8") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """Understand the text of a configuration file; `where` names it in messages."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{where}: not TOML: {error}") from error
        except ValidationError as error:
            problems = "\n".join(_sentence(where, problem) for problem in error.errors())
            raise ConfigError(problems) from error


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _sentence(where: str, problem: ErrorDetails) -> str:
    key = ".".join(map(str, problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"{where}: {key}: no such key; see 'giamsat-collector config show' for those there are"
    return f"{where}: {key}: {problem['msg']}"
