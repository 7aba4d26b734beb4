# SPDX-License-Identifier: Apache-2.0
"""What an administrator can know of the certificate authority: its roots, and who still has to learn the new one.

Rotating and retiring are asked of the signer itself, which takes them from root alone: nothing that comes over the
collector's network can reach them.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from cryptography import x509
from sqlalchemy import Connection

from giamsat_collector.control.server import Command
from giamsat_collector.enrol import tokens
from giamsat_collector.enrol.agents import AllowList, Enrolled
from giamsat_collector.enrol.authority import Authority
from giamsat_collector.enrol.signer import Trust
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.fleet import Fleet
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.signing.certificates import BACKDATED
from giamsat_collector.signing.possession import spki_sha256
from giamsat_collector.store import Store
from giamsat_wire import emergency
from giamsat_wire.clock import SECOND_NS, Clock
from giamsat_wire.emergency import Statement

log = structlog.get_logger()

SETTLED_NS: Final = 60 * SECOND_NS
"""So long after a rotation a token may still have been made for the root before it."""


@dataclass(slots=True)
class AuthorityCommands:
    """Commands of the administration socket that are about roots. `follow` lets what servers show follow the signer."""

    store: Store
    clock: Clock
    authority: Authority
    allow_list: AllowList
    fleet: Fleet
    registry: Registry
    follow: Callable[[], Awaitable[None]]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "authority.show": self.show,
            "authority.follow": self.followed,
            "authority.statement": self.statement,
            "authority.publish": self.publish,
        }

    async def followed(self) -> dict[str, Any]:
        """Look at the signer now, and show."""
        await self.follow()
        return await self.show()

    async def statement(self) -> dict[str, Any]:
        """The roots of now as a text for those who hold the emergency keys to sign (base64)."""
        now_s = self.clock.wall_ns() // SECOND_NS
        text = emergency.written(Statement(now_s, tuple(self.authority.signer.trust.roots_der)))
        return {"statement": base64.b64encode(text).decode()}

    async def publish(self, statement: str, signatures: Sequence[str]) -> dict[str, Any]:
        """Tell agents that no longer believe this collector whom to trust (all base64)."""
        try:
            text, *signed = (base64.b64decode(one, validate=True) for one in (statement, *signatures))
        except (binascii.Error, ValueError) as error:
            raise RefusedError("the statement is not base64") from error
        found = self.authority.emergency.publish(text, signed, self.authority.signer.trust.roots_der)
        log.warning("emergency_published", serial=found.serial)
        return {"serial": found.serial, "at": instant(found.serial * SECOND_NS)}

    async def show(self) -> dict[str, Any]:
        """The roots, the signer, and which agents do not trust the root that signs yet."""
        signer, now = self.authority.signer, self.clock.wall_ns()
        trust = signer.trust
        agents = [agent for agent in self.allow_list if agent.refused is None]
        missing = sorted((agent for agent in agents if not trusts(agent, trust)), key=self._heard_ns)
        made_ns = _made_ns(trust.root)

        def open_tokens(connection: Connection) -> int:
            return tokens.open_since(connection, before_ns=made_ns + SETTLED_NS, now_ns=now)

        return {
            "rotating": trust.rotating,
            "version": trust.version,
            "roots": [_root(root) for root in trust.roots],
            "agents": len(agents),
            "trusting": len(agents) - len(missing),
            "missing": [self._row(agent) for agent in missing],
            "old_tokens": await self.store.read(open_tokens) if trust.rotating else 0,
            "signer": "ok" if signer.up else "no answer",
            "emergency": self.authority.emergency.ready,
            "journal": {"lines": trust.issued, "broken": trust.broken},
        }

    def _heard_ns(self, agent: Enrolled) -> int:
        contact = self.fleet.contact(agent.id)
        return contact.heard_ns if contact else 0

    def _row(self, agent: Enrolled) -> dict[str, Any]:
        heard_ns = self._heard_ns(agent)
        return {
            "id": agent.id,
            "hostname": agent.hostname,
            "unit": self.registry.unit(agent.id) or agent.unit,
            "state": self.fleet.state(agent),
            "heard": instant(heard_ns) if heard_ns else None,
            "certificate_expires": instant((agent.pending or agent.current).expires_ns),
        }


def trusts(agent: Enrolled, trust: Trust) -> bool:
    """Whether an agent is known to trust the root that signs: it uses a certificate that came with it.

    The first root is the one they were enrolled with; where that one was lost, another first root was made after them.
    """
    its = agent.current
    return its.issued_ns >= _made_ns(trust.root) and (trust.version == 1 or its.roots >= trust.version)


def _root(root: x509.Certificate) -> dict[str, Any]:
    return {
        "sha256": spki_sha256(root.public_key()).hex(),
        "made": instant(_made_ns(root)),
        "until": instant(int(root.not_valid_after_utc.timestamp()) * SECOND_NS),
    }


def _made_ns(root: x509.Certificate) -> int:
    return int((root.not_valid_before_utc + BACKDATED).timestamp()) * SECOND_NS
