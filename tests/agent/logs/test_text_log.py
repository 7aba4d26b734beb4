# SPDX-License-Identifier: Apache-2.0
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from giamsat_agent.log import LogLost
from giamsat_agent.logs.text_log import LOST_AFTER_NS, TextLog, local_zone
from support.clock import ManualClock

LINE = "Nov 14 22:00:00 web1 sshd[{}]: hello\n"


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "auth.log"
    file.write_text(LINE.format(1))
    return file


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def log(path, clock):
    source = TextLog(path, provider="auth_log", clock=clock, zone=UTC)
    yield source
    source.close()


def pids(source):
    return [entry.pid for entry in source.read()]


def append(path, text):
    with path.open("a") as file:
        file.write(text)


def test_old_lines_are_not_read_at_the_first_start(log, path):
    assert pids(log) == []
    append(path, LINE.format(2))
    assert pids(log) == [2]


def test_a_cursor_leads_back_to_the_place(log, path, clock):
    pids(log)
    append(path, LINE.format(2))
    assert pids(log) == [2]
    append(path, LINE.format(3))

    again = TextLog(path, provider="auth_log", clock=clock, zone=UTC)
    again.resume(log.cursor())

    assert pids(again) == [3]
    again.close()


def test_a_cursor_nobody_knows_leads_to_the_start(log):
    log.resume({"dev": 1})

    assert pids(log) == [1]


def test_lines_that_are_no_syslog_are_passed_over(log, path):
    pids(log)
    append(path, "what is this\n" + LINE.format(2))

    assert pids(log) == [2]


def test_a_file_may_be_away_for_a_moment_but_not_for_long(log, path, clock):
    pids(log)
    path.unlink()
    assert pids(log) == []
    clock.advance(LOST_AFTER_NS)

    with pytest.raises(LogLost, match="does not exist"):
        pids(log)


def test_a_file_that_comes_back_is_read_from_its_first_line(log, path, clock):
    pids(log)
    path.unlink()
    clock.advance(LOST_AFTER_NS)
    with pytest.raises(LogLost):
        pids(log)
    path.write_text(LINE.format(2))

    assert pids(log) == [2]


def test_the_zone_is_the_hosts(tmp_path):
    assert local_zone(tmp_path) is UTC
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").write_bytes(b"not a zone")
    assert local_zone(tmp_path) is UTC
    (tmp_path / "etc/localtime").unlink()
    (tmp_path / "etc/localtime").symlink_to("/usr/share/zoneinfo/Asia/Ho_Chi_Minh")
    zone = local_zone(tmp_path)
    assert zone is UTC or isinstance(zone, ZoneInfo)
