# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about the signed statements."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from giamsat_collector.control.server import Command
from giamsat_collector.coverage import daily, declared, seal
from giamsat_collector.coverage.daily import Daily, Signed
from giamsat_collector.coverage.declared import GENESIS
from giamsat_collector.errors import RefusedError
from giamsat_collector.sentence import Sentence


@dataclass(frozen=True, slots=True)
class StatementsCommands:
    """Commands of the administration socket about the statement of each day."""

    daily: Daily

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "coverage.statement.days": self.days,
            "coverage.statement.show": self.show,
            "coverage.statement.verify": self.verify,
            "coverage.statement.key": self.key,
        }

    async def days(self) -> list[str]:
        """Every day that has a statement."""
        return await self.daily.store.read(daily.days)

    async def show(self, day: str) -> dict[str, Any]:
        """The statement of a day, with its bytes (Latin-1) and signature (hex), so that anybody can check it."""
        found = await self._of(day)
        declaration, said = declared.read(found.body)
        states = Counter(one.state for one in declaration.systems)
        return {
            **said,
            "met": states["met"],
            "total": len(declaration.systems),
            "states": dict(states),
            "sha256": declared.digest(found.body),
            "body": found.body.decode("latin-1"),
            "signature": found.signature.hex(),
        }

    async def verify(self, day: str, public_key: str = "") -> dict[str, Any]:
        """Whether the statement of a day, and each before it back to the first, is signed and follows the one before.

        `public_key` (PEM) is the key to check with; without it, the collector's own.
        """
        key = seal.public_key(public_key or self.daily.seal.public_pem)
        found = await self._of(day)
        checked, problems, following, digest = 0, [], "", None
        while True:
            if not seal.signed(key, found.body, found.signature):
                problems.append(f"{found.day}: the signature is not of this key, or the statement was altered")
            if following and declared.digest(found.body) != digest:
                problems.append(f"{following}: does not follow the statement of {found.day} that is kept")
            checked += 1
            try:
                said = declared.read(found.body)[1]
            except RefusedError as error:
                problems.append(f"{found.day}: {error}")
                break
            if said.get("previous") == GENESIS:
                break
            earlier = str(said.get("previous_day"))[:20]
            before = await self._kept(earlier) if earlier < found.day else None  # an altered one may lead anywhere
            if before is None:
                problems.append(f"{found.day}: the statement of {earlier} before it is gone")
                break
            following, digest, found = found.day, said.get("previous"), before
        return {"day": day, "checked": checked, "first": found.day, "problems": problems}

    async def key(self) -> str:
        """The public key that checks every statement."""
        return self.daily.seal.public_pem

    async def _of(self, day: str) -> Signed:
        found = await self._kept(day)
        if found is None:
            known = await self.days()
            newest = (
                Sentence("the newest is that of {day}", day=known[-1])
                if known
                else Sentence("the first is made when today ends")
            )
            raise RefusedError("no statement of {day!r}; {newest}", day=day[:20], newest=newest)
        return found

    async def _kept(self, day: str) -> Signed | None:
        return await self.daily.store.read(lambda connection: daily.of(connection, day))
