# SPDX-License-Identifier: Apache-2.0
"""Which distribution the host runs, from os-release(5)."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

LABELS: Final = (
    "build_id",
    "id",
    "id_like",
    "image_id",
    "image_version",
    "name",
    "pretty_name",
    "variant",
    "variant_id",
    "version",
    "version_codename",
    "version_id",
)
"""The labels of node_os_info: keys of os-release in lower case."""
ASSIGNMENT: Final = re.compile(r"""^([A-Z][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*))\s*$""", re.MULTILINE)
ESCAPED: Final = re.compile(r"\\(.)")
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


class OsRelease:
    """The name and version of the operating system."""

    def __init__(self, host: Host) -> None:
        # The second is the distribution's own copy, used where /etc is not populated.
        self._paths = (str(host.root / "etc/os-release"), str(host.root / "usr/lib/os-release"))

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        first, second = self._paths
        try:
            release = text(first, provided_by="the distribution")
        except NothingToRead:
            release = text(second, provided_by="the distribution")
        yield from samples(parse(release))


def parse(release: str) -> Mapping[str, str]:
    """The assignments of an os-release file by key, their quotes undone."""
    return {
        key: ESCAPED.sub(r"\1", double) if double else single or bare
        for key, double, single, bare in ASSIGNMENT.findall(release)
    }


def samples(release: Mapping[str, str]) -> Iterator[Sample]:
    """The distribution as labels, and the leading number of its version where it has one."""
    labels = tuple((label, release.get(label.upper(), "")) for label in LABELS)
    yield Sample("node_os_info", 1.0, labels)
    if number := NUMBER.match(release.get("VERSION_ID", "")):
        own = tuple((label, value) for label, value in labels if label in {"id", "id_like", "name"})
        yield Sample("node_os_version", float(number[0]), own)


SPEC: Final = SensorSpec(name="os", build=OsRelease, every_s=15)
