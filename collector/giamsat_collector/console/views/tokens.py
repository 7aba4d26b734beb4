# SPDX-License-Identifier: Apache-2.0
"""What the page of tokens that wait for a second person prints."""

from dataclasses import dataclass

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.enrol.agreement import Waiting
from giamsat_collector.registry.snapshot import Registry


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token that does not count yet. `asks`: the reader may be the second person."""

    id: str
    unit: str
    system: str
    level: str
    hosts: str
    networks: str
    issued_by: str
    issued: Moment
    expires: Moment
    asks: bool

    @classmethod
    def of(cls, token: Waiting, user: str, registry: Registry, reader: Reader) -> "TokenRow":
        """A token as it looks to a reader who may agree; `level` is what the second person is asked for."""
        named = registry.systems.get(token.system or "")
        levels = [one.level for one in registry.systems.values() if one.unit == token.unit]
        level = named.level if named else max(levels, default=None)
        return cls(
            id=token.id,
            unit=words.visible(registry.named(token.unit)),
            system=words.visible(named.name if named else token.system or ""),
            level="" if level is None else str(level),
            hosts=reader.number(token.uses),
            networks=", ".join(token.networks.split()),
            issued_by=words.visible(token.created_by),
            issued=reader.moment(token.created_ns),
            expires=reader.moment(token.expires_ns),
            asks=user.casefold() != token.created_by.casefold(),
        )
