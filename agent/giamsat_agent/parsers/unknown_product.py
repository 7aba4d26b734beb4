# SPDX-License-Identifier: Apache-2.0
"""What a line says that no product is known to write: by where its parts stand, or by its words."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import access_log, mnemonic, routeros, sentence_endpoints, sign_in, snort_alert, w3c_row

Read: TypeAlias = tuple[str, Meaning]
"""The name of the parser, and what it read."""
_PLACED: Final = (
    (w3c_row.PRODUCT, w3c_row.parse),
    (snort_alert.PRODUCT, snort_alert.parse),
    ("request", access_log.any_request),
    (routeros.PARSER, routeros.parse),
)


def placed(texts: Sequence[str]) -> Read | None:
    """A request, or a packet behind a header that nobody knows, told by where its parts stand or by what they are."""
    for name, read in _PLACED:
        if (meaning := first(read, texts)) is not None:
            return name, meaning
    return None


def by_words(texts: Sequence[str], *, line: str, relayed: bool) -> Read | None:
    """A login or a refusal in anybody's words, or a message that says at least its mnemonic."""
    if (meaning := sign_in.of_text(texts[0], beside="" if relayed else line)) is not None:  # a header is the relay's
        return "sign-in", sign_in.unverified(meaning) if relayed else meaning
    if relayed and (meaning := sentence_endpoints.decided(texts[0])) is not None:
        return "spoken", meaning
    meaning = first(mnemonic.parse, texts)
    return None if meaning is None else (mnemonic.PARSER, meaning)


def first(read: Callable[[str], Meaning | None], texts: Iterable[str]) -> Meaning | None:
    """The first of these texts that says something."""
    return next((meaning for text in texts if (meaning := read(text)) is not None), None)
