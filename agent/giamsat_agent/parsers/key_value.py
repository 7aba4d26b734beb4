# SPDX-License-Identifier: Apache-2.0
r"""`key=value key="value with spaces"` as firewalls write it, and Check Point's `key:"value"; …` and `key=value|…`.

One pattern finds one pair after the other: quoted with `"` or `'` (a backslash keeps the next character from ending
it), in brackets, or a bare word. Nothing is tried twice, so a line of quotes costs what any line costs.
"""

import re
from collections.abc import Iterable
from itertools import takewhile
from operator import itemgetter
from typing import Final

from giamsat_agent.parsers.pair_pattern import Pairs, habit
from giamsat_agent.parsers.parsed_line import NAME_CHARACTERS, VALUES_MOST

# Only classes are possessive, never groups: those match wrongly before Python 3.11.5 (cpython issue 106052).
_PAIR: Final = re.compile(
    rf"""(?<![\w.@/-])(?P<key>[A-Za-z_@][\w.@/-]{{0,{NAME_CHARACTERS - 1}}}+)(?:=|:(?="))"""
    r"""(?:"(?P<double>[^"\\]*+(?:\\.[^"\\]*+)*)"?|'(?P<single>[^'\\]*+)'|(?P<bare>[^\s"';,]*+(?:[;,](?=[^\s;,=]++(?:[\s;,]|$))[^\s"';,]++)*))""",
    re.DOTALL,
)
_SPACE: Final = r" \t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
r"""What `\s` means, as a set of its own: so it is matched at twice the speed."""
_BARE: Final = rf"""[^{_SPACE}"';,]*+"""
# What most lines are made of: nothing but such pairs, one space between them.
_PLAIN: Final = Pairs(
    re.compile(rf"""([A-Za-z_][A-Za-z0-9_]{{0,{NAME_CHARACTERS - 1}}}+)=(")?((?(2)[^"\\]*+|{_BARE}))(?(2)")(?: |\Z)"""),
    equals="=",
    between=" ",
    quoted=r'[^"\\]*+',
    bare=_BARE,
)
# The same of RFC 5424's parameters, which are quoted, and of Check Point's, where a backslash stands before a bracket.
_ESCAPING: Final = r'[^"\\]*+(?:\\[\]\\][^"\\]*+)*'
_PARAMETERS: Final = Pairs(
    re.compile(rf'([A-Za-z_][\w.@/-]{{0,{NAME_CHARACTERS - 1}}}+)=(")({_ESCAPING})"(?: |\Z)'),
    equals="=",
    between=" ",
    quoted=_ESCAPING,
)
_COLONS: Final = Pairs(
    re.compile(rf'([A-Za-z_]\w{{0,{NAME_CHARACTERS - 1}}}+):(")({_ESCAPING})"(?:; |\Z)'),
    equals=":",
    between="; ",
    quoted=_ESCAPING,
)
_ELEMENT: Final = re.compile(r"\[[\w.-]{1,64}@[\w.-]{1,64} |\[(?=\w{1,128}:\")")
"""How structured data begins that is one element: Juniper's identity, or Check Point's first pair."""
_PARTS: Final = 4
"""Parts of a cut: what stands before the pair, its name, a quote and the value."""
_PIPED: Final = re.compile(rf"[A-Za-z_][\w./-]{{0,{NAME_CHARACTERS - 1}}}+=[^|\s\"']{{0,256}}+\|[A-Za-z_][\w./-]*+=")
"""How a text begins whose pairs stand between bars."""
_ARGUMENT: Final = re.compile(r"a\d{1,3}")
# What audit_log_untrustedstring() of the kernel writes when a text is not plain.
_ENCODED: Final = re.compile(r"(?<!\S)(a\d{1,3}|acct|cmd|comm|cwd|exe|name|proctitle)=([0-9A-F]{2,65536})(?!\S)")
_ESCAPED: Final = re.compile(r"""\\(["'\\\]])""")
_meant: Final = itemgetter(1)
"""What a backslash stands before; a template would be taken apart with every value.

Before anything else it stands for itself: `DOMAIN\\name`, a path of Windows.
"""


def pairs(text: str) -> dict[str, str]:
    """The named values of a text, at most VALUES_MOST; of a name that comes twice, the first."""
    found: dict[str, str] = {}
    if _PIPED.match(text):
        for piece in text.split("|", VALUES_MOST)[:VALUES_MOST]:
            key, equals, value = piece.partition("=")
            if equals and len(key) <= NAME_CHARACTERS:
                found.setdefault(key, value)
        return found
    marked = '"' in text or "'" in text or ";" in text or "," in text
    words = () if marked else text.split()
    if (plain := _words(words) if words else whole(_PLAIN, text)) is not None:
        return plain
    for pair in _PAIR.finditer(text):
        key, double, single, bare = pair.groups()
        if key in found:
            continue
        value = double if double is not None else single if single is not None else bare or ""
        found[key] = _ESCAPED.sub(_meant, value) if double is not None and "\\" in value else value
        if len(found) >= VALUES_MOST:
            break
    return found


def _words(words: Iterable[str]) -> dict[str, str] | None:
    """The pairs among words without quotes and lists; None where only the pattern tells what is a name."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            if not (key.isidentifier() and key.isascii() and len(key) <= NAME_CHARACTERS):
                return None
            found.setdefault(key, value)
    return found if len(found) <= VALUES_MOST else None


def parameters(structured: str) -> dict[str, str]:
    """The parameters of RFC 5424's structured data, and Check Point's `[name:"value"; …]` in its place."""
    element = _ELEMENT.match(structured)
    if element is not None:
        pattern = _PARAMETERS if element[0].endswith(" ") else _COLONS
        if (plain := whole(pattern, structured[element.end() : -1].rstrip())) is not None:
            for name in [name for name, value in plain.items() if "\\" in value] if "\\" in structured else ():
                plain[name] = _ESCAPED.sub(_meant, plain[name])
            return plain
    return pairs(structured)


def whole(written: Pairs, text: str) -> dict[str, str] | None:
    """The pairs of a text that holds nothing else, each name once; None for any other."""
    known = habit(written, text.count(written.equals), text.count('"'), escaping="\\" in text)
    if (found := known.read(text)) is not None:
        return found
    parts = written.cut.split(text, VALUES_MOST)
    if any(parts[::_PARTS]):
        return None
    names = parts[1::_PARTS]
    if len(set(names)) < len(names):
        return None
    return dict(zip(known.saw(names, parts[2::_PARTS]), parts[3::_PARTS], strict=True))


def looks(text: str) -> bool:
    """Whether a text begins with a pair, so that it is worth reading as pairs."""
    found = _PAIR.match(text)
    return found is not None and bool(found["key"])


def audit(text: str) -> dict[str, str]:
    """A record of the Linux audit system, whose `msg='…'` holds further pairs.

    Texts with spaces, quotes or other bytes than printable ASCII stand there in hexadecimal and without quotes; an
    executed command comes as `a0=… a1=…` and is put together as `proctitle`.
    """
    plain = text.replace(" msg='", " ", 1)
    values = pairs(plain)
    encoded = {key: value for key, value in _ENCODED.findall(plain) if len(value) % 2 == 0}
    executed = values.get("type") == "EXECVE"
    for key, value in encoded.items():
        if key in values and (executed or not _ARGUMENT.fullmatch(key)):
            values[key] = bytes.fromhex(value).replace(b"\0", b" ").decode("utf-8", "backslashreplace")
    if executed:
        values["proctitle"] = " ".join(takewhile(bool, (values.get(f"a{number}", "") for number in range(VALUES_MOST))))
    return values
