# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.health import Health

ENGLISH = Reader(Languages().named("en"), ZoneInfo("UTC"), 0)


def host(**known):
    return HostStatus("A", "a", "u", "U", None, None, **known)


def test_each_condition_is_counted_apart():
    statuses = [host(heard_ns=1, silent=False)] * 2 + [host(heard_ns=1), host(heard_ns=1, left="x"), host()]

    assert Health.of(statuses, ENGLISH) == Health(
        "2 hosts reporting", "1 host silent", "2 hosts stopped or never connected", none=False
    )


def test_no_trouble_is_no_word():
    assert Health.of([host(heard_ns=1, silent=False)], ENGLISH).silent == ""
    assert Health.of([], ENGLISH).none
