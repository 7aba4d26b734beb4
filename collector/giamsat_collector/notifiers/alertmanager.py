# SPDX-License-Identifier: Apache-2.0
"""Tells Prometheus' Alertmanager, which groups, silences and passes on (API v2, POST /api/v2/alerts).

An alert that is open is said to last for `LASTS_NS`, since Alertmanager would else think after five minutes that it is
over; one that was closed ended when it was closed. What is open is told again and again: so it lasts for as long as it
is open, and an Alertmanager that was started anew, and has forgotten everything, knows it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from giamsat_collector.alerts import shape
from giamsat_collector.event_time import instant
from giamsat_collector.notifier import Notice
from giamsat_collector.notify_settings import What
from giamsat_collector.notifying.http_post import Post
from giamsat_collector.notifying.words import one_line

PATH: Final = "/api/v2/alerts"
REPEAT_S: Final = 300.0
"""Below five minutes it would cost more than it tells: how long one that was started anew may know nothing."""
LASTS_NS: Final = 30 * 86_400 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class AlertmanagerNotifier:
    """Implements Notifier; `post` names Alertmanager's address, with or without the path."""

    post: Post

    def tell(self, notices: Sequence[Notice]) -> None:
        """Send the last that is known of each alert."""
        newest = {notice.alert.id: notice for notice in notices}
        url = self.post.url.rstrip("/")
        replace(self.post, url=url if url.endswith(PATH) else url + PATH).send([_alert(one) for one in newest.values()])


def _alert(notice: Notice) -> dict[str, Any]:
    alert = notice.alert
    ends_ns = notice.at_ns if notice.what is What.CLOSE else notice.at_ns + LASTS_NS
    labels = {
        "alertname": alert.rule,
        "giamsat_id": alert.id,
        "asset": alert.asset,
        "unit": alert.unit,
        "system": alert.system or "",
        "protection_level": "unclassified" if alert.level is None else str(alert.level),
        "severity": alert.severity,
        "priority": f"P{alert.priority}",
    }
    return {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {
            "summary": one_line(f"{alert.title_vi} / {alert.title_en}"),
            "host": one_line(notice.host),
            "unit_name": one_line(notice.unit),
            "source": one_line(shape.main_source(alert) or ""),
        },
        "startsAt": instant(min(alert.opened_ns, ends_ns)),
        "endsAt": instant(ends_ns),
        "generatorURL": notice.address,
    }
