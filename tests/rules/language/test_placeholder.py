# SPDX-License-Identifier: Apache-2.0
from giamsat_rules.load import load_rules


def test_a_placeholder_is_filled_from_the_list_of_its_name(tmp_path, detection):
    (tmp_path / "lists.yml").write_text("admins: [an, 'binh']\n")
    (tmp_path / "r.yml").write_text(detection("r", "{user.name|expand: '%admins%'}"))

    rule = load_rules(tmp_path).rules["r"]

    assert [rule.matches({"user.name": name}) for name in ("An", "BINH", "chi")] == [True, True, False]


def test_a_placeholder_without_a_list_is_refused_by_its_name(tmp_path, detection):
    (tmp_path / "r.yml").write_text(detection("r", "{user.name|expand: '%admins%'}"))

    (problem,) = load_rules(tmp_path).problems

    assert "%admins%" in problem.what


def test_a_list_that_is_none_is_told(tmp_path, detection):
    (tmp_path / "lists.yml").write_text("admins: an\n")
    (tmp_path / "r.yml").write_text(detection("r", "{a: 1}"))

    assert "not a list" in load_rules(tmp_path).problems[0].what
