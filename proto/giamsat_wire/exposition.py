# SPDX-License-Identifier: Apache-2.0
"""Samples as a Prometheus page: text format 0.0.4."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

from giamsat_wire.catalogue import MetricType, metric
from giamsat_wire.record import Labels, Sample

EXACT_INTEGERS: Final = 2.0**53
"""Whole numbers below this are written without a fraction; above, a float no longer holds each of them."""

_LABEL_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_HELP_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})


def render(samples: Iterable[Sample]) -> str:
    """The page, ordered by metric name; each metric under its help and type from the catalogue.

    Series of one metric keep the order they came in. Of a series that came twice the last value counts, since a page
    may not hold it twice.
    """
    families: dict[str, dict[Labels, float]] = {}
    for sample in samples:
        families.setdefault(sample.name, {})[sample.labels] = sample.value
    return "".join(line for name in sorted(families) for line in _family(name, families[name]))


def heading(name: str, declared: MetricType = MetricType.UNTYPED) -> str:
    """The help and type lines of a metric; `declared` is its type where the catalogue knows none."""
    kind = metric(name)
    said = f"# HELP {name} {kind.help.translate(_HELP_ESCAPES)}\n" if kind.help else ""
    return f"{said}# TYPE {name} {declared if kind.type is MetricType.UNTYPED else kind.type}\n"


def series(name: str, labels: Labels) -> str:
    """A series as it stands before its value, hostile label values safe inside their quotes."""
    if not labels:
        return name
    pairs = ",".join(f'{label}="{value.translate(_LABEL_ESCAPES)}"' for label, value in labels)
    return f"{name}{{{pairs}}}"


def number(value: float) -> str:
    """A value as Prometheus reads it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    whole = int(value)
    return str(whole) if whole == value and abs(value) < EXACT_INTEGERS else repr(value)


def _family(name: str, values: dict[Labels, float]) -> Iterator[str]:
    yield heading(name)
    for labels, value in values.items():
        yield f"{series(name, labels)} {number(value)}\n"
