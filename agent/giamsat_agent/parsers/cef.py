# SPDX-License-Identifier: Apache-2.0
r"""ArcSight's Common Event Format and IBM's Log Event Extended Format.

CEF:0|Vendor|Product|Version|SignatureID|Name|Severity|key=value key=value with spaces …
LEEF:1.0|Vendor|Product|Version|EventID|key=value<TAB>…      LEEF:2.0|…|EventID|DELIMITER|key=value…
LEEF:1.0|Palo Alto Networks|…|EventID|key=value|…            as PAN-OS is told to write it

In a header `\|` is a bar; in an extension a value goes on until the next ` key=`, and `\=` is an equals sign. A custom
value whose label stands beside it goes by that label, too.
"""

import re
from collections.abc import Mapping
from typing import Final

from giamsat_agent.parsers.parsed_line import NAME_CHARACTERS, VALUES_MOST

_BAR: Final = re.compile(r"(?<!\\)\|")
_KEY: Final = re.compile(rf"(?:^|(?<=\s))([A-Za-z_][\w.\[\]-]{{0,{NAME_CHARACTERS - 1}}}+)=")
_BARRED: Final = re.compile(r"=[^|=]*\|[A-Za-z]\w*=")
_CEF: Final = ("cef.vendor", "cef.product", "cef.version", "cef.id", "cef.name", "cef.severity")
_LEEF: Final = ("leef.vendor", "leef.product", "leef.version", "leef.id")
_ESCAPES: Final = {r"\=": "=", r"\|": "|", r"\n": "\n", r"\r": "\r", r"\\": "\\"}
_ESCAPE: Final = re.compile(r"\\[=|nr\\]")


def cef(text: str) -> dict[str, str] | None:
    """The values of a line that begins with `CEF:`; None when its header is not whole."""
    parts = _BAR.split(text, maxsplit=len(_CEF) + 1)
    if len(parts) < len(_CEF) + 1:
        return None
    values = dict(zip(_CEF, map(_unescaped, parts[1:]), strict=False))
    return values | (_extension(parts[-1]) if len(parts) > len(_CEF) + 1 else {})


def leef(text: str) -> dict[str, str] | None:
    """The values of a line that begins with `LEEF:`; None when its header is not whole."""
    second = text.startswith("LEEF:2")
    parts = _BAR.split(text, maxsplit=len(_LEEF) + 1 + second)
    if len(parts) < len(_LEEF) + 2:
        return None
    values = dict(zip(_LEEF, parts[1:], strict=False))
    delimiter = _delimiter(parts[5]) if second and len(parts) > len(_LEEF) + 2 else "\t"
    if delimiter not in parts[-1] and _BARRED.search(parts[-1]) is not None:
        delimiter = "|"
    for pair in parts[-1].split(delimiter, VALUES_MOST)[:VALUES_MOST]:
        key, found, value = pair.strip().partition("=")
        if found and len(key) <= NAME_CHARACTERS:
            values.setdefault(key, _unescaped(value))
    return values


def _delimiter(said: str) -> str:
    """`^`, `x09` and `0x09` are all a character."""
    if len(said) > 1 and said.lower().lstrip("0").startswith("x"):
        digits = said.lower().lstrip("0").removeprefix("x")
        return chr(int(digits, 16)) if len(digits) <= 4 and re.fullmatch("[0-9a-f]+", digits) else "\t"  # noqa: PLR2004 - one UTF-16 unit
    return said or "\t"


def _extension(text: str) -> dict[str, str]:
    keys = list(_KEY.finditer(text))[:VALUES_MOST]
    ends = [key.start() for key in keys[1:]] + [len(text)] * bool(keys)
    values = {
        key[1]: _unescaped(text[key.end() : end].strip())
        for key, end in zip(reversed(keys), reversed(ends), strict=True)
    }
    return {**_labelled(values), **values}


def _labelled(values: Mapping[str, str]) -> dict[str, str]:
    """What the custom values mean: `cs1Label=Rule cs1=web` is `Rule=web`."""
    return {
        label[:NAME_CHARACTERS]: values[name.removesuffix("Label")]
        for name, label in values.items()
        if name.endswith("Label") and name.removesuffix("Label") in values
    }


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES[found[0]], text) if "\\" in text else text
