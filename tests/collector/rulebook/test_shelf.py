# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError, StoreError
from giamsat_collector.rulebook.shelf import KEPT, About, Newest, Shelf
from giamsat_rules.load import Folders, bundled, shipped

FILES = bundled(Folders(shipped().detections / "accounts", shipped().pack))


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "rules")


def put(shelf):
    about = About(shelf.unused(shelf.current), "/a", "an", taken_ns=1, follows=shelf.current)
    shelf.put(about, FILES)
    return about


def test_at_first_the_configuration_is_in_force(shelf):
    assert (shelf.current, shelf.kept(), shelf.newest) == (0, (), None)


def test_what_is_put_is_in_force_once_it_is_chosen(shelf, tmp_path):
    about = put(shelf)
    assert shelf.current == 0

    shelf.choose(about.number)

    again = Shelf(tmp_path / "rules")
    assert (again.current, again.about(1)) == (1, about)
    assert bundled(again.folders(1)) == FILES


def test_each_remembers_what_it_followed_and_no_number_is_used_twice(shelf):
    for _ in range(2):
        shelf.choose(put(shelf).number)
    shelf.choose(1)

    third = put(shelf)

    assert (third.number, third.follows) == (3, 1)
    assert (shelf.unused(0), shelf.unused(9)) == (4, 10)


def test_only_the_newest_are_kept_and_always_the_one_in_force(shelf):
    for _ in range(KEPT + 2):
        shelf.choose(put(shelf).number)
    assert [about.number for about in shelf.kept()] == list(range(KEPT + 2, 2, -1))

    shelf.choose(3)
    for _ in range(KEPT):
        put(shelf)
    shelf.choose(3)

    assert 3 in {about.number for about in shelf.kept()}


def test_what_is_no_rulebook_is_refused(shelf):
    with pytest.raises(RefusedError):
        shelf.put(About(1, "/a", "an", taken_ns=1, follows=0), {"detections/a.yml": "x"})

    assert shelf.kept() == ()


@pytest.mark.parametrize("text", ["", "nonsense", "\xff"])
def test_damaged_notes_count_as_none(shelf, tmp_path, text):
    shelf.choose(put(shelf).number, Newest(7, "ab"))
    for name in ("current", "bundle.json", "1/about.json"):
        (tmp_path / "rules" / name).write_text(text, encoding="latin-1")

    assert (shelf.current, shelf.newest, shelf.kept()) == (0, None, ())


def test_the_newest_bundle_outlasts_a_restart(shelf, tmp_path):
    shelf.choose(0, Newest(7, "ab"))

    assert Shelf(tmp_path / "rules").newest == Newest(7, "ab")


def test_a_disk_that_refuses_is_told_with_its_path(shelf, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / ".current.new").mkdir()

    with pytest.raises(StoreError, match="current"):
        shelf.choose(1)


def test_a_bundle_is_remembered_before_it_is_in_force(shelf, tmp_path):
    (tmp_path / "rules" / ".current.new").mkdir(parents=True)

    with pytest.raises(StoreError):
        shelf.choose(1, Newest(7, "ab"))

    assert (shelf.current, shelf.newest) == (0, Newest(7, "ab"))
