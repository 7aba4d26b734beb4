# SPDX-License-Identifier: Apache-2.0
"""Which product a message is from when nothing but its words tells: all templates of all products, found quickly.

A template that begins with fixed text is looked up by the first characters of that text; one that begins with a hole,
or with a character or two before one, by its longest fixed text. So a message meets the few templates it may fit, not
the hundreds there are.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from giamsat_agent.message import Meaning
from giamsat_agent.parsers.product import Product, Said
from giamsat_agent.parsers.template import Template

HEAD_CHARACTERS: Final = 3
"""Characters of the beginning by which templates are looked up."""

_WORD: Final = re.compile(r"[a-z]{3}")
_SENTENCE: Final = re.compile(r"[a-z]{2} [a-z]{1,32} ")


class TextIndex:
    """Templates of many products, by what a message must hold to fit them."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._by_head: dict[str, list[tuple[Product, Said]]] = defaultdict(list)
        self._by_literal: dict[str, dict[str, list[tuple[Product, Said]]]] = defaultdict(lambda: defaultdict(list))
        for product in products:
            for said in product.messages:
                template = said.template
                if template is None:
                    continue
                if len(template.head) >= HEAD_CHARACTERS:
                    self._by_head[template.head[:HEAD_CHARACTERS]].append((product, said))
                else:
                    self._by_literal[template.head[:1]][template.literal].append((product, said))

    def find(self, texts: Sequence[str], *, line: str, program: str = "") -> tuple[Product, Meaning] | None:
        """The first product with a template that one of these texts fits; each text is a part of `line`.

        `program` is the one that speaks, where no product has that name: it may quote a peer in its sentences.
        """
        for text in texts:
            for product, said in self._by_head.get(text[:HEAD_CHARACTERS], ()):
                if (meaning := product.fitted(said, text)) is not None:
                    return product, meaning
        for first in dict.fromkeys((*(text[:1] for text in texts), "")):
            for literal, candidates in self._by_literal.get(first, {}).items():
                if literal in line:
                    for product, said in candidates:
                        for text in texts:
                            meaning = product.fitted(said, text)
                            if meaning is not None and not _quoted(said.template, text, program):
                                return product, meaning
        return None


def _quoted(template: Template | None, text: str, program: str) -> bool:
    """Whether words stand before what the template knows, so that it may be what somebody said to another program."""
    lead = "" if template is None else template.lead(text)
    return (_WORD if program else _SENTENCE).search(lead) is not None
