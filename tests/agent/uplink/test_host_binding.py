# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.errors import MovedError
from giamsat_agent.uplink import host_binding
from giamsat_agent.uplink.host_binding import Home

KNOWN = Home("a1", ("00:16:3e:00:00:01", "00:16:3e:00:00:02"))


def test_an_identity_is_at_home_where_it_is_first_and_stays_there(tmp_path):
    host_binding.must_be_at_home(tmp_path, KNOWN)
    host_binding.must_be_at_home(tmp_path, KNOWN)

    with pytest.raises(MovedError, match="prepare-image"):
        host_binding.must_be_at_home(tmp_path, Home("b2", ("00:16:3e:00:00:09",)))
    host_binding.must_be_at_home(tmp_path, KNOWN)


@pytest.mark.parametrize(
    "now",
    [
        Home("a1", ("00:16:3e:00:00:09",)),
        Home("b2", ("00:16:3e:00:00:02", "00:16:3e:00:00:09")),
        Home("", ("00:16:3e:00:00:09",)),
        Home("b2", ()),
    ],
    ids=["other cards", "another machine id", "no machine id", "no cards"],
)
def test_a_host_of_which_something_is_still_so_is_the_same_and_known_as_it_is_now(tmp_path, now):
    host_binding.settle(tmp_path, KNOWN)

    host_binding.must_be_at_home(tmp_path, now)

    assert host_binding._known(tmp_path) == now


def test_who_confirms_it_goes_on(tmp_path):
    host_binding.settle(tmp_path, KNOWN)
    host_binding.settle(tmp_path, moved := Home("b2", ("00:16:3e:00:00:09",)))

    host_binding.must_be_at_home(tmp_path, moved)


def test_what_cannot_be_read_or_written_keeps_nobody_from_starting(tmp_path):
    (tmp_path / host_binding.FILE).write_text("{")
    host_binding.must_be_at_home(tmp_path, KNOWN)
    host_binding.must_be_at_home(tmp_path / "missing", KNOWN)

    assert host_binding._known(tmp_path) == KNOWN


def test_only_cards_of_the_host_itself_count(tmp_path, monkeypatch):
    for name, own in (("eth0", True), ("docker0", False), ("lo", False)):
        card = tmp_path / "class/net" / name
        card.mkdir(parents=True)
        (card / "address").write_text(f"00:00:00:00:00:0{len(name)}\n")
        if own:
            (card / "device").mkdir()
    (tmp_path / "machine-id").write_text("abc\n")
    monkeypatch.setattr(host_binding, "MACHINE_ID", tmp_path / "machine-id")

    assert host_binding.here(tmp_path) == Home("abc", ("00:00:00:00:00:04",))
