# SPDX-License-Identifier: Apache-2.0
"""Certificates on this host's disk: until when they are valid. The figure is that of a certificate shown over TLS."""

import glob
from itertools import islice
from pathlib import Path
from typing import Final

from giamsat_agent.check import Run, UnusableError, WrongAnswerError
from giamsat_agent.check_settings import CertificateFile
from giamsat_agent.protocols.certificate import in_pem

FILES: Final = 100
FILE_BYTES: Final = 1 << 20


class CertificateFileCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: CertificateFile) -> None:
        self._pattern = its.target

    async def run(self, run: Run) -> None:
        """Read every certificate and report the first to expire."""
        ends = await run.blocking(lambda: validities(self._pattern))
        first_s, where = min(ends)
        run.set("probe_ssl_earliest_cert_expiry", first_s)
        if first_s <= run.clock.wall_ns() / 1e9:
            raise WrongAnswerError(f"{where} holds a certificate that has expired")


def validities(pattern: str) -> list[tuple[float, str]]:
    """Until when each certificate in the files of a pattern is valid (UNIX seconds), and where it stands.

    Raises:
        UnusableError: there is no certificate, or a file cannot be read.
    """
    found: list[tuple[float, str]] = []
    for path in islice(sorted(glob.iglob(pattern)), FILES):  # noqa: PTH207 - a pattern may begin at the root
        try:
            with Path(path).open("rb") as file:
                found += [(end.timestamp(), path) for end in in_pem(file.read(FILE_BYTES))]
        except OSError as error:
            raise UnusableError(f"{path}: cannot be read: {error.strerror}; let the agent's user read it") from error
        except ValueError as error:
            raise UnusableError(f"{path}: it holds no certificate in PEM; name one that does") from error
    if not found:
        raise UnusableError(f"there is no file {pattern}, or the agent may not see it; look at target")
    return found
