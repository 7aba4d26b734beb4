# SPDX-License-Identifier: Apache-2.0
"""Samples as a Prometheus page: text format 0.0.4."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

from giamsat_wire.catalogue import metric
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


def _family(name: str, series: dict[Labels, float]) -> Iterator[str]:
    kind = metric(name)
    if kind.help:
        yield f"# HELP {name} {kind.help.translate(_HELP_ESCAPES)}\n"
    yield f"# TYPE {name} {kind.type}\n"
    for labels, value in series.items():
        yield f"{name}{_labels(labels)} {_number(value)}\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{value.translate(_LABEL_ESCAPES)}"' for name, value in labels)
    return f"{{{pairs}}}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    whole = int(value)
    return str(whole) if whole == value and abs(value) < EXACT_INTEGERS else repr(value)
