# SPDX-License-Identifier: Apache-2.0
"""Every level pack there is: each system is judged by the one its approved dossier refers to.

What names no pack is judged by the default one. A pack nobody has is no excuse: such a system counts as unclassified.
"""

from collections.abc import Iterator, Sequence

from giamsat_rules.level import LevelPack, Profile
from giamsat_rules.rule import Quantity
from giamsat_rules.verdict import Subject


class Standards:
    """The packs by name; `default` is the first."""

    def __init__(self, default: LevelPack, others: Sequence[LevelPack] = ()) -> None:
        self.default = default
        self.packs = {pack.name: pack for pack in (default, *others)}

    def pack(self, name: str | None) -> LevelPack:
        """The pack of this name; the default one when nothing, or nothing that is known, is named."""
        return self.packs.get(name or "", self.default)

    def profile_of(self, subject: Subject, at_ns: int) -> Profile:  # noqa: ARG002 - the same at all times
        """The profile of the subject's level in its pack; of a pack nobody has, the strictest of the default one."""
        if subject.pack is None:
            return self.default.profile(subject.level)
        pack = self.packs.get(subject.pack)
        return pack.profile(subject.level) if pack else self.default.profile(None)

    def every(self) -> Iterator[Profile]:
        """The profile of each level of each pack."""
        for pack in self.packs.values():
            yield from pack.every()

    def most(self, wanted: Quantity) -> float:
        """The largest number a quantity stands for in any profile; 0 when none sets it."""
        return max(pack.most(wanted) for pack in self.packs.values())
