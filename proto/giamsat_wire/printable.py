# SPDX-License-Identifier: Apache-2.0
"""Words of others as a person may be shown them, on a page or a terminal."""

import io
from typing import TextIO


def visible(text: str) -> str:
    """Text as it is, with what would not be seen, would move a terminal or reorder the line, made visible.

    Ends of lines and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in "\n\t" else _escaped(one) for one in text)


def on_any_terminal(*streams: TextIO) -> None:
    """Have streams write a letter that their encoding does not have by its number, where they would raise an error."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - two hex digits hold it
