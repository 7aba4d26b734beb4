# SPDX-License-Identifier: Apache-2.0
"""Logins that failed or succeeded, in the words any program would use.

For programs that no product file describes: a message speaks of a login when it names one (login, password,
authentication, …) and says how it ended (failed, invalid, denied, …). The source is the one address in the message;
where there are several, the one that a word such as `from` or `client` announces. Two such addresses that differ are
two readings, and then there is no source rather than a forged one.
"""

import re
from collections.abc import Mapping
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_agent.parsers import typed_values
from giamsat_wire.record import FieldValue

LOGIN: Final = "user-login"
WHO: Final = frozenset({"source.ip", "user.name"})
"""What a login is to say."""
UNVERIFIED: Final = "giamsat.unverified"
"""Marks a login that a program of syslog tells of which nobody knows: whoever may write to syslog can say so."""
MESSAGE_CHARACTERS: Final = 4_096
"""How much of a message is searched for words."""
_SUBJECT: Final = re.compile(
    r"log[ _-]?[io]n(?!\d)|logged in|sign[ _-]?(?:ed )?in|auth(?!or(?!iz))|passwor[dt]|passwd|passcode|credential|"
    r"\b2fa\b|\botp\b|\bmfa\b|đăng nhập|mật khẩu|anmeld|connexion|inicio de sesi|\btoken\b|\bldap\b",
    re.IGNORECASE,
)
_SUBJECT_WORDS: Final = (
    *(f"log{between}{end}" for between in ("", " ", "_", "-") for end in ("in", "on")),
    *("logged in", "sign", "auth", "passwor", "passwd", "passcode", "credential", "2fa", "otp", "mfa", "token", "ldap"),
    *("đăng nhập", "mật khẩu", "anmeld", "connexion", "inicio de sesi"),
)
"""One of these stands in every text that speaks of a login; they are found ten times quicker than the pattern."""
_FAILED: Final = re.compile(
    r"fail|invalid|incorrect|wrong|\bbad\b|unsuccessful|denied|reject|unauthori[sz]ed|refused|mismatch|not found|"
    r"no such|unknown user|(?:does ?n[o']t|not) (?:exist|match)|locked out|blocked|brute.?force|rate.?limit|too many|"
    r"unable to (?:log|sign|auth)|thất bại|không (?:hợp lệ|thành công|đúng|tồn tại)|bị từ chối|sai "
    r"|illegal|mislukt|fehl|[eé]chec|fallid|succe(?:ss|eded)(?:ful)?[\"']? ?[:=] ?[\"']?(?:false|no\b)",
    re.IGNORECASE,
)
_SUCCEEDED: Final = re.compile(r"(?<!un)succe(?:ss|ed)|accepted|logged in|signed in|thành công", re.IGNORECASE)
_SHUT_OUT: Final = re.compile(
    r"brute.?force|rate.?limit|locked out (?:the )?(?:ip|host|address)|"
    r"too many (?:\w{1,16} ){0,3}(?:attempts|tries|logins|failures|requests)",
    re.IGNORECASE,
)
"""The program itself says that somebody guesses, and that it listens to him no more."""
_UNREACHED: Final = re.compile(
    r"connection (?:failed|refused|timed out)|(?:failed|unable|could ?n[o']t|cannot) (?:to )?connect\b|timed out\b"
    r"|\btimeout (?:expired|exceeded|while|waiting)|(?:request|connection|connect|read|server|network) timeout"
    r"|: timeout\b|unreachable|no route to host|kết nối thất bại|không kết nối được",
    re.IGNORECASE,
)
"""The program itself did not get through to a server that was to judge, or to let it in: nobody failed to log in."""
_CHANGED: Final = re.compile(
    r"(?:password|mật khẩu)\W(?:\w{1,16}\W){0,3}(?:changed|reset|updated)"
    r"|(?:changed|reset|updated) (?:\w{1,16} ){0,3}password"
    r"|(?:đổi|đặt lại) mật khẩu|token\W(?:\w{1,16}\W){0,2}(?:refreshed|renewed|issued)",
    re.IGNORECASE,
)
"""What becomes of a password or a token of somebody who is in already."""
_UNKNOWN_USER: Final = re.compile(
    r"(?:user|account|name|email|login)[\w '\"`@.:<>\[\]-]{0,80}?(?:not found|does ?n[o']t exist|not exist|unknown)|"
    r"(?:unknown|invalid|no such|nonexistent) (?:user|account|login)\b(?!(?:name)? or)",
    re.IGNORECASE,
)
_UNKNOWN_WORDS: Final = ("not found", "exist", "unknown", "invalid", "no such")
"""One of these stands in every text about a user that does not exist."""
_IP: Final = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,41}(?:\.\d{1,3}){0,3})"
_ADDRESS: Final = re.compile(rf"(?<![\w.:/@-]){_IP}(?![\w@/-])|(?<=[/@]){_IP}(?=[:\s\],)]|$)")
_NOWHERE: Final = "::"
"""What parts the names of classes, and is no peer's address."""
_ANNOUNCED: Final = re.compile(
    r"(?:from|client|remote|rhost|\bip|ip[ _-]?addr\w*|host|peer|attacker|src|\bsource|\brip|oip|van|von|de|từ)\W{0,3}"
    rf"(?:(?:ip|address|addr|host|private ip|ip address|port)\W{{1,3}})?(?:ipv[46]:|/)?({_IP})",
    re.IGNORECASE,
)
_AIMED: Final = re.compile(
    rf"(?:\b(?:to|server|against|upstream|backend)[\s:=(\['\"]{{1,3}}|://)({_IP})", re.IGNORECASE
)
"""The address of whom a program turned to itself."""
_USER: Final = re.compile(
    r"(?:user[ _-]?name|tài khoản|người dùng|tên đăng nhập|\busers?"
    r"|\baccount|\blogin|\blogname|\be-?mail|acct|\bfor|\buid(?!=\d{1,10} euid=))"
    r"(?:(?: name| id| input)?[\"']?\s{0,2}[=:]\s{0,2}|(?: input)?\s{1,2})"
    r"(?:(?:user|username|account)\b[ :=]{1,2})?"
    r"(?:\"(?P<double>[^\"]{1,256})\"|'(?P<single>[^']{1,256})'|`(?P<back>[^`]{1,256})`|[<\[](?P<boxed>[^>\]]{1,256})[>\]]|(?P<bare>[\w@.\\+-]{1,128}+(?!=)))",
    re.IGNORECASE,
)
_IN_BRACKETS: Final = re.compile(r"\[(?:user|username|login)=([^\]]{1,256})\]")
"""A pair in brackets of its own: the name may hold blanks."""
_NO_NAMES: Final = frozenset(
    {
        "from", "for", "user", "login", "failed", "failure", "or", "and", "has", "was", "is", "with", "attempt", "name",
        "ip", "to", "by", "authentication", "password", "not", "in", "the", "on", "at", "via", "error", "invalid",
        "successful", "success", "succeeded", "account", "private", "credentials", "request", "does", "unknown",
        "denied", "db", "fail", "fails", "ok", "attempts", "page", "method", "type", "từ", "đăng", "không", "bị", "tại",
        "lúc", "có", "đã", "này", "với", "của", "mật", "sai", "hoặc", "poging", "versuch", "tentative", "intento", "of",
        "incorrect", "refused", "rejected", "receive", "yet", "session", "that",
    }
)  # fmt: skip


