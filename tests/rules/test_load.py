# SPDX-License-Identifier: Apache-2.0
import shutil
import tracemalloc

import pytest

from giamsat_rules.errors import RefusedError, UnreadableError
from giamsat_rules.load import (
    Folders,
    bundled,
    load_cases,
    load_pack,
    load_rules,
    load_standards,
    shipped,
    unbundle,
    unbundled,
)


def test_the_shipped_folders_are_found_beside_the_checkout_too():
    assert (shipped().detections / "authentication" / "ssh_brute_force.yml").is_file()
    assert (shipped().pack / "catalogue.yml").is_file()


def test_one_faulty_rule_does_not_keep_the_others_out(rules_of, detection):
    ruleset = rules_of(
        detection("good", "{a: 1}"), "title: bad\nlogsource: {product: linux}\n", detection("fine", "{b: 1}")
    )

    assert set(ruleset.rules) == {"good", "fine"}
    assert len(ruleset.problems) == 1


def test_a_name_is_given_once(rules_of, detection):
    ruleset = rules_of(detection("r", "{a: 1}"), detection("r", "{a: 2}"))

    assert "is taken by" in ruleset.problems[0].what
    assert ruleset.rules["r"].matches({"a": 1})


def test_what_a_correlation_builds_on_is_silent_unless_it_generates(rules_of, detection, correlation):
    quiet = rules_of(detection("base", "{a: 1}"), correlation("many", "[base]"))
    loud = rules_of(detection("base", "{a: 1}"), correlation("many", "[base]") + "  generate: true\n")

    assert quiet.rules["base"].silent
    assert not loud.rules["base"].silent


@pytest.mark.parametrize("built_on", ["[absent]", "[many]", "[other]"])
def test_a_correlation_that_stands_on_nothing_is_refused(rules_of, correlation, built_on):
    ruleset = rules_of(correlation("many", built_on), correlation("other", "[many]"))

    assert ruleset.rules == {}
    assert len(ruleset.problems) == 2


def test_a_correlation_may_name_a_rule_by_its_id(rules_of, detection, correlation):
    base = detection("base", "{a: 1}") + "id: 72773ac2-75d1-41bc-8aff-d956fb8f0ae0\n"

    ruleset = rules_of(base, correlation("many", "[72773ac2-75d1-41bc-8aff-d956fb8f0ae0]"))

    assert ruleset.rules["many"].rules == ("base",)


def test_a_path_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UnreadableError, match="no such file or folder"):
        load_rules(tmp_path / "absent")
    with pytest.raises(RefusedError, match=r"catalogue\.yml"):
        load_pack(tmp_path)


def test_cases_are_found_beside_a_single_rule_file():
    rule = shipped().detections / "authentication" / "ssh_brute_force.yml"

    files, problems = load_cases(rule)

    assert [file.rule for file in files] == ["ssh_brute_force"]
    assert problems == ()
    assert set(load_rules(rule).rules) == {"ssh_failed_login", "ssh_brute_force"}


