# SPDX-License-Identifier: Apache-2.0
"""What is said only behind a login: by clients at work, and by servers to whom they let in."""

from collections.abc import Callable


def mysql_asks(content: bytes) -> bool:
    """A command, but not to end: the number of the packet begins anew (MySQL protocol, sequence id)."""
    return content[3:4] == b"\0" and content[4:5] != b"\1" and int.from_bytes(content[:3], "little") + 4 == len(content)


def postgres_asks(content: bytes) -> bool:
    """A query, its parts, or the end in order (PostgreSQL protocol, message formats)."""
    return content[:1] in {b"Q", b"P", b"B", b"X", b"F"}


def postgres_welcomes(content: bytes) -> bool:
    """The login is in order (PostgreSQL protocol, AuthenticationOk)."""
    return b"R\0\0\0\x08\0\0\0\0" in content


def tds_welcomes(content: bytes) -> bool:
    """An answer that begins with a change of the environment, as the one to a login does (MS-TDS, section 2.2.7)."""
    return content[:1] == b"\x04" and content[8:9] in {b"\xe3", b"\xad"}


def mongo_welcomes(content: bytes) -> bool:
    """The conversation about a login is done, in order (MongoDB, specification of authentication)."""
    return b"\x08done\0\x01" in content


def smb_asks(content: bytes) -> bool:
    """A command behind negotiation, login and logout (MS-SMB2, section 2.2.1; MS-CIFS, section 2.2.2.1).

    What is encrypted or compressed comes behind the login, too (MS-SMB2, sections 2.2.41 and 2.2.42).
    """
    if content[4:8] == b"\xffSMB":
        return content[8:9] not in {b"", b"\x72", b"\x73", b"\x74"}
    if content[4:8] in {b"\xfdSMB", b"\xfcSMB"}:
        return True
    return content[4:8] == b"\xfeSMB" and int.from_bytes(content[16:18], "little") > 2  # noqa: PLR2004 - those three


def smb_welcomes(content: bytes) -> bool:
    """The same of an answer, if it is not that this was in vain."""
    status = content[9:13] if content[4:8] == b"\xffSMB" else content[12:16]
    return smb_asks(content) and (content[4:5] in {b"\xfd", b"\xfc"} or status == bytes(4))


def _operation(content: bytes) -> bytes:
    """What an LDAP message asks or answers, and all behind it; empty when it is none (RFC 4511, section 5.1)."""
    if content[:1] != b"\x30" or len(content) < 7:  # noqa: PLR2004 - envelope, number and operation
        return b""
    at = 2 + (content[1] & 0x7F if content[1] & 0x80 else 0)
    if content[at : at + 1] != b"\x02" or at + 1 >= len(content):
        return b""
    return content[at + 2 + content[at + 1] :]


def ldap_asks(content: bytes) -> bool:
    """An operation other than to bind or to end, or a bind without a password (RFC 4511, section 4.2)."""
    operation = _operation(content)
    other = operation[:1] not in {b"", b"\x60", b"\x42"}
    return other or (bool(operation) and content.endswith(b"\x80\0"))


def ldap_welcomes(content: bytes) -> bool:
    """An answer to a search, or to a bind that it is in order (RFC 4511, sections 4.2.2 and 4.5.2)."""
    operation = _operation(content)
    return operation[:1] in {b"\x64", b"\x65"} or (operation[:1] == b"\x61" and b"\x0a\x01\0" in operation[:8])


def begins(*words: bytes) -> Callable[[bytes], bool]:
    """Whether something begins so."""
    return lambda content: content.startswith(words)


def words(*words: str) -> Callable[[bytes], bool]:
    """Whether one of the first two words is one of these."""
    wanted = frozenset(word.encode() for word in words)
    return lambda content: not wanted.isdisjoint(content[:64].upper().split(maxsplit=2)[:2])
