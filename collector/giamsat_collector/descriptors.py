# SPDX-License-Identifier: Apache-2.0
"""How many files and connections this process may have open: one for each agent, and some of its own."""

import contextlib
import resource
from typing import Final

WANTED: Final = 65_536
"""Enough for ten times a province; more would only cost those who look through all of them."""
OWN: Final = 256
"""What a collector needs beside its agents: database, archive, console, administration, and some to spare."""


def raised() -> int:
    """How many there may be, once this process has asked for as many as it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):  # where that is forbidden, what there is has to do
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WANTED if soft == resource.RLIM_INFINITY else soft


def shortage(allowed: int, agents: int) -> str | None:
    """What is wrong and what to do where not all agents could be connected at once; None where they can."""
    needed = agents + OWN
    if allowed >= needed:
        return None
    return (
        f"{allowed} files and connections may be open at once, {needed} are needed for {agents} enrolled agents: "
        f"set LimitNOFILE={WANTED} in giamsat-collector.service, or ulimit -n {WANTED} before it is started by hand; "
        "until then some agents are turned away and wait"
    )
