# SPDX-License-Identifier: Apache-2.0
"""Tells a program of one's own by HTTP: one POST, a JSON list, each alert in the shape of `alerts list --json`."""

from collections.abc import Sequence
from dataclasses import dataclass

from giamsat_collector.alerts import shape
from giamsat_collector.event_time import instant
from giamsat_collector.notifier import Notice
from giamsat_collector.notifying.http_post import Post


@dataclass(frozen=True, slots=True)
class WebhookNotifier:
    """Implements Notifier."""

    post: Post

    def tell(self, notices: Sequence[Notice]) -> None:
        """Post them all at once. `number` grows with each: who keeps the highest one takes nothing in twice."""
        self.post.send(
            [
                {
                    "number": notice.number,
                    "what": notice.what.value,
                    "at": instant(notice.at_ns),
                    "host": notice.host,
                    "unit_name": notice.unit,
                    "url": notice.address,
                    "alert": shape.as_json(notice.alert),
                }
                for notice in notices
            ]
        )
