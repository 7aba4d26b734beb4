# SPDX-License-Identifier: Apache-2.0
import stat

import pytest

from giamsat_collector.errors import StartError
from giamsat_collector.expose.bearer import open_token
from support.full_disk import full_disk


def test_the_token_is_drawn_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "metrics.token"
    drawn = iter(["one", "two"])

    tokens = [open_token(path, lambda: next(drawn)) for _ in range(2)]

    assert tokens == ["one", "one"]
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("one", 0o600)


@pytest.mark.parametrize("left", ["", "\n"])
def test_a_file_without_a_token_gets_one(tmp_path, left):
    path = tmp_path / "metrics.token"
    path.write_text(left)

    assert open_token(path, lambda: "one") == path.read_text() == "one"


def test_a_disk_that_is_full_leaves_no_file_that_holds_nothing(tmp_path):
    path = tmp_path / "metrics.token"

    with full_disk(), pytest.raises(StartError, match=r"metrics\.token: .*mend that"):
        open_token(path, lambda: "one")

    assert not path.exists()


def test_a_file_that_is_no_text_stops_the_start_with_what_to_do(tmp_path):
    path = tmp_path / "metrics.token"
    path.write_bytes(b"\xff")

    with pytest.raises(StartError, match="remove the file"):
        open_token(path, lambda: "one")
