# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done with the rules in force: shown, exchanged, taken back."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import tzinfo
from typing import Any

import structlog

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import CollectorError, RefusedError
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook import register, rulebook
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.rulebook import Rulebook
from giamsat_collector.rulebook.shelf import About, Newest, Shelf
from giamsat_collector.store import Store
from giamsat_rules.bundle import Bundle, Trust, check_files, opened
from giamsat_rules.engine import Engine
from giamsat_rules.errors import RulesError
from giamsat_rules.guard import Timing
from giamsat_rules.load import Folders
from giamsat_rules.override import Scope
from giamsat_wire.clock import Clock

log = structlog.get_logger()


@dataclass(slots=True)
class RulesCommands:
    """Commands of the administration socket about rules.

    `configured` are the folders the configuration names; `trust` says whose bundles are taken, None: any from who may
    use the socket.
    """

    store: Store
    registry: Registry
    force: InForce
    shelf: Shelf
    configured: Folders
    trust: Trust | None
    clock: Clock
    zone: tzinfo
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "rules.show": self.show,
            "rules.overrides": self.overrides,
            "rules.use": self.use,
            "rules.use_bundle": self.use_bundle,
            "rules.use_configured": self.use_configured,
            "rules.back": self.back,
        }

    async def show(self) -> dict[str, Any]:
        """What is in force, and what it could be exchanged for."""
        book, number = self.force.book, self.force.number
        about = self.shelf.about(number)
        return {
            "number": number,
            "source": about.source if about else str(book.folders.detections),
            "packs": [f"{pack.name} {pack.version}" for pack in book.standards.packs.values()],
            "digest": book.digest,
            "rules": len(book.rules.rules),
            "left_out": [str(problem) for problem in (*book.rules.problems, *book.refused)],
            "disabled": dict(self.force.disabled),
            "signed_only": self.trust is not None,
            "detections": str(book.folders.detections),
            "levels": str(book.folders.pack),
            "overrides": str(book.folders.overrides or ""),
            "kept": [asdict(each) for each in self.shelf.kept()],
        }

    async def overrides(self) -> list[dict[str, Any]]:
        """The register of overrides: those that count now first."""
        found = register.entries(self.force.book.standards, self.registry, self.clock.wall_ns())
        return [register.as_json(entry) for entry in found]

    async def use(self, caller: Caller, files: dict[str, str], source: str, *, dry_run: bool) -> dict[str, Any]:
        """Take in the texts of a rulebook."""
        if self.trust is not None:
            raise RefusedError("this collector takes signed bundles only; make one with 'giamsat-rules bundle make'")
        try:
            check_files(files)
        except RulesError as error:
            raise RefusedError(str(error)) from error
        async with self._one:
            return await self._take(files, source, caller.name, dry_run=dry_run)

    async def use_bundle(self, caller: Caller, bundle: str, source: str, *, dry_run: bool) -> dict[str, Any]:
        """Take in a signed bundle. Its bytes come as Latin-1 text."""
        if self.trust is None:
            raise RefusedError("no key is trusted; name the signers' public keys in [rules] keys of collector.toml")
        async with self._one:
            opened_ = self._believed(bundle.encode("latin-1", "replace"), self.trust)
            newest = Newest(opened_.serial, opened_.digest)
            return await self._take(opened_.files, source, caller.name, newest=newest, dry_run=dry_run)

    async def use_configured(self, caller: Caller, *, dry_run: bool) -> dict[str, Any]:
        """Read what the configuration names, now."""
        async with self._one:
            candidate = await asyncio.to_thread(rulebook.read, self.configured, self.zone)
            return await self._exchange(candidate, 0, caller.name, dry_run=dry_run)

    async def back(self, caller: Caller) -> dict[str, Any]:
        """Back to the rulebook that was in force before this one."""
        async with self._one:
            about = self.shelf.about(self.force.number)
            if about is None:
                raise RefusedError(
                    "there is nothing before the rules the configuration names; 'giamsat-collector rules use' takes "
                    "others"
                )
            number = about.follows if self.shelf.about(about.follows) else 0
            folders = self.shelf.folders(number) if number else self.configured
            candidate = await asyncio.to_thread(rulebook.read, folders, self.zone)
            said = rulebook.difference(self.force.book, candidate)
            await self._follow(candidate, number, caller.name)
            return {**said, "number": number, "digest": candidate.digest}

    def _believed(self, text: bytes, trust: Trust) -> Bundle:
        newest = self.shelf.newest
        last = Bundle(trust.audience, newest.serial, 0, 0, {}, newest.digest) if newest else None
        try:
            return opened(text, trust, last=last, now_ns=self.clock.wall_ns())
        except RulesError as error:
            raise RefusedError(str(error)) from error

    async def _take(
        self, files: Mapping[str, str], source: str, actor: str, *, newest: Newest | None = None, dry_run: bool
    ) -> dict[str, Any]:
        about = About(
            number=self.shelf.unused(self.force.number),
            source=source[:256],
            actor=actor,
            taken_ns=self.clock.wall_ns(),
            follows=self.force.number,
            serial=newest.serial if newest else None,
        )
        try:
            candidate = await asyncio.to_thread(self._put, about, files)
            said = await self._exchange(candidate, about.number, actor, newest=newest, dry_run=dry_run)
        except CollectorError:
            self.shelf.discard(about.number)
            raise
        if dry_run:
            self.shelf.discard(about.number)
        return said

    def _put(self, about: About, files: Mapping[str, str]) -> Rulebook:
        self.shelf.put(about, files)
        return rulebook.read(self.shelf.folders(about.number), self.zone)

    async def _exchange(
        self, candidate: Rulebook, number: int, actor: str, *, newest: Newest | None = None, dry_run: bool
    ) -> dict[str, Any]:
        problems = await asyncio.to_thread(rulebook.problems, self.force.book, candidate)
        problems += (*self._left_without_a_pack(candidate), *self._strangers(candidate))
        if problems:
            raise RefusedError(
                "\n".join((*problems, f"problems: {len(problems)}; the rules in force stay as they are"))
            )
        said = rulebook.difference(self.force.book, candidate)
        if not dry_run:
            await self._follow(candidate, number, actor, newest)
        return {**said, "number": number, "digest": candidate.digest}

    def _left_without_a_pack(self, candidate: Rulebook) -> Iterator[str]:
        """The packs that systems are judged by now and that the candidate does not bring."""
        wanted = Counter(system.pack for system in self.registry.systems.values())
        for name in sorted(self.force.book.standards.packs.keys() - candidate.standards.packs.keys()):
            if wanted[name]:
                yield f"{name}: {wanted[name]} systems are judged by this level pack; put its folder beside the other"

    def _strangers(self, candidate: Rulebook) -> Iterator[str]:
        """The overrides that come new and are for somebody nobody registered."""
        before = {one.name for one in self.force.book.standards.overrides}
        fresh = [one for one in candidate.standards.overrides if one.name not in before]
        known = {
            Scope.UNIT: self.registry.units,
            Scope.SYSTEM: self.registry.systems,
            Scope.ASSET: {place.asset for place in self.registry},
        }
        return rulebook.strangers(fresh, known)

    async def _follow(self, candidate: Rulebook, number: int, actor: str, newest: Newest | None = None) -> None:
        timing = Timing(self.clock.mono_ns)
        engine = await asyncio.to_thread(Engine, candidate.rules, candidate.standards, timing=timing)
        await asyncio.to_thread(self.shelf.choose, number, newest)
        self.force.follow(candidate, engine, number)
        await self.registry.follow(self.store)  # which packs are known may be another matter now
        log.info("rules_exchanged", number=number, digest=candidate.digest, rules=len(candidate.lock), actor=actor)
