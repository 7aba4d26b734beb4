# SPDX-License-Identifier: Apache-2.0
"""What other programs of this host write for Prometheus: every *.prom file of node_exporter's textfile folder.

Such a file is outside input: its size and series are bounded, a name this agent reads itself is refused, and a file
that cannot be read is counted in `node_textfile_scrape_error` while the others go on. Types are not carried: series
whose name the catalogue does not know travel untyped.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire import catalogue, limits
from giamsat_wire.record import Sample

FOLDER: Final = "var/lib/prometheus/node-exporter"
"""Where Debian's and Ubuntu's prometheus-node-exporter looks, and so where scripts already write."""
FILES: Final = 32
FILE_BYTES: Final = 1 << 18
SERIES: Final = 500
"""Of one file; a fraction of what one agent may send in all."""


class TextFiles:
    """Series that scripts leave in files."""

    def __init__(self, host: Host) -> None:
        self._folder = host.root / FOLDER

    def read(self) -> Iterator[Sample]:
        """Yield one reading; a host without the folder has no files and no fault."""
        paths = sorted(self._folder.glob("*.prom"))
        failed = len(paths) > FILES
        for path in paths[:FILES]:
            try:
                samples = _file(path)
                written_s = path.stat().st_mtime
            except (OSError, ValueError):
                failed = True
                continue
            yield Sample("node_textfile_mtime_seconds", written_s, (("file", str(path)),))
            yield from samples
        yield Sample("node_textfile_scrape_error", float(failed))


def _file(path: Path) -> list[Sample]:
    with path.open("rb") as file:
        content = file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        raise ValueError(f"more than {FILE_BYTES} bytes")
    return parse(content.decode())


def parse(text: str) -> list[Sample]:
    """The samples of a file in Prometheus' text format 0.0.4.

    Raises:
        ValueError: it is not that format, carries timestamps, or has too many or too long series, or names of our own.
    """
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415 - most hosts have no such file

    samples: list[Sample] = []
    for family in text_string_to_metric_families(text):
        for name, labels, value, timestamp, *_ in family.samples:
            if timestamp is not None:
                raise ValueError(f"{name} carries a timestamp: only what is true now is read")
            if catalogue.metric(name).help:
                raise ValueError(f"{name} is read by the agent itself")
            if len(samples) == SERIES or len(labels) > limits.LABELS_PER_SERIES:
                raise ValueError(f"more than {SERIES} series, or {limits.LABELS_PER_SERIES} labels")
            if any(len(word) > limits.LABEL_CHARACTERS for word in labels.values()):
                raise ValueError(f"a label of {name} has more than {limits.LABEL_CHARACTERS} characters")
            samples.append(Sample(name, float(value), tuple(sorted(labels.items()))))
    return samples


SPEC: Final = SensorSpec(name="textfile", build=TextFiles, every_s=15)
