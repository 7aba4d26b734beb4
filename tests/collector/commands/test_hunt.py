# SPDX-License-Identifier: Apache-2.0
import base64
import json

import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.packing import packed
from support.console_line import line
from support.listing import NOW, entry
from support.stored import holding, stored

SPAN = ("--since", "2027-01-15", "--until", "2027-01-16")
LISTED = {
    "name": "ncsc",
    "source": "",
    "brought_ns": NOW * 10**9,
    "lines": base64.b64encode(packed([entry("evil.example")])).decode(),
}


@pytest.fixture
def archive(tmp_path):
    archive = Archive(tmp_path / "archive")
    archive.append(3, [holding(1, "dns-query", dns__question__name="c2.evil.example", source__ip="10.0.0.5")])
    return archive


@pytest.mark.usefixtures("archive")
def test_who_met_a_list_before_it_came_is_told(tmp_path):
    with line(tmp_path, indicators__entries=[LISTED]) as here:
        shown, as_json = here.run("indicators", "hunt", *SPAN), here.run("indicators", "hunt", *SPAN, "--json")

    assert shown.stdout.startswith("evil.example  ncsc  contact  10.0.0.5  A1  × 1  15/01/2027 19:00:00 (12:00:00 UTC)")
    assert "1 mục khớp trong 1 khung" in shown.stderr
    assert json.loads(as_json.stdout)["first"] == "2027-01-15T12:00:00.000Z"


def test_frames_that_cannot_be_read_are_told_by_the_exit_code(tmp_path, archive):
    archive.append(3, [stored(2, payload=b"torn")])
    with line(tmp_path, indicators__entries=[LISTED]) as here:
        result = here.run("indicators", "hunt", *SPAN)

    assert (result.exit_code, "1 khung không đọc được" in result.stderr) == (2, True)


def test_a_list_that_does_not_exist_is_one_message(tmp_path):
    with line(tmp_path, indicators__entries=RefusedError("no such list: x")) as here:
        assert isinstance(here.run("indicators", "hunt", "--list", "x").exception, RefusedError)
