# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

from giamsat_collector.notify_settings import What
from giamsat_collector.notifying import words
from support.notices import notice

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def test_a_person_reads_what_where_how_often_from_whom_and_when_by_two_clocks():
    said = words.text([notice()], "vi", ZONE)

    assert said.startswith("Cảnh báo mới: P2 Dò mật khẩu SSH\n")
    for line in ("máy-chủ-1  (A1)", "Thành phố Vinh", "S1", "12", "192.0.2.7", "30/11/2026 07:53:20 (00:53:20 UTC)"):
        assert f" {line}\n" in said, said
    assert "https://soc.example/alerts/" in said
    assert words.text([notice(what=What.CLOSE)], "en", ZONE).startswith("Alert closed: P2 SSH password guessing\n")


def test_an_unclassified_host_is_said_to_be_so():
    assert "chưa phân loại" in words.text([notice(level=None)], "vi", ZONE)


def test_the_most_urgent_gives_the_heading_and_comes_first():
    several = [notice(1, priority=3), notice(2, priority=1, title_vi="Mã độc"), notice(3, priority=2)]

    assert words.heading(several, "vi") == "P1 Mã độc: máy-chủ-1 (Thành phố Vinh) (+2)"
    assert words.text(several, "vi", ZONE).startswith("Cảnh báo mới: P1 Mã độc\n")


def test_what_a_host_sent_stays_one_bounded_line():
    hostile = replace(notice(), host="a\r\nBcc: x@y\x1b[2J\u202e" + "z" * 10_000)

    heading = words.heading([hostile], "vi")

    assert heading.isprintable()
    assert len(heading) <= words.CHARACTERS
    assert "\r" not in words.text([hostile], "vi", ZONE)
