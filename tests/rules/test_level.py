# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.errors import RefusedError, UnknownError
from giamsat_rules.level import LEVELS
from giamsat_rules.load import load_pack
from giamsat_rules.rule import Parameter

CATALOGUE = """
pack: p
version: 1.0.0
parameters:
  x: {unit: n, stricter: lower, title: {vi: a, en: b}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "catalogue.yml").write_text(CATALOGUE)
    (tmp_path / "level-1.yml").write_text("include: [one, two]\nset: {x: 10}\n")
    for level in (2, 3, 4, 5):
        (tmp_path / f"level-{level}.yml").write_text(f"import: level-{level - 1}\n")
    return tmp_path


def test_a_level_is_what_remains_after_the_whole_chain(folder):
    (folder / "level-3.yml").write_text("import: level-2\nexclude: [two]\nset: {x: 5m}\n")
    (folder / "level-4.yml").write_text("import: level-3\ninclude: [two]\n")

    pack = load_pack(folder)

    assert [pack.profile(level).judges("two") for level in LEVELS] == [True, True, False, True, True]
    assert [pack.profile(level).value(Parameter("x")) for level in LEVELS] == [10, 10, 300, 300, 300]


def test_a_rule_no_level_mentions_is_judged_everywhere(folder):
    assert load_pack(folder).profile(1).judges("brought by the user")


@pytest.mark.parametrize("level", [None, 0, 9])
def test_unclassified_and_unknown_levels_get_the_strictest(folder, level):
    pack = load_pack(folder)

    assert pack.profile(level) is pack.profile(5)


def test_a_profile_hash_names_its_content(folder):
    before = load_pack(folder)
    (folder / "level-5.yml").write_text("import: level-4\nset: {x: 9}\n")
    after = load_pack(folder)

    assert after.profile(4).hash == before.profile(4).hash
    assert after.profile(5).hash != before.profile(5).hash
    assert len({before.profile(level).hash for level in LEVELS}) == 5


def test_a_value_nobody_set_is_said_with_the_remedy(folder):
    with pytest.raises(UnknownError, match=r"add it to level-2\.yml"):
        load_pack(folder).profile(2).value(Parameter("y"))


@pytest.mark.parametrize(
    ("file", "text", "line", "what"),
    [
        ("level-2.yml", "import: level-2\n", 1, "imports itself"),
        ("level-2.yml", "import: level-9\n", 1, "level-9"),
        ("level-2.yml", "import: level-1\nset:\n  y: 1\n", 3, "not declared"),
        ("level-2.yml", "import: level-1\nset:\n  x: soon\n", 3, "'soon'"),
        ("level-2.yml", "import: level-1\nset: [x]\n", 2, "not a map"),
        ("level-2.yml", "import: level-1\ninclude: {a: b}\n", 2, "not a list"),
        ("level-2.yml", "import: level-1\nexlude: [two]\n", 2, "exlude is not known"),
        ("catalogue.yml", f"{CATALOGUE}exemption: []\n", 6, "exemption is not known"),
        ("catalogue.yml", "pack: p\nversion: 1\nparameters:\n  x: {unit: n}\n", 4, "lacks unit"),
        ("catalogue.yml", "version: 1\n", 1, "pack or version"),
        ("catalogue.yml", CATALOGUE + "exemptions: [{parameter: x, level: 2}]\n", 6, "exemption lacks"),
    ],
)
def test_a_faulty_pack_is_refused_with_file_and_line(folder, file, text, line, what):
    (folder / file).write_text(text)

    with pytest.raises(RefusedError) as caught:
        load_pack(folder)

    assert any(
        problem.origin.file.name == file and problem.origin.line == line and what in problem.what
        for problem in caught.value.problems
    )


def test_a_fault_that_every_higher_level_inherits_is_named_once(folder):
    (folder / "level-1.yml").write_text("include: [one, two]\nset: {y: 10}\n")

    with pytest.raises(RefusedError) as refused:
        load_pack(folder)

    assert [problem.what for problem in refused.value.problems] == ["y is set and not declared"]


def test_a_missing_level_is_refused(folder):
    (folder / "level-3.yml").unlink()

    with pytest.raises(RefusedError, match=r"level-3\.yml"):
        load_pack(folder)


def test_the_shipped_pack_goes_by_the_name_of_its_standard(shipped_pack):
    assert shipped_pack.name == "tcvn11930-2017"
    assert shipped_pack.origin.file.name == "catalogue.yml"
