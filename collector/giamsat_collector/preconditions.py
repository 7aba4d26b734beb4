# SPDX-License-Identifier: Apache-2.0
"""A name somebody wrote, or acted under: known, or refused with what to do."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from itertools import takewhile
from typing import Final, Literal

from giamsat_collector.errors import RefusedError
from giamsat_collector.sentence import Sentence

SHOWN: Final = 64
"""Letters of an unknown name that are repeated."""
_SHARED: Final = re.compile(r"\Auid [0-9]+\Z")
ALIKE: Final = 20
"""Names that are looked at more closely."""
_REGISTERED: Final = {
    "unit": (Sentence("unit"), Sentence("'giamsat-collector registry units' shows those there are")),
    "system": (Sentence("system"), Sentence("'giamsat-collector registry systems' shows those there are")),
    "asset": (Sentence("asset"), Sentence("'giamsat-collector registry assets' shows those there are")),
}


def must_be_a_second(person: str, first: str, deed: str, remedy: str) -> None:
    """Do nothing if whoever agrees is another person than the `first` one, who did the deed.

    Raises:
        RefusedError: it is the same; or the first goes by a user id that several may share, and cannot be told apart.
    """
    if _SHARED.match(first):
        raise RefusedError("nobody knows which person {deed}: {name}; {remedy}", deed=deed, name=first, remedy=remedy)
    if person.casefold() == first.casefold():
        raise RefusedError("{person} {deed}; a second person has to agree", person=person, deed=deed)


def must_be_known(name: str, names: Collection[str], kind: str, remedy: str) -> None:
    """Do nothing if the name is known.

    Raises:
        RefusedError: it is not; the message names the nearest, or says where the names are.
    """
    if name not in names:
        near = get_close_matches(name[:SHOWN], sorted(names), ALIKE)
        # Of names that are alike, the one that begins as it does: ids are told apart at their end.
        best = max(near, key=lambda each: _begun_alike(name, each), default="")
        hint = Sentence("did you mean {best}? {remedy}", best=best, remedy=remedy) if best else remedy
        raise RefusedError("no such {kind}: {name}; {hint}", kind=kind, name=name[:SHOWN], hint=hint)


def must_be_registered(kind: Literal["unit", "system", "asset"], name: str, names: Collection[str]) -> None:
    """Do nothing if a unit, a system or an asset is known; RefusedError as for `must_be_known`."""
    must_be_known(name, names, *_REGISTERED[kind])


def _begun_alike(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