def of_text(text: str, *, beside: str = "") -> Meaning | None:
    """What a message says of a login; None when it speaks of none, or leaves open how it ended.

    `beside` is the whole line, whose header may name the source when the message does not.
    """
    text = text[:MESSAGE_CHARACTERS]
    outcome = _outcome(text)
    if outcome is None:
        return None
    fields: dict[str, FieldValue] = {"event.outcome": outcome}
    name = _name(text)
    address = source(text) or source(beside[:MESSAGE_CHARACTERS])
    if address is not None and (address not in name or "@" in name):
        fields["source.ip"] = address
    if name:
        fields |= typed_values.user(name)
    if len(fields) == 1:
        return None
    if outcome == FAILURE and _UNKNOWN_USER.search(text):
        fields["event.reason"] = "invalid user"
    elif outcome == FAILURE and _SHUT_OUT.search(text):
        fields["event.reason"] = "too many attempts"
    return Meaning(LOGIN, fields)


def of_values(text: str, known: Mapping[str, FieldValue]) -> Meaning | None:
    """What named values say: `text` holds those that are words, `known` those whose names told what they are."""
    outcome = _outcome(text[:MESSAGE_CHARACTERS])
    if outcome is None:
        return None
    told = of_text(text)
    fields = {**(told.fields if told else {}), **known, "event.outcome": outcome}
    return Meaning(LOGIN, fields) if WHO & fields.keys() else None


def unverified(meaning: Meaning) -> Meaning:
    """The meaning, marked as nobody's word if it is a login."""
    return Meaning(LOGIN, {**meaning.fields, UNVERIFIED: True}) if meaning.kind == LOGIN else meaning


def source(text: str) -> str | None:
    """The address of whoever is spoken of; None when there is none or two readings."""
    aimed = {_NOWHERE, *map(plain, _AIMED.findall(text))}
    every = {address for address in map(plain, _ADDRESS.findall(text)) if address and address not in aimed}
    if len(every) == 1:
        return every.pop()
    announced = {address for address in map(plain, _ANNOUNCED.findall(text)) if address and address != _NOWHERE}
    return announced.pop() if len(announced) == 1 else None


def _outcome(text: str) -> str | None:
    folded = text.casefold()
    if not (any(word in folded for word in _SUBJECT_WORDS) and _SUBJECT.search(text)):
        unknown = any(word in folded for word in _UNKNOWN_WORDS) and _UNKNOWN_USER.search(text)
        return FAILURE if unknown else None
    if _FAILED.search(text) is not None:
        return FAILURE if _UNREACHED.search(text) is None else None
    return SUCCESS if _SUCCEEDED.search(text) is not None and _CHANGED.search(text) is None else None


def _name(text: str) -> str:
    if "=" in text and (pair := _IN_BRACKETS.search(text)) is not None:
        return pair[1]
    at = 0
    while (found := _USER.search(text, at)) is not None:
        name = next(each for each in found.groups() if each is not None)
        bare = found["bare"] is not None
        if not bare or (name.lower().strip(".") not in _NO_NAMES and plain(name) is None):
            return name.rstrip(".,") if bare else name
        at = found.start("bare")  # what is no name may announce one: `login for NAME`
    return ""
