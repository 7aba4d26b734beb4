# SPDX-License-Identifier: Apache-2.0
"""Who a check logs in as: from a file that only the agent's user may read, never from the configuration itself."""

import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from giamsat_agent.check import UnusableError

FILE_BYTES: Final = 8_192


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password."""

    user: str
    password: str = field(repr=False)


def read(path: Path) -> Login:
    """The login that stands in a TOML file with the keys user and password.

    Raises:
        UnusableError: the file cannot be read, says something else, or can be read by everybody.
    """
    try:
        if path.stat().st_mode & stat.S_IRWXO:
            raise UnusableError(
                f"{path}: mọi người trên máy này đều đọc được / everybody on this host can read it; chmod o= {path}"
            )
        with path.open("rb") as file:
            said = tomllib.loads(file.read(FILE_BYTES).decode("utf-8-sig"))
    except OSError as error:
        raise UnusableError(
            f"{path}: không đọc được; tạo tệp và cho tài khoản của agent đọc "
            f"/ cannot be read: {error.strerror}; make it, and let the agent's own user read it"
        ) from error
    except ValueError as error:
        raise UnusableError(f'{path}: không phải / not TOML; ghi / write user = "…", password = "…"') from error
    user, password = said.get("user"), said.get("password")
    if said.keys() != {"user", "password"} or not isinstance(user, str) or not isinstance(password, str):
        raise UnusableError(
            f"{path}: chỉ gồm hai khóa user và password / the keys are user and password, and nothing else"
        )
    return Login(user, password)
