# SPDX-License-Identifier: Apache-2.0
"""How a device is asked: SNMP v1 or v2c with a community, v3 with a user and keys. Secrets come from files only."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices.errors import CredentialError

AUTHENTICATIONS: Final = ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")
PRIVACIES: Final = ("DES", "AES128", "AES192", "AES256", "3DES", "AES192C", "AES256C")
"""The last three are made by vendors, and read with pysnmp alone."""
FILE_BYTES: Final = 8_192
KEY_LETTERS: Final = 8
"""RFC 3414, section 11.2."""


@dataclass(frozen=True, slots=True)
class Community:
    """Versions 1 and 2c: one word, in clear text on the wire."""

    version: Literal[1, 2]
    word: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """Version 3. Without an authentication nothing is signed, without a privacy nothing is encrypted."""

    name: str
    authentication: str = ""
    privacy: str = ""
    auth_key: str = field(default="", repr=False)
    priv_key: str = field(default="", repr=False)


Credential = Community | User


def of(its: Settings) -> Credential:
    """The credential a device is configured with.

    Raises:
        CredentialError: its file cannot be read, or says what cannot be.
    """
    if its.user_file:
        return user(Path(its.user_file))
    return community(Path(its.community_file), 1 if its.version == 1 else 2)


def community(path: Path, version: Literal[1, 2]) -> Community:
    """The community that stands in a file.

    Raises:
        CredentialError: the file cannot be read or is empty.
    """
    word = _text(path).strip()
    if not word:
        raise CredentialError(
            f"{path}: chưa có community; ghi vào dòng đầu / no community in it; write it into the file's first line"
        )
    return Community(version, word.splitlines()[0])


def user(path: Path) -> User:
    """A user from a TOML file with the keys name, authentication, auth_key, privacy, priv_key.

    Raises:
        CredentialError: the file cannot be read, or what it says cannot be.
    """
    try:
        table = tomllib.loads(_text(path))
        made = User(**{name: str(value) for name, value in table.items()})
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise CredentialError(
            f"{path}: {error}; các khóa / the keys are name, authentication, auth_key, privacy, priv_key"
        ) from error
    for what, chosen, known in (
        ("authentication", made.authentication, AUTHENTICATIONS),
        ("privacy", made.privacy, PRIVACIES),
    ):
        if chosen and chosen not in known:
            raise CredentialError(f"{path}: {what} {chosen!r} không thuộc / is not one of {', '.join(known)}")
    if made.privacy and not made.authentication:
        raise CredentialError(f"{path}: có privacy thì phải có authentication / privacy needs an authentication")
    for what, chosen, key in (
        ("auth_key", made.authentication, made.auth_key),
        ("priv_key", made.privacy, made.priv_key),
    ):
        if chosen and len(key) < KEY_LETTERS:
            raise CredentialError(
                f"{path}: {what} ngắn hơn {KEY_LETTERS} ký tự mà SNMPv3 đòi hỏi "
                f"/ {what} has fewer than {KEY_LETTERS} letters, the least SNMPv3 takes"
            )
    return made


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")[:FILE_BYTES]  # some editors put a mark before the text
    except OSError as error:
        raise CredentialError(
            f"{path}: không đọc được; xin chỉ tệp mà tài khoản này đọc được / "
            f"cannot be read: {error.strerror}; name a file that this user may read"
        ) from error
    except UnicodeDecodeError as error:
        raise CredentialError(
            f"{path}: không phải UTF-8; lưu lại bằng UTF-8 / not UTF-8, at byte {error.start}; save it as UTF-8"
        ) from error
