# SPDX-License-Identifier: Apache-2.0
"""What arrived of a system: the only thing its coverage is computed from. Ages are in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HostEvidence:
    """One host. `quiet_s` is since when nothing came, None when nothing ever did; `logs` maps each source to that too.

    `offset_s` is how far its clock is off, `captures` how many of its network interfaces are watched, `thinned` how
    many of those a part of the time only, and `flows_s` since when they told of no flows; None when they never did.
    `stopped` are logs that cannot be read now, `losing` sources of which events were lost in the last hour.
    """

    asset: str
    name: str
    quiet_s: float | None
    allowed_s: float
    offset_s: float = 0.0
    logs: Mapping[str, float] = field(default_factory=dict)
    captures: int = 0
    thinned: int = 0
    flows_s: float | None = None
    stopped: tuple[str, ...] = ()
    losing: tuple[str, ...] = ()

    @property
    def reports(self) -> bool:
        """Whether it is heard as often as it should be."""
        return self.quiet_s is not None and self.quiet_s <= self.allowed_s


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a person answers for: that an obligation is met, met by an equivalent measure, or waived."""

    obligation: str
    state: str
    document: str
    text: str
    expires: str


@dataclass(frozen=True, slots=True)
class Eased:
    """A rule, or a parameter, that an override leaves out or asks less of: by which document, until which day."""

    name: str
    document: str
    expires: str


@dataclass(frozen=True, slots=True)
class SystemEvidence:
    """One system. `kept_s` is the age of the oldest record that is kept, `watched_s` since when its hosts are known.

    `offset_limit_s` and `log_silent_s` are the level's own limits; `disabled` are rules of the level nobody judges now;
    `waiting_s` is the age of its oldest alert nobody has looked at, None without one. `pack` and `profile` name the
    level pack and the profile it is judged by; `stranger` is the pack its dossier names when nobody has that;
    `eased` is what somebody signed to be less than the level asks for.
    """

    system: str
    level: int
    hosts: tuple[HostEvidence, ...]
    kept_s: float
    watched_s: float
    offset_limit_s: float
    log_silent_s: float
    disabled: tuple[str, ...] = ()
    waiting_s: float | None = None
    attested: Mapping[str, Attestation] = field(default_factory=dict)
    pack: str = ""
    profile: str = ""
    stranger: str = ""
    eased: tuple[Eased, ...] = ()
