# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

from giamsat_collector.alerts.alert import Change, Relation
from giamsat_collector.alerts.grouping import opened
from giamsat_collector.alerts.shape import as_full_json
from giamsat_collector.commands.one_alert import GROUPS, told
from support.verdicts import PLACEMENT, verdict

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOTHING = {"runbook": {"vi": "", "en": ""}, "measured_by": None, "consequences": 0}


def text(alert, history=(), **more):
    return "\n".join(told({**as_full_json(alert, history), **NOTHING, **more}, ZONE))


def test_what_happened_where_and_what_to_do_is_said_in_both_languages():
    alert = opened(verdict(count=7), PLACEMENT, 1)

    said = text(alert, runbook={"vi": "1. Xem. 2. Chặn.", "en": "1. Look. 2. Block."})

    assert said.startswith(f"P{alert.priority}  {alert.title_vi} / {alert.title_en}")
    assert "  2. Chặn.\n" in said
    assert "  2. Block.\n" in said
    assert PLACEMENT.unit in said


def test_text_of_a_host_cannot_drive_the_terminal():
    alert = replace(opened(verdict(), PLACEMENT, 1), evidence=({"user.name": "\x1b[2Jroot\u202e"},))
    history = (Change(alert.id, 1, "an\x07", "note", "new", "new", None, "\x1b]0;x\x07"),)

    said = text(alert, history)

    assert "\\x1b[2Jroot\\u202e" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_many_sources_are_cut_and_it_is_said():
    group = {"group": {"source.ip": "192.0.2.1"}, "count": 1, "last": "2026-11-29T11:00:00Z"}

    said = text(opened(verdict(), PLACEMENT, 1), groups=[group] * (GROUPS + 3))

    assert "… 3 nữa / more; --json" in said
    assert said.count("source.ip = 192.0.2.1") == GROUPS


def test_an_asset_of_no_system_is_unclassified():
    alert = replace(opened(verdict(), PLACEMENT, 1), level=None, system=None)

    assert "chưa phân loại / unclassified" in text(alert)
    assert "hệ thống / system -" in text(alert)


def test_by_which_pack_and_which_document_it_was_judged_is_said():
    signed = {"override": "portal", "system": "S1", "document": "12/QĐ", "expires": "2027-03-31"}
    by = {"pack": "tcvn14423-2026 1.0.0", "level": 3, "profile_of_level": "p", "overrides": [signed]}

    said = " ".join(text(opened(verdict(), PLACEMENT, 1), measured_by=by).split())

    assert "level pack tcvn14423-2026 1.0.0 cấp / level 3" in said
    assert "portal 12/QĐ tới / until 2027-03-31" in said


def test_what_stands_behind_an_alert_and_before_it_is_said():
    alert = opened(verdict(), PLACEMENT, 1)

    assert "alerts list state= cause=" + alert.id in text(alert, consequences=12)
    assert "cafe" in text(replace(alert, cause="cafe"))


def test_of_an_alert_that_tells_of_the_same_as_another_it_is_said_what_both_name():
    alert = opened(verdict(), PLACEMENT, 1)
    hidden = replace(alert, cause="cafe", relation=Relation.SAME)

    said = "\n".join(told({**as_full_json(hidden, (), alert), **NOTHING}, ZONE))
    assert "cùng vụ / same matter as" in said
    assert "cafe   source.ip 192.0.2.7   (không vào hàng đợi / not queued)" in said
