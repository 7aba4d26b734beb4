# SPDX-License-Identifier: Apache-2.0
"""What of a request only an attack writes (ATT&CK T1190): in its line, its headers, its body, in whatever segment.

Text is decoded the way servers do. People and programs write about code and send files that hold some, so a body is
searched only if it is a form, or JSON or XML. Of documents and records only what nobody would write counts, and
how they begin or end; of the parts of an upload a program for the server, and of headers what no browser sends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_plus, unquote_to_bytes

from giamsat_agent.packets.payloads.values import TAIL, Body, Values, body_of

SEEN: Final = 8_192
"""Bytes of a request that are searched."""
SEGMENTS: Final = 64
"""Segments of a request that are searched."""
_SQL: Final = (
    "union select", "union all select", "1=1--", "or 1=1", "sleep(", "benchmark(", "information_schema",
    "waitfor delay", "xp_cmdshell", "' --", "';--", "pg_sleep(", "extractvalue(", "updatexml(",
    "load_file(", "into outfile", "group_concat(",
)  # fmt: skip
_EVALUATED: Final = ("${jndi:", "() { :", "() {:", "%{(#", "${(#", "@ognl.ognlcontext")
_LOOKUP: Final = (*_EVALUATED, "java.lang.processbuilder")
"""Of Log4j, of the shell's functions, of OGNL: looked up by programs that only log or copy what they are sent."""
_FETCHED: Final = (";wget ", ";curl ", "|wget ", "&&wget ", ";cat /", "|cat /")
ATTACKS: Final = {
    "SQL injection": _SQL,
    "cross-site scripting": ("<script", "javascript:", "onerror=", "onload=", "alert(", "document.cookie"),
    "path traversal": (
        "../../", "..\\..\\", "..;/", "....//", "/etc/passwd", "/etc/shadow", "win.ini", "boot.ini",
        "/proc/self/environ",
    ),
    "command injection": (
        *_LOOKUP, *_FETCHED, "powershell.exe", "powershell -", "cmd.exe /c", "cmd.exe?/c", "/cmd.exe",
        "java.lang.runtime",
    ),
    "code injection": (
        "<?php", "eval(", "base64_decode(", "php://input", "php://filter", "auto_prepend_file", "call_user_func",
        "class.module.classloader", "invokefunction",
    ),
}  # fmt: skip
HEADERS: Final = {
    "SQL injection": ("union select", "union all select", "sleep(", "benchmark(", "waitfor delay"),
    "cross-site scripting": ("<script",),
    "path traversal": ("../../../", "/etc/passwd"),
    "command injection": _LOOKUP,
    "code injection": ("<?php",),
}
WORDS: Final = frozenset({"cross-site scripting", "code injection"})
"""Kinds whose signs people name in sentences: an attack does not stand as a word among others."""
BEGINNING: Final = 24
"""Characters before a sign in a record or in prose: a record begins with when and who."""
PROSE: Final = 200
"""Characters of a text that tells something; what is shorter is a value."""
WHEN: Final = re.compile(
    r"(?:\d:\d\d:\d\d[\d.,]{0,10}(?:z| ?[+-]\d\d:?\d\d)?|\d\d/[a-z]{3}/\d{4}[\d: +-]{0,16})\]? ?[\]|,: ]"
)
WHEN_BY: Final = 64
"""A record says by then when it was written."""
TAUTOLOGY: Final = re.compile(
    r"""['"][ )]{0,4}(?:or|and|\|\||&&) ?['"( ]{0,4}(\w{1,32})['" )]{0,4}(?:=|like) ?['"( ]{0,4}\1(?!\w)"""
)
"""A quote that ends a text, and something that is itself: nothing a program or a person writes."""
TRUE_BY_ITSELF: Final = re.compile(
    r"""['"][ )]{0,4}(?:or|and|\|\||&&) ?(?:not )?['"( ]{0,4}[\w.]{0,32}['" )]{0,4}(?:=|like ')"""
)
"""A quote that ends a text, and a condition behind it: ' or '1'='1. Bounded everywhere, so that it takes no time."""
COLUMNS: Final = re.compile(
    r"""(?:['")\d] ?\b|\A)order by \d{1,3}(?!\d)(?: ?(?:--|#|,|;|/\*)|\Z| (?:asc|desc|limit)\b)|"""
    r"""\border by \d{1,3} ?(?:--|#|;|/\*)"""
)
"""Columns that are counted by sorting by them: behind a value that is ended, or before what ends a statement."""
SHELL: Final = re.compile(r"(?<!#!)/bin/(?:ba)?sh\b")
"""A shell that is called, and not the first line of a script."""
CALLED: Final = re.compile(r"(?:[;|`]|\$\(|&&) ?(?:id|whoami|uname|ifconfig|netstat)(?: |$|[;|&)`])")
HINT: Final = re.compile(rb"\$\{|%\{|\(\) *\{|['<]|%2[27]|%3c|\.\./|select|sleep|delay|passwd", re.IGNORECASE)
"""What headers that show anything hold; others are not decoded."""
INNERMOST: Final = re.compile(r"\$\{[^${}]{0,64}:-?([^${}:]{0,64})\}")
"""A lookup of Log4j within another one, which is there to hide it: its default, or what it is the small letter of."""
NESTED: Final = 8
PROGRAM: Final = re.compile(rb'filename="[^"\r\n]{0,128}\.(?:php\d?|phtml|phar|jspx?|aspx?|ashx|war)"', re.IGNORECASE)
PROGRAM_PATH: Final = re.compile(r"\.(?:php\d?|phtml|jspx?|aspx?|ashx|war)/?$")
COMMANDS: Final = re.compile(
    rb"(?:system|exec|passthru|shell_exec|assert|eval|getRuntime\(\)\.exec|ProcessBuilder)\s{0,8}\(|"
    rb"Request\.(?:Item|Form)|\$_(?:GET|POST|REQUEST|COOKIE)\[|request\.getParameter",
    re.IGNORECASE,
)
"""What a program on a web server needs to obey whoever asks."""
_TYPE: Final = re.compile(rb"\r\ncontent-type: *([^\r\n;]{0,80})", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,18})", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_END: Final = b"\r\n\r\n"


