# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done with frames that were carried by hand, piece by piece of a file."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.enrol.carrier import Carrier
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.ingest.carrying import Carrying
from giamsat_wire.parcel import PIECE_BYTES

log = structlog.get_logger()


@dataclass(slots=True)
class SpoolCommands:
    """Commands of the administration socket that are about parcels; bytes come and go as base64."""

    carrying: Carrying
    carrier: Carrier

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "spool.key": self.key,
            "spool.sender": self.sender,
            "spool.piece": self.piece,
            "spool.receipt": self.receipt,
        }

    async def key(self) -> str:
        """The certificate parcels are sealed for, and its issuer, as PEM."""
        return self.carrier.chain_pem.decode()

    async def sender(self, head: str, signature: str) -> dict[str, Any]:
        """Who sealed a parcel that begins so, and when by its own clock."""
        said, agent = self.carrying.sender(_bytes(head), _bytes(signature))
        return {
            "agent": agent.id,
            "hostname": agent.hostname,
            "unit": agent.unit,
            "sealed": instant(said.sealed_ns),
        }

    async def piece(
        self,
        head: str,
        signature: str,
        number: int,
        sealed: str,
        *,
        last: bool,
        dry_run: bool,
        without_earlier: bool,
    ) -> dict[str, Any]:
        """Take in one piece; in a dry run only say what would become of it."""
        said, _ = self.carrying.sender(_bytes(head), _bytes(signature))
        taken = await self.carrying.take(
            said, number, _bytes(sealed), last=last, dry_run=dry_run, without_earlier=without_earlier
        )
        lane = None if taken.lane is None else taken.lane.name.lower()
        return {"lane": lane, "new": taken.new, "held": taken.held, "over": taken.over, "missing": taken.missing}

    async def receipt(self, caller: Caller, head: str, signature: str) -> str:
        """What is held of the parcel's agent, as a file for it."""
        _, agent = self.carrying.sender(_bytes(head), _bytes(signature))
        log.info("parcel_taken", agent=agent.id, actor=caller.name)
        return base64.b64encode(await self.carrying.receipt(agent)).decode()


def _bytes(text: str) -> bytes:
    if len(text) > PIECE_BYTES * 2:
        raise RefusedError("a piece of a parcel is larger than any can be")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError("a piece of a parcel is not base64") from error
