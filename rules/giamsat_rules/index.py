# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to.

A detection that needs one of a few values of event.action stands under each of them; one whose log source names an ECS
category stands under that; all others see every event. A service is held against the names an event carries of the
program that spoke. A log source this index does not know excludes nothing: the fields decide.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from giamsat_rules.compile import ACTION
from giamsat_rules.rule import Detection, Fields

CATEGORY: Final = "event.category"
CATEGORIES: Final = frozenset(
    {
        "api",
        "authentication",
        "configuration",
        "database",
        "driver",
        "email",
        "file",
        "host",
        "iam",
        "intrusion_detection",
        "library",
        "malware",
        "network",
        "package",
        "process",
        "registry",
        "session",
        "threat",
        "vulnerability",
        "web",
    }
)
"""The values ECS allows in event.category."""
SPEAKERS: Final = ("process.name", "service.name", "event.provider", "event.dataset")
"""Fields that say which program an event comes from."""


class Index:
    """Detections by what an event must have for them to hold."""

    def __init__(self, detections: Iterable[Detection]) -> None:
        self._by_action: dict[str, list[Detection]] = defaultdict(list)
        self._by_category: dict[str, list[Detection]] = defaultdict(list)
        self._always: list[Detection] = []
        for detection in detections:
            category = detection.logsource.category
            if detection.actions is not None:
                for action in detection.actions:
                    self._by_action[action.lower()].append(detection)
            elif category in CATEGORIES:
                self._by_category[category].append(detection)
            else:
                self._always.append(detection)

    def candidates(self, fields: Fields) -> Iterator[Detection]:
        """Every detection that may hold, each once."""
        action = fields.get(ACTION)
        if isinstance(action, str):
            yield from (each for each in self._by_action.get(action.lower(), ()) if _is_source(each, fields))
        for category in dict.fromkeys(_values(fields, CATEGORY)) if CATEGORY in fields else self._by_category:
            yield from (each for each in self._by_category.get(category, ()) if _is_source(each, fields))
        yield from (each for each in self._always if _is_source(each, fields))


def _is_source(detection: Detection, fields: Fields) -> bool:
    """Whether the event may come from the detection's log source."""
    category, service = detection.logsource.category, detection.logsource.service
    if category in CATEGORIES and CATEGORY in fields and category not in _values(fields, CATEGORY):
        return False
    if service is None or detection.logsource.product not in {None, "linux"}:
        return True
    speakers = [str(fields[name]) for name in SPEAKERS if name in fields]
    return not speakers or service in speakers


def _values(fields: Fields, name: str) -> tuple[str, ...]:
    value = fields.get(name, ())
    return value if isinstance(value, tuple) else (str(value),)
