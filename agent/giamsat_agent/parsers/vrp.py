# SPDX-License-Identifier: Apache-2.0
"""Messages of Huawei's VRP and H3C's Comware: `%%01MODULE/LEVEL/BRIEF(TYPE)[COUNT]:text with named values`.

The values are `(Name=value, …)` or `name=value, …` with VRP; `Name(1001)=value;…` or `-Name=value-Name=value; text`
with Comware, which writes 10 behind the percent signs, or leaves both out.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from giamsat_agent.parsers.key_value import pairs
from giamsat_agent.parsers.parsed_line import NAME_CHARACTERS, VALUES_MOST

_HEAD: Final = re.compile(
    r"(?:%%(?P<version>\d{2})?)?(?P<module>[\w-]{1,32})/(?P<level>\d)/(?P<brief>[\w-]{1,64})(?:\([a-z]\))?(?:\[\d{1,10}\])?:?\s*"
)
_HUAWEI: Final = "01"
_PLACE: Final = re.compile(r"(?:-(?:DevIP|SN|MDC|Context|Chassis|Slot|CPU|Vsys)=[^;\s]{0,64}; ?){1,8}(?!Command is )")
"""Where a Comware device says that it speaks from, before its words."""
_NUMBERED: Final = re.compile(r"\(\d{1,5}\)=")
_PIECE: Final = re.compile(rf"(?:^|(?<=;))([^;=]{{0,{NAME_CHARACTERS}}}+)=([^;]*+)")
NAMES_KEPT: Final = 1_024
"""Names without their numbers that are remembered: a device's come with every line."""
_NAME: Final = r"[A-Za-z][\w -]{0,62}[\w]|[A-Za-z]"
_COMMA: Final = re.compile(rf"(?:^|[,(;] ?)({_NAME})=(?:\"([^\"]*)\"|)")
"""Where a value begins that goes on to the next comma with a name behind it, or ends with its quotes."""
_DASHED: Final = re.compile(r"-([A-Z]\w{0,63}+)=")
_COMMAND: Final = "; Command is "


def values(text: str) -> dict[str, str] | None:
    """The module, the brief and the pairs of a message; None when its head is another."""
    head = _HEAD.match(text)
    if head is None:
        return None
    rest = text[head.end() :]
    return {
        "vrp.vendor": "Huawei" if head["version"] == _HUAWEI else "H3C",
        "vrp.module": head["module"],
        "vrp.level": head["level"],
        "vrp.brief": head["brief"],
        "message": _PLACE.sub("", rest, count=1) if rest.startswith("-") else rest,
        **_named(rest),
    }


def _named(rest: str) -> dict[str, str]:
    if _NUMBERED.search(rest):
        return _numbered(rest)
    if rest.startswith("-"):
        return dict(_dashed(rest))
    rest = rest.removesuffix(".")
    if names := list(_COMMA.finditer(rest))[:VALUES_MOST]:
        return dict(_listed(rest.removesuffix(")"), names))
    return pairs(rest.replace("(", " ").replace(")", " "))


def _listed(rest: str, names: Sequence[re.Match[str]]) -> Iterator[tuple[str, str]]:
    """`Name=value with spaces, Name="quoted", …`; of a name that comes twice, the first."""
    end = len(rest)
    for name in reversed(names):
        yield name[1], name[2] if name[2] is not None else rest[name.end() : end].strip(" ;)")
        end = name.start()


def _numbered(rest: str) -> dict[str, str]:
    """`Name(1001)=value;…`."""
    return {_unnumbered(name): value.strip() for name, value in _PIECE.findall(rest)[:VALUES_MOST]}


@lru_cache(maxsize=NAMES_KEPT)
def _unnumbered(name: str) -> str:
    return name.partition("(")[0].strip()


def _dashed(rest: str) -> Iterator[tuple[str, str]]:
    """`-Line=vty0-IPAddr=192.0.2.1-User=admin; Command is …`: a value goes on to the next name or the semicolon."""
    before, _, command = rest.partition(_COMMAND)
    names = list(_DASHED.finditer(before))[:VALUES_MOST]
    for name, end in zip(names, [*(each.start() for each in names[1:]), len(before)], strict=False):
        yield name[1], before[name.end() : end].partition(";")[0].strip()
    if command:
        yield "Command", command
