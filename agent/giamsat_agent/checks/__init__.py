# SPDX-License-Identifier: Apache-2.0
"""One file per protocol spoken or thing looked at; BUILT_BY says which configuration makes which check."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from giamsat_agent.check import Check
from giamsat_agent.check_settings import AnyCheck, CheckSettings, Http, Tcp, Tls
from giamsat_agent.checks.http import HttpCheck
from giamsat_agent.checks.tcp import TcpCheck
from giamsat_agent.checks.tls import TlsCheck

BUILT_BY: Final[Mapping[type[CheckSettings], Callable[[Any], Check]]] = {
    Http: HttpCheck,
    Tcp: TcpCheck,
    Tls: TlsCheck,
}


def build(its: AnyCheck) -> Check:
    """The check the configuration describes."""
    return BUILT_BY[type(its)](its)
