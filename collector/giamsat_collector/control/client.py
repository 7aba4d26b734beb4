# SPDX-License-Identifier: Apache-2.0
"""The command line's end of the administration socket."""

import contextlib
import json
import socket
from pathlib import Path
from typing import Any, Final

from giamsat_collector.errors import CollectorError, RefusedError

REQUEST_BYTES: Final = 40 << 20
"""The longest request: a bundle of the largest size fits, and a registry file of 100,000 lines."""


class NotRunningError(CollectorError):
    """No collector answers on the socket."""


def ask(path: Path, command: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Have the running collector do something and return its answer.

    Raises:
        NotRunningError: nobody listens at `path`, or this user may not connect.
        RefusedError: the collector says no; the message says why.
    """
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as sock:
        try:
            sock.connect(str(path))
            sock.sendall(json.dumps({"do": command, "with": arguments}).encode() + b"\n")
            line = sock.makefile("rb").readline()
        except PermissionError as error:
            raise NotRunningError(f"{path}: this user may not administer the collector; use sudo") from error
        except OSError as error:
            raise NotRunningError(
                f"{path}: no collector answers ({error.strerror or error}); start it with 'giamsat-collector run', "
                "or name its file with --config"
            ) from error
    answer = json.loads(line or b'{"error": "the collector closed the connection; its log says why"}')
    if "error" in answer:
        raise RefusedError(answer["error"])
    return answer["ok"]
