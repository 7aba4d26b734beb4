# SPDX-License-Identifier: Apache-2.0
"""What a request of the web asks for, as far as a sweep is told by it (ATT&CK T1595.003)."""

import re
from typing import Final

import msgspec

SHORT: Final = (1 << 30) - 1
"""Bits of a hash that are kept: numbers that are longer take more room."""
REFERER: Final = re.compile(rb"\r\nreferer: *https?://([^/\r\n]+)", re.IGNORECASE)
HOST: Final = re.compile(rb"\r\nhost: *([^\r\n]+)", re.IGNORECASE)
PROBED: Final = (
    "/.git", "/.env", "/.svn", "/.aws", "/.ssh", "/wp-login", "/wp-admin", "/xmlrpc.php", "/phpmyadmin", "/pma",
    "/admin", "/administrator", "/manager/html", "/cgi-bin/", "/backup", "/config", "/shell", "/setup", "/install",
    "/test", "/login", "/console", "/solr", "/actuator", "/server-status", "/phpinfo", "/.htaccess", "/.htpasswd",
    "/web.config", "/boaform", "/hnap1", "/vendor/phpunit", "/dump", "/db", "/old", "/jenkins",
)  # fmt: skip


class Path(msgspec.Struct, frozen=True, gc=False):
    """A path that was asked for, by its hashes: itself, the folder it is in (0 at the top), and its first folder.

    `leaf` is what is asked for below that, 0 if that is all; `probe` is what it looks for that should not be there, as
    a number from 1; `came` whether a page of the same site named it.
    """

    whole: int
    parent: int
    first: int
    leaf: int
    probe: int
    came: bool


def path_of(raw: str, content: bytes) -> Path:
    """The path of a request."""
    path = raw.partition("?")[0].lower()
    named = REFERER.search(content)
    host = HOST.search(content) if named else None
    came = bool(named and host and named[1].lower() == host[1].strip().lower())
    signs = enumerate(PROBED, 1) if path.startswith(PROBED) else ()
    probe = next((number for number, sign in signs if path.startswith(sign)), 0)
    parent = path.rpartition("/")[0]
    first, _, leaf = path.lstrip("/").partition("/")
    whole, above, top = (hash(part) & SHORT for part in (path, parent, first))
    return Path(whole, above, top, hash(leaf) & SHORT if leaf else 0, probe, came)
