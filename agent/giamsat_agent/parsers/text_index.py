# SPDX-License-Identifier: Apache-2.0
"""Which product a message is from when nothing but its words tells: all templates of all products, found quickly.

A template that begins with fixed text is looked up by the first characters of that text; one that begins with a hole,
or with a character or two before one, by its longest fixed text; those texts are asked for by what several of them
share, so that most are passed over together. What begins as Cisco's messages do is looked up by its mnemonic. So a
message meets the few templates it may fit, not the hundreds there are.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from giamsat_agent.message import Meaning
from giamsat_agent.parsers.product import Product, Said
from giamsat_agent.parsers.template import Template

HEAD_CHARACTERS: Final = 3
"""Characters of the beginning by which templates are looked up."""
SHARED_CHARACTERS: Final = 4
"""How long what several fixed texts share is at least; shorter pieces stand in too many lines."""
TOGETHER: Final = 3
"""How many fixed texts at least are passed over together."""
MARKS: Final = '<;"=]['
"""Characters that many lines do without, and the fixed texts with one of them so together."""
_MNEMONIC: Final = re.compile(r"%[A-Z][A-Z0-9_]{1,31}+(?:-[a-z]{2,16}+)?-\d{1,19}+-([A-Z0-9_]{1,64}+): ")
_WORD: Final = re.compile(r"[a-z]{3}")
_SENTENCE: Final = re.compile(r"[a-z]{2} [a-z]{1,32} ")


class _Fixed(NamedTuple):
    """A fixed text, where it stands among all, and the templates that hold it."""

    place: int
    text: str
    candidates: list[tuple[Product, Said]]


_Groups: TypeAlias = list[tuple[str, list[_Fixed]]]
"""What fixed texts share, and those texts."""


class TextIndex:
    """Templates of many products, by what a message must hold to fit them."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._by_head: dict[str, list[tuple[Product, Said]]] = defaultdict(list)
        self._by_code: dict[str, list[tuple[Product, Said]]] = defaultdict(list)
        by_literal: dict[str, dict[str, list[tuple[Product, Said]]]] = defaultdict(lambda: defaultdict(list))
        for product in products:
            for said in product.messages:
                template = said.template
                if template is None:
                    continue
                if len(template.head) >= HEAD_CHARACTERS:
                    self._by_head[template.head[:HEAD_CHARACTERS]].append((product, said))
                elif template.code:
                    self._by_code[template.code].append((product, said))
                else:
                    by_literal[template.head[:1]][template.literal].append((product, said))
        self._by_first = {first: _grouped(literals) for first, literals in by_literal.items()}

    def find(self, texts: Sequence[str], *, line: str, program: str = "") -> tuple[Product, Meaning] | None:
        """The first product with a template that one of these texts fits; each text is a part of `line`.

        `program` is the one that speaks, where no product has that name: it may quote a peer in its sentences.
        """
        for text in texts:
            coded = _MNEMONIC.match(text) if text.startswith("%") else None
            for product, said in self._by_code.get(coded[1] if coded else "", ()):
                if (meaning := product.fitted(said, text)) is not None:
                    return product, meaning
            for product, said in self._by_head.get(text[:HEAD_CHARACTERS], ()):
                if (meaning := product.fitted(said, text)) is not None:
                    return product, meaning
        for first in dict.fromkeys((*(text[:1] for text in texts), "")):
            groups = self._by_first.get(first, ())
            held = [each for shared, several in groups if shared in line for each in several if each.text in line]
            for product, said in (one for each in sorted(held) for one in each.candidates):
                for text in texts:
                    meaning = product.fitted(said, text)
                    if meaning is not None and not _quoted(said.template, text, program):
                        return product, meaning
        return None


def _grouped(literals: Mapping[str, list[tuple[Product, Said]]]) -> _Groups:
    """Fixed texts by what they share: the piece that most share, then that of those that are left, and so on."""
    left = [_Fixed(place, text, candidates) for place, (text, candidates) in enumerate(literals.items())]
    groups: _Groups = []
    while left:
        pieces = Counter(piece for each in left for piece in _pieces(each.text))
        shared, count = max(pieces.items(), key=lambda one: (one[1], one[0]), default=("", 0))
        if count < TOGETHER:
            break
        groups.append((shared, [each for each in left if shared in each.text]))
        left = [each for each in left if shared not in each.text]
    for mark in MARKS:
        together = [each for each in left if mark in each.text]
        if len(together) >= TOGETHER:
            groups.append((mark, together))
            left = [each for each in left if mark not in each.text]
    return [*groups, *((each.text, [each]) for each in left)]


def _pieces(text: str) -> set[str]:
    return {text[at : at + SHARED_CHARACTERS] for at in range(len(text) - SHARED_CHARACTERS + 1)}


def _quoted(template: Template | None, text: str, program: str) -> bool:
    """Whether words stand before what the template knows, so that it may be what somebody said to another program."""
    lead = "" if template is None else template.lead(text)
    return (_WORD if program else _SENTENCE).search(lead) is not None
