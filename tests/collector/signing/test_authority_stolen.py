# SPDX-License-Identifier: Apache-2.0
"""The keys of the authority are in other hands: a new root, and no other, from now on."""

import pytest

from giamsat_collector.signing.authority import open_authority
from support.clock import ManualClock
from support.csr import fresh_key
from support.identity_history import believed


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def authority(tmp_path, clock):
    return open_authority(tmp_path / "ca", clock)


def test_no_old_root_is_believed_and_none_vouches_for_the_new(authority, tmp_path, clock):
    first = authority.root
    authority.rotate()
    stolen = authority.root

    authority.replace()

    chain = authority.server(fresh_key().public_key(), ["localhost"])
    seen = [believed(chain, [root], clock.wall_ns() / 1e9) for root in (first, stolen, authority.root)]
    assert seen == [False, False, True]
    assert (authority.version, authority.rotating, authority.roots) == (3, False, (authority.root,))
    assert first not in chain
    assert [path.name for path in (tmp_path / "ca").iterdir()] == ["root-3"]
    again = open_authority(tmp_path / "ca", clock)
    assert (again.version, again.roots) == (3, (authority.root,))


def test_a_power_cut_in_the_middle_brings_no_old_root_back(authority, tmp_path, clock, monkeypatch):
    def cut(place):
        raise KeyboardInterrupt(place)

    monkeypatch.setattr("giamsat_collector.signing.authority._discard", cut)
    with pytest.raises(KeyboardInterrupt):
        authority.replace()

    again = open_authority(tmp_path / "ca", clock)

    assert (again.version, again.roots, again.rotating) == (2, (again.root,), False)
    assert list((tmp_path / "ca" / "root-1").glob("*.key")) == []
    again.rotate()
    assert open_authority(tmp_path / "ca", clock).roots == again.roots


def test_a_disk_that_refuses_to_forget_the_old_root_believes_it_no_more_all_the_same(authority, tmp_path, monkeypatch):
    def refuse(place):
        raise OSError(28, "No space left on device", place)

    old = authority.root
    monkeypatch.setattr("giamsat_collector.signing.authority._discard", refuse)

    authority.replace()

    assert old not in authority.roots
    assert authority.rotating is False
