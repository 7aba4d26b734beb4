# SPDX-License-Identifier: Apache-2.0
"""One JSON document sent by HTTP or HTTPS: no redirect is followed, no proxy asked, the answer is bounded."""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from giamsat_collector.notifier import NotToldError
from giamsat_collector.notifying.trust import trusting
from giamsat_collector.notifying.words import one_line

TIMEOUT_S: Final = 15.0
ANSWER_BYTES: Final = 4_096
_TAKEN: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Post:
    """Where to send; `token_file` holds a bearer token, read anew each time; `ca_file` are the authorities trusted."""

    url: str
    token_file: str = ""
    ca_file: str = ""

    def send(self, body: Any) -> None:  # noqa: ANN401 - any JSON value
        """Send a document.

        Raises:
            NotToldError: it did not arrive, or was refused.
        """
        parts = urlsplit(self.url)
        if not parts.hostname:
            raise NotToldError(f"{self.url}: no address; correct url in collector.toml")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = self._connection(parts.scheme, parts.hostname, parts.port)
            try:
                connection.request("POST", path, json.dumps(body, ensure_ascii=False).encode(), self._headers())
                answer = connection.getresponse()
                said = answer.read(ANSWER_BYTES).decode("utf-8", "replace")
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise NotToldError(f"{self.url}: {reason}; is it up, and is its name right?") from error
        if answer.status not in _TAKEN:
            raise NotToldError(f"{self.url}: refused with {answer.status} {one_line(f'{answer.reason}: {said}')}")

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        context = trusting(self.ca_file)
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)

    def _headers(self) -> dict[str, str]:
        found = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "giamsat-collector"}
        if self.token_file:
            found["Authorization"] = f"Bearer {secret(self.token_file)}"
        return found


def secret(path: str) -> str:
    """What a file of a secret holds, without the line's end. No message quotes it.

    Raises:
        NotToldError: it cannot be read, or is no single line of ASCII.
    """
    try:
        said = Path(path).read_bytes().strip()
    except OSError as error:
        raise NotToldError(f"{path}: cannot be read: {error}; giamsat-collector's user has to be able to") from error
    if not said.isascii() or not said.decode("ascii").isprintable():
        raise NotToldError(f"{path}: has to hold one line of ASCII characters")
    return said.decode("ascii")
