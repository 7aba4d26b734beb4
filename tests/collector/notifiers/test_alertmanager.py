# SPDX-License-Identifier: Apache-2.0
import json
import time
import urllib.request
from dataclasses import replace

import pytest

from giamsat_collector.notifiers.alertmanager import AlertmanagerNotifier
from giamsat_collector.notify_settings import What
from giamsat_collector.notifying.http_post import Post
from support.notices import alertmanager, notice


@pytest.mark.peer("alertmanager")
def test_a_real_alertmanager_holds_an_alert_until_it_is_closed(tmp_path):
    now = time.time_ns()
    opened = replace(notice(1, opened_ns=now), at_ns=now)
    with alertmanager(tmp_path) as port:
        telling = AlertmanagerNotifier(Post(f"http://127.0.0.1:{port}"))

        def held():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/alerts") as answer:
                return json.load(answer)

        telling.tell([opened, replace(notice(2, opened_ns=now, id="b" * 16), at_ns=now)])
        first, second = sorted(held(), key=lambda one: one["labels"]["giamsat_id"] == "b" * 16)
        telling.tell([replace(opened, number=3, what=What.CLOSE, at_ns=time.time_ns())])
        left = held()

    assert first["labels"] | {"unit": "40.412", "priority": "P2", "protection_level": "3"} == first["labels"]
    assert first["labels"]["alertname"] == "ssh_brute_force"
    assert first["annotations"]["summary"] == "Dò mật khẩu SSH / SSH password guessing"
    assert first["annotations"]["source"] == "192.0.2.7"
    assert [one["labels"]["giamsat_id"] for one in left] == [second["labels"]["giamsat_id"]]
