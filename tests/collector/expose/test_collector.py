# SPDX-License-Identifier: Apache-2.0
import subprocess
from dataclasses import replace

import pytest

from giamsat_collector.expose.collector import OwnMetrics
from support.own_page import READING
from support.peers import program


def lines(page):
    return [line for line in page.decode().splitlines() if line.startswith("giamsat_")]


def test_everything_that_was_counted_stands_on_the_page():
    found = lines(OwnMetrics().page(READING))

    assert {
        'giamsat_build_info{version="0.1.0"} 1.0',
        'giamsat_agents{state="silent"} 1.0',
        "giamsat_frames_received_total 100.0",
        'giamsat_incidents_open{serious="yes"} 2.0',
        'giamsat_incident_reports{standing="late"} 3.0',
        'giamsat_incident_reports{standing="near"} 0.0',
        "giamsat_suppressions 1.0",
        'giamsat_notifications_total{notifier="mail"} 7.0',
        'giamsat_notification_failures_total{notifier="mail"} 1.0',
        'giamsat_sources{condition="stopped"} 2.0',
        'giamsat_suppressed_total{rule="ssh_brute_force"} 20.0',
        "giamsat_frames_quarantined_total 1.0",
        'giamsat_ingest_refused_total{reason="unknown_agent"} 7.0',
        'giamsat_frames_declared_lost_total{lane="metric",reason="spool_full"} 8.0',
        'giamsat_alerts_open{protection_level="unclassified",severity="high"} 1.0',
        'giamsat_unit_alerts_open{unit="40.412"} 3.0',
        'giamsat_systems{protection_level="5"} 1.0',
        "giamsat_units 503.0",
        "giamsat_ingest_waiting_bytes 4096.0",
        "giamsat_ingest_waiting_seconds 1.5",
        "giamsat_database_size_bytes 8192.0",
        "giamsat_database_free_bytes 4096.0",
        'giamsat_coverage_systems{level="1",state="met"} 399.0',
        'giamsat_coverage_unit_systems{state="partly",unit="40.412"} 2.0',
        'giamsat_availability_ratio{protection_level="3",system="S1",unit="40.412"} 0.97',
        'giamsat_availability_seconds{state="down",system="S1"} 3600.0',
    } <= set(found)


def test_a_page_holds_only_the_reading_it_was_made_of():
    metrics = OwnMetrics()
    metrics.page(READING)

    found = lines(metrics.page(replace(READING, agents={"live": 4}, open_alerts={})))

    assert [line for line in found if line.startswith(("giamsat_agents{", "giamsat_alerts_open{"))] == [
        'giamsat_agents{state="live"} 4.0'
    ]


def test_text_from_outside_stays_inside_its_quotes():
    found = lines(OwnMetrics().page(replace(READING, refused={'x"} 1\nevil 1\n': 1})))

    assert not [line for line in found if line.startswith("evil")]
    assert 'giamsat_ingest_refused_total{reason="x\\"} 1\\nevil 1\\n"} 1.0' in found


@pytest.mark.peer("promtool")
def test_promtool_finds_nothing_wrong():
    page = OwnMetrics().page(READING)

    checked = subprocess.run([program("promtool"), "check", "metrics"], input=page, capture_output=True, check=False)

    assert (checked.returncode, checked.stderr, checked.stdout) == (0, b"", b"")