@dataclass(slots=True)
class Request:
    """A request as far as it was seen; `left` bytes of it are still to come and to be searched."""

    in_head: bool = True
    body: Body = Body.OTHER
    left: int = SEEN
    segments: int = 0
    tail: bytes = b""
    values: Values = field(default_factory=Values)

    @property
    def goes_on(self) -> bool:
        """Whether more is to be searched."""
        return self.left > 0 and self.segments < SEGMENTS and (self.in_head or self.body is not Body.OTHER)

    def begin(self, content: bytes) -> str | None:
        """The first segment: the kind of attack it shows."""
        line, _, rest = content[:SEEN].partition(b"\r\n")
        method, _, raw = line.partition(b" ")
        target = raw.rpartition(b" ")[0] or raw
        text = target.decode("latin-1")
        written = method == b"PUT" and PROGRAM_PATH.search(text.partition("?")[0].lower())
        later = self._head(b"\r\n" + rest)
        return attack(text) or ("code injection" if written else None) or later

    def more(self, content: bytes) -> str | None:
        """A later segment: the kind of attack it shows."""
        return self._head(content) if self.in_head else self._text(content)

    def _head(self, content: bytes) -> str | None:
        self.segments += 1
        content = self.tail + content[:SEEN]
        head, end, rest = content.partition(_END)
        self.tail = content[-TAIL:]
        found = in_headers(head) if HINT.search(head) else None
        self._learn(head)
        if end:
            self.in_head, self.tail = False, b""
            found = found or self._text(rest)
        else:
            self.left -= len(content)
        return found

    def _learn(self, head: bytes) -> None:
        """What the headers say of the body."""
        kind, length = _TYPE.search(head), _LENGTH.search(head)
        if kind:
            self.body = body_of(kind[1].lower())
        elif length or _CHUNKED.search(head):
            self.body = Body.FORM
        self.left = min(int(length[1]), SEEN) if length else SEEN

    def _long(self) -> str | None:
        """What values show that are too long to be anything but documents: in them all, and in the ends of them."""
        for number, part in enumerate(self.values.long, 1):
            goes_on = self.values.is_long and number == len(self.values.long) and self.left > 0
            if found := surely(decoded(part.decode("latin-1"))):
                return found
            kinds = () if goes_on else _signs(decoded(part[-TAIL:].decode("latin-1")))
            if found := next((kind for kind, _ in kinds if kind not in WORDS), None):
                return found
        return None

    def _text(self, content: bytes) -> str | None:
        self.segments += 1
        self.left -= len(content)
        if self.body is Body.PARTS:
            text, self.tail = self.tail + content[:SEEN], content[-TAIL:]
            return in_parts(text)
        if self.body is Body.OTHER:
            return None
        judge = in_text if self.body is Body.JSON else attack
        for value in self.values.take(self.body, content[:SEEN]):
            if found := judge(value.decode("latin-1")):
                return found
        found = self._long()
        return found or (in_parts(unquote_to_bytes(content[:SEEN])) if self.values.is_long else None)


