# SPDX-License-Identifier: Apache-2.0
"""What a test needs of the machine it runs on, as markers, and what happens when the machine does not have it.

`@pytest.mark.peer("sshd", "sshpass")`: programs of packaging/dev/peers.toml. `@pytest.mark.root`: uid 0.
`@pytest.mark.namespaces`: network namespaces may be made. A test whose need is not met is skipped with a reason that
names its group; with CI=true it fails, so that a green run means that everything ran.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import peers
import pytest

REASON = "not run here: "
"""How every reason begins that is given for an unmet need."""

NEEDS_ROOT = "what only root may do"
NEEDS_NAMESPACES = "hosts of our own in network namespaces"


def program(name: str) -> Path:
    """Where a peer's program is; for tests that carry the peer's mark."""
    found = peers.listed()[name].path()
    assert found is not None, f"a test uses {name} without @pytest.mark.peer({name!r})"
    return found


@cache
def can_make_namespaces() -> bool:
    """Whether this process may make network namespaces; a container's root often may not."""
    unshare = shutil.which("unshare")
    return unshare is not None and subprocess.run([unshare, "--net", "true"], check=False).returncode == 0


def unmet(item: pytest.Item) -> Iterator[tuple[str, str]]:
    """For each need of a test that this machine does not meet: the group of tests, and what would meet it."""
    names = [name for mark in item.iter_markers("peer") for name in mark.args]
    assert set(names) <= peers.listed().keys(), f"packaging/dev/peers.toml does not list every peer of {names}"
    for peer in peers.missing(names):
        yield peer.serves, f"{peer.name} is missing (apt-get install {peer.packages[0]})"
    if item.get_closest_marker("root") and os.geteuid() != 0:
        yield NEEDS_ROOT, "needs root (sudo make test)"
    if item.get_closest_marker("namespaces") and not can_make_namespaces():
        yield NEEDS_NAMESPACES, "needs the right to make network namespaces (root with CAP_SYS_ADMIN)"


def require(item: pytest.Item, *, strict: bool) -> None:
    """Skip a test whose needs are not met, or with `strict` fail it."""
    reasons = [f"{group}: {why}" for group, why in unmet(item)]
    if not reasons:
        return
    reason = REASON + "; ".join(reasons)
    if strict:
        pytest.fail(f"{reason} (CI=true: a skip is a failure)", pytrace=False)
    pytest.skip(reason)


def groups_not_run(reasons: list[str]) -> dict[str, int]:
    """How many tests were skipped for each unmet need, out of the reasons they were skipped with."""
    counts: dict[str, int] = {}
    for reason in reasons:
        for need in reason.split(REASON, 1)[1].split("; "):
            counts[need] = counts.get(need, 0) + 1
    return dict(sorted(counts.items()))
