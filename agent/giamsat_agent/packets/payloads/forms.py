# SPDX-License-Identifier: Apache-2.0
"""Logins by a form of the web: who tries which password, and whether the answer refuses it (ATT&CK T1110).

A form is known by a field that is named as those of passwords are, be it in the address, in a form's body, in JSON or
in the parts of an upload. No word of any language in the answer is asked for: it refuses who is asked for a password
once more, is sent back to a login, or is told so by its code.
"""

import base64
import binascii
import re
from enum import Enum
from typing import Final, NamedTuple
from urllib.parse import unquote_plus

LONGEST: Final = 4_096
"""Bytes of a body at most: who logs in has little to say."""
FIELDS: Final = 32
USER: Final = re.compile(
    r"user|log(?:in|on)?$|mail|account|acct|taikhoan|tai_khoan|tendangnhap|ten_dang_nhap|uname|uid$"
)
PASSWORD: Final = re.compile(
    r"(?<!com)(?<!by)pass(?:w|$|_|\]|code|phrase|field)|passwort|pwd|psw$|matkhau|mat_khau|mat-khau|secretkey|^credential$"
)
_HINT: Final = re.compile(rb"uthorization:|[Pp](?:ass|ASS|wd|WD|sw)|[Mm]at_?-?[Kk]hau|ecret[Kk]ey|redential")
"""What every request holds that tries a password, and few others; these are not taken apart."""
_BASIC: Final = re.compile(rb"\r\nauthorization: *basic +([a-z0-9+/=]{4,512})\s*\r\n", re.IGNORECASE)
_KIND: Final = re.compile(rb"\r\ncontent-type: *([^\r\n]{1,80})", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,15})", re.IGNORECASE)
_JSON: Final = re.compile(r'"([\w.$\-]{1,64})"\s{0,8}:\s{0,8}"((?:[^"\\]|\\.){0,256})"')
_PART: Final = re.compile(r'name="([^"\r\n]{1,64})"[^\r\n]{0,64}\r\n\r\n([^\r\n]{0,256})\r\n')
_LOCATION: Final = re.compile(rb"\r\nlocation: *([^\r\n]{1,1024})", re.IGNORECASE)
_BACK: Final = re.compile(r"log-?_?[io]n|sign-?_?in|dang-?_?nhap|auth|err|fail|invalid|denied")
_AGAIN: Final = re.compile(rb"""<input[^<>]{0,256}type=["']?password""", re.IGNORECASE)
_NO: Final = re.compile(
    rb'"(?:success|ok|authenticated|valid)" *: *"?(?:false|0\b)|"errors?(?:_?code)?" *: *(?:"[^"0]|[\[{] *["{]|[1-9])'
)
_YES: Final = re.compile(rb'"(?:\w{0,16}token|jwt|session\w{0,8})" *: *"[^"]{8}', re.IGNORECASE)
WRONG: Final = b"401"
REFUSES: Final = frozenset({b"400", b"403", b"422", b"423", b"429"})
_BUSY: Final = frozenset({b"100", b"400", b"429", b"502", b"503", b"504"})
MOVED: Final = frozenset({b"301", b"302", b"303", b"307", b"308"})
_DIGEST: Final = re.compile(r"[A-Za-z0-9+/=_\-]{32,}\Z|\d{6,8}\Z")
"""What a program makes of a password, another one each time; and what an authenticator shows."""


class Outcome(Enum):
    """What an answer says to a login."""

    LET_IN = "let in"
    REFUSED = "refused"
    OPEN = "open"


class Tried(NamedTuple):
    """A login that is tried; `path` is that of the form, empty where a header brings the password."""

    path: str
    user: str
    password: str

    @property
    def shows(self) -> bool:
        """Whether another password of the same user shows that this one was in vain."""
        return bool(self.user) and not _DIGEST.match(self.password)


def tried(request: bytes) -> Tried | None:
    """The login that a request tries; None when it tries none, or what it tries was not captured."""
    if not _HINT.search(request):
        return None
    head, _, body = request.partition(b"\r\n\r\n")
    if basic := _BASIC.search(head + b"\r\n"):
        return _basic(basic[1])
    path, _, query = _target(head).partition("?")
    if head.startswith(b"POST "):
        return in_body(path, body) or _login(path, _pairs(query))
    return _login(path, _pairs(query)) if query and "=" in query else None


def awaited(request: bytes) -> str | None:
    """The path of a request whose body, which is still to come, may be a login's; else None."""
    head, end, body = request.partition(b"\r\n\r\n")
    kind, length = _KIND.search(head), _LENGTH.search(head)
    if not end or body or not head.startswith(b"POST ") or not kind or not length:
        return None
    said = kind[1].lower()
    is_form = said.startswith((b"application/x-www-form-urlencoded", b"application/json", b"multipart/form-data"))
    return _target(head).partition("?")[0] if is_form and 0 < int(length[1]) <= LONGEST else None


def in_body(path: str, body: bytes) -> Tried | None:
    """The login that a body tries, as far as it was captured."""
    if not body or len(body) > LONGEST:
        return None
    text = body.decode("latin-1")
    if text.lstrip().startswith("{"):
        fields = [(found[1], found[2]) for found, _ in zip(_JSON.finditer(text), range(FIELDS), strict=False)]
    elif "ontent-" in text and "name=" in text:
        fields = [(found[1], found[2]) for found, _ in zip(_PART.finditer(text), range(FIELDS), strict=False)]
    else:
        fields = _pairs(text)
    return _login(path, fields)


def outcome(answer: bytes, path: str) -> Outcome:
    """What an answer says to who tried a form, or brought a password with the header of a request, without a path."""
    code, (head, _, body) = answer[9:12], answer.partition(b"\r\n\r\n")
    if code == WRONG:
        return Outcome.REFUSED
    if not path:
        return Outcome.OPEN if code in _BUSY else Outcome.LET_IN
    if code in REFUSES:
        return Outcome.REFUSED
    if code in MOVED:
        found = _LOCATION.search(head + b"\r\n")
        back = found is None or _leads_back(found[1].decode("latin-1").lower(), path)
        return Outcome.REFUSED if back else Outcome.LET_IN
    if _AGAIN.search(body) or _NO.search(body):
        return Outcome.REFUSED
    return Outcome.LET_IN if _YES.search(body) else Outcome.OPEN


def _leads_back(location: str, path: str) -> bool:
    there, _, query = location.partition("?")
    there = "/" + there.partition("://")[2].partition("/")[2] if "://" in there else there
    return there.rstrip("/") == path.lower().rstrip("/") or bool(_BACK.search(there) or _BACK.search(query[:64]))


def _target(head: bytes) -> str:
    parts = head.split(b"\r\n", 1)[0].split(b" ")
    return parts[1][:1_024].decode("latin-1") if len(parts) > 1 else ""


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in text[:LONGEST].split("&", FIELDS)[:FIELDS])
    return [(unquote_plus(name[:64]), unquote_plus(value[:256])) for name, _, value in pairs]


def _login(path: str, fields: list[tuple[str, str]]) -> Tried | None:
    user = password = ""
    for name, value in fields:
        plain = name.lower()
        if not password and PASSWORD.search(plain):
            password = value
        elif not user and USER.search(plain):
            user = value
    return Tried(path, user, password) if password else None


def _basic(coded: bytes) -> Tried | None:
    try:
        user, _, password = base64.b64decode(coded).decode("latin-1").partition(":")
    except binascii.Error:
        return None
    return Tried("", user, password) if password else None