RULE = "title: x\nlogsource: {product: linux}\ndetection:\n  s: %s\n  condition: %s\n"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
        "a: " + "[" * 100_000,
        "a: " + "x" * 10_000_000,
        "".join(f"- {n}\n" for n in range(30_000)),
        RULE % ("{a: 1, a: 2}", "s"),
        RULE % ("{a: !!python/object/apply:os.system [id]}", "s"),
        RULE % ("{a: 1}", "(" * 5_000 + "s" + ")" * 5_000),
        RULE % ("{a: 1}", "not " * 900 + "s"),
        RULE % ("{a: 1}", " or ".join(["s"] * 20_000)),
        RULE % ("{a|windash|contains: [" + ",".join(["' -a -b -c'"] * 3_000) + "]}", "s"),
        RULE % ("{a|re: '((a{1,100}){1,100}){1,100}'}", "s"),
        RULE % ("{a|re: '(?=x)'}", "s"),
        RULE % ("{a: " + "9" * 5_000 + "}", "s"),
        RULE % ("{a|cidr: 1.2.3.4/8/9}", "s"),
        "title: a\0b\n",
        "{" * 50_000,
    ],
    ids=range(16),
)
def test_a_hostile_file_is_refused_with_its_line_and_what_to_do_in_little_memory(tmp_path, text):
    file = tmp_path / "hostile.yml"
    file.write_text(text)
    tracemalloc.start()

    found = load_rules(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.rules == {}
    assert found.problems
    assert all(problem.origin.line >= 1 and problem.what and problem.remedy for problem in found.problems)
    assert peak < 64 << 20


def test_what_is_bundled_is_unbundled_as_it_was(tmp_path):
    files = bundled(shipped())

    folders = unbundle(files, tmp_path / "new")

    assert bundled(folders) == files
    assert unbundled(tmp_path / "new") == folders


def test_a_folder_that_is_there_is_never_written_into(tmp_path):
    with pytest.raises(UnreadableError, match="does not exist yet"):
        unbundle({"detections/a.yml": "x"}, tmp_path)


def test_the_pack_that_judges_by_default_is_still_that_one_in_a_bundle(tmp_path):
    other = Folders(shipped().detections / "accounts", shipped().packs[1])

    folders = unbundle(bundled(other), tmp_path / "new")

    assert [folder.name for folder in folders.packs] == ["tcvn14423-2026", "tcvn11930-2017"]
    (tmp_path / "new" / "levels" / "default.yml").write_text("pack: tcvn2\n")
    with pytest.raises(UnreadableError, match="names none of tcvn11930-2017, tcvn14423-2026"):
        unbundled(tmp_path / "new")


def copied(tmp_path):
    levels = tmp_path / "levels"
    shutil.copytree(shipped().pack.parent, levels)
    return Folders(shipped().detections, levels / "tcvn14423-2026")


def test_a_level_may_stand_on_that_of_another_pack_and_say_only_what_differs(tmp_path):
    folders = copied(tmp_path)
    (folders.pack / "level-3.yml").write_text("import: tcvn11930-2017/level-3\nexclude: [sudo_rights_changed]\n")

    standards = load_standards(folders)
    ours, theirs = (standards.pack(name).profile(3) for name in ("tcvn14423-2026", "tcvn11930-2017"))

    assert standards.default.name == "tcvn14423-2026"
    assert theirs.rules - ours.rules == {"sudo_rights_changed"}
    assert (ours.judges("sudo_rights_changed"), ours.values) == (False, theirs.values)


@pytest.mark.parametrize("wanted", ["tcvn1/level-3", "../levels/tcvn11930-2017/level-3", "tcvn14423-2026/level-3"])
def test_what_is_imported_is_a_pack_beside_it_that_does_not_stand_on_itself(tmp_path, wanted):
    folders = copied(tmp_path)
    (folders.pack / "level-3.yml").write_text(f"import: {wanted}\n")

    with pytest.raises(RefusedError, match=r"level-3\.yml:1: import from .* which is no pack"):
        load_pack(folders.pack)


def test_packs_that_stand_on_each_other_are_refused(tmp_path):
    folders = copied(tmp_path)
    (folders.pack.parent / "tcvn11930-2017" / "level-1.yml").write_text("import: tcvn14423-2026/level-1\n")

    with pytest.raises(RefusedError, match="which is no pack"):
        load_pack(folders.pack)


def test_two_packs_of_one_name_are_refused(tmp_path):
    folders = copied(tmp_path)
    shutil.copytree(folders.pack, folders.pack.parent / "again")

    with pytest.raises(RefusedError, match=r"is taken by .*move one of the two folders elsewhere"):
        load_standards(folders)


@pytest.mark.parametrize("files", [{}, {"detections/a.yml": ""}, {"levels/x/catalogue.yml": ""}])
def test_a_bundle_needs_rules_and_one_pack(tmp_path, files):
    with pytest.raises(UnreadableError, match="needs rules and one"):
        unbundle(files, tmp_path / "new")