def attack(text: str) -> str | None:
    """The kind of attack a request's text shows; None when it shows none. Decoded twice, as attacks are encoded."""
    return next((kind for kind, _ in _signs(decoded(text))), None)


def in_text(text: str) -> str | None:
    """The kind of attack a text of JSON shows; records of logs and words about code hold signs, but not like this."""
    plain = decoded(text)
    tells = len(plain) > PROSE or WHEN.search(plain[:WHEN_BY])
    for kind, at in _signs(plain):
        is_word = kind in WORDS and at > 0 and plain[at - 1] == " "
        if not is_word and (at <= BEGINNING or not tells):
            return kind
    return surely(plain)


def surely(plain: str) -> str | None:
    """The kind of attack a decoded text shows, wherever in it that stands, and whatever else it tells."""
    if TAUTOLOGY.search(plain):
        return "SQL injection"
    return "command injection" if any(sign in plain for sign in (*_EVALUATED, *_FETCHED)) else None


def _signs(plain: str) -> Iterator[tuple[str, int]]:
    """Every sign of an attack in a decoded text: its kind, and where it begins."""
    for kind, signs in ATTACKS.items():
        yield from ((kind, at) for at in (plain.find(sign) for sign in signs) if at >= 0)
    for kind, sought in (
        ("SQL injection", TRUE_BY_ITSELF),
        ("SQL injection", COLUMNS),
        ("command injection", SHELL),
        ("command injection", CALLED),
    ):
        if found := sought.search(plain):
            yield kind, found.start()


def in_headers(head: bytes) -> str | None:
    """The kind of attack that headers show."""
    plain = decoded(head.decode("latin-1"))
    found = next((kind for kind, signs in HEADERS.items() if any(sign in plain for sign in signs)), None)
    return "SQL injection" if found is None and TRUE_BY_ITSELF.search(plain) else found


def in_parts(text: bytes) -> str | None:
    """Whether the parts of an upload hold a program for the server that does what it is told."""
    held = PROGRAM.search(text) or b"<?php" in text or b"<%@ page" in text.lower()
    return "code injection" if held and COMMANDS.search(text) else None


def decoded(text: str) -> str:
    """A text as a server understands it: decoded, in small letters, without what is there to hide it."""
    plain = " ".join(unquote_plus(unquote_plus(text)).lower().replace("/**/", " ").split())
    for _ in range(NESTED):
        if "${" not in plain or "${jndi:" in plain:
            break
        plain = INNERMOST.sub(r"\1", plain)
    return plain
