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
    """No collector answers on the socket, or the one that did ended in the middle of its answer."""


def ask(path: Path, command: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Have the running collector do something and return its answer.

    Raises:
        NotRunningError: nobody listens at `path`, this user may not connect, or the collector ended in mid-answer.
        RefusedError: the collector says no; the message says why.
    """
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as sock:
        try:
            sock.connect(str(path))
            sock.sendall(json.dumps({"do": command, "with": arguments}).encode() + b"\n")
            line = sock.makefile("rb").readline()
        except PermissionError as error:
            raise NotRunningError("{path}: this user may not administer the collector; use sudo", path=path) from error
        except OSError as error:
            raise NotRunningError(
                "{path}: no collector answers ({reason}); start it: 'sudo systemctl start giamsat-collector', "
                "'giamsat-collector run' where it is no service; or name its file with --config",
                path=path,
                reason=error.strerror or error,
            ) from error
    if not line.endswith(b"\n"):
        raise NotRunningError("the collector ended before it had answered; its log says why")
    answer = json.loads(line)
    if "error" in answer:
        raise RefusedError(answer["error"])
    return answer["ok"]
