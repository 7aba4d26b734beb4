# SPDX-License-Identifier: Apache-2.0
"""Templates of log messages: literal text with named holes, compiled to patterns that never go back.

    Bad password attempt for '<user.name:text>' from <source.ip:ip>:<source.port:int>

A hole is `<ECS field:form>`, or `<:form>` when what stands there is of no interest. Forms:

    word      no white space (the default)              int       digits
    text      up to the first of the literal after it   ip        an address, perhaps in brackets
    last      up to the last of the literal after it    host      an address or a name
    gap       white space, tabs as syslog writes them   facility  Cisco's, with or without a class: ASA, ASA-session
    rest      all that is left                          quoted    up to the next double quote
    beside    who stands in parentheses, if any does    label     letters, digits, - and _
    port      the digits behind a colon, if one stands there
    names     up to eight words that begin with no digit, with the blank behind each
    plain     up to the first of the literal after it: at most 96 letters, digits and - . : / between blanks

`last` is for what a peer chose: a name that holds the literal too cannot move the end that the program wrote. A
template stands at the start of the message; what follows its end is free, unless it ends with `$`. Every piece is an
atomic group, so a piece that has matched is never tried again and the whole is linear in the message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

HOLE_CHARACTERS: Final = 2_048
"""The most one hole may hold."""
_HOLE: Final = re.compile(r"<(?P<field>[a-z][\w.@]*)?(?::(?P<form>[a-z]+))?>")
_CODE: Final = re.compile(r"-([A-Z0-9_]+): ?")
_CLOSING: Final = r"\]?"
_FORMS: Final = {
    "word": rf"[^\s]{{1,{HOLE_CHARACTERS}}}",
    "int": r"\d{1,19}",
    "ip": r"\[?[0-9A-Fa-f:.]{2,45}(?:%\w{1,16})?\]?",
    "host": r"\[?[\w:.-]{1,255}(?:%\w{1,16})?\]?",
    "quoted": rf'[^"]{{0,{HOLE_CHARACTERS}}}',
    "rest": rf".{{0,{HOLE_CHARACTERS}}}",
    "facility": r"[A-Z][A-Z0-9_]{1,31}(?:-[a-z]{2,16})?",
    "label": r"[\w-]{1,255}",
    "names": r"(?:[^\s\d]\S{0,63} ){0,8}",
    "gap": r"(?:\s|#011){0,64}",
}
_AROUND: Final = {
    "text": rf"(?>{{opened}}.{{{{0,{HOLE_CHARACTERS}}}}}?){{literal}})",
    "plain": r"(?>{opened}[\w.:/ -]{{0,96}}?){literal})",
    "last": rf"(?>{{opened}}.{{{{0,{HOLE_CHARACTERS}}}}}){{literal}})",
    "beside": (
        rf"(?>(?: ?\((?:\d{{{{1,5}}}}(?::[^(),]{{{{1,64}}}})?(?=[,)])|{{opened}}[^(),]{{{{1,{HOLE_CHARACTERS}}}}}))"
        rf"(?:, [^()]{{{{1,128}}}})?\))?){{literal}}"
    ),
    "port": r"(?>(?::{opened}\d{{1,5}}))?){literal}",
}
"""Forms of which more than the hole belongs to the piece."""


class TemplateError(ValueError):
    """A template that cannot be understood; the message says which and why."""


@dataclass(frozen=True)
class Template:
    """A compiled template: every message it fits begins with `head` and holds `literal`, its longest fixed text.

    `led` is the text before which anything may stand; `code` is the mnemonic of `%FACILITY-SEVERITY-MNEMONIC: `.
    A host meets the messages of few products: the pattern of a template is made for the first that holds `literal`.
    """

    expression: str
    names: tuple[str, ...]
    literal: str
    head: str
    led: str = ""
    code: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, made a pattern once; a full stop stands for every character."""
        return re.compile(self.expression, re.DOTALL)

    def lead(self, message: str) -> str:
        """What stands before the first fixed text where that may be anything; empty where nothing may."""
        return message.partition(self.led)[0] if self.led else ""

    def fit(self, message: str) -> Mapping[str, str] | None:
        """What stands in the holes, by field; None when the message is another."""
        if self.literal not in message:
            return None
        found = self.pattern.match(message)
        if found is None:
            return None
        return {name: value for name, value in zip(self.names, found.groups(), strict=True) if value}


def compiled(template: str) -> Template:
    """The template, understood.

    Raises:
        TemplateError: an unknown form, two holes of free text side by side, or no fixed text at all.
    """
    text, end = (template[:-1], r"\s*\Z") if template.endswith("$") else (template, "")
    literals, holes = _pieces(text)
    longest = max(literals, key=len)
    if not longest.strip():
        raise TemplateError(f"{template!r} has no fixed text; a message could not be told by it")
    pattern = re.escape(literals[0])
    names: list[str] = []
    for (name, form), after in zip(holes, literals[1:], strict=True):
        pattern += _piece(form, after, named=bool(name), template=template)
        if name:
            names.append(name)
    led = literals[1] if not literals[0] and holes and holes[0] == ("", "text") else ""
    coded = _CODE.match(literals[2]) if literals[0] == "%" and len(literals) > 2 else None  # noqa: PLR2004 - two holes
    code = coded[1] if coded else ""
    return Template(pattern + end, tuple(names), longest, literals[0], led, code)


def _pieces(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The literals around the holes (one more than holes), and each hole's field and form."""
    literals: list[str] = []
    holes: list[tuple[str, str]] = []
    at = 0
    for hole in _HOLE.finditer(text):
        if not (hole["field"] or hole["form"]):
            continue
        literals.append(text[at : hole.start()])
        holes.append((hole["field"] or "", hole["form"] or "word"))
        at = hole.end()
    literals.append(text[at:])
    return literals, holes


def _piece(form: str, after: str, *, named: bool, template: str) -> str:
    """One hole and the literal after it."""
    opened = "(" if named else "(?:"
    literal = re.escape(after)
    if form in {"text", "last", "plain"} and not after:
        raise TemplateError(f"{template!r}: after a hole of free text a literal must follow")
    if form in _AROUND:
        return _AROUND[form].format(opened=opened, literal=literal)
    if form == "word" and after:
        # A word ends before the literal's first character, so `user=<user.name>,` needs no free text.
        stop = re.escape(after[0])
        return rf"(?>{opened}[^\s{stop}]{{1,{HOLE_CHARACTERS}}})){literal}"
    if form not in _FORMS:
        raise TemplateError(
            f"{template!r}: the form {form!r} is unknown; the forms are {', '.join((*_AROUND, *_FORMS))}"
        )
    if form == "host" and after[:1] == ":":
        return rf"(?>{opened}\[[^\]\s]{{2,64}}\]|[\w.-]{{1,255}})){literal}"
    if form in {"ip", "host"} and after[:1] == "]":
        # The bracket is the literal's.
        return rf"(?>{opened}{_FORMS[form].removesuffix(_CLOSING)})){literal}"
    if form == "ip" and after[:1] in {":", "."}:
        # The last colon or full stop belongs to the literal, so this piece alone may give one character back.
        return rf"{opened}\[?[0-9A-Fa-f:.]{{2,45}}\]?){literal}"
    return rf"(?>{opened}{_FORMS[form]})){literal}"
