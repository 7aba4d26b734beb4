# SPDX-License-Identifier: Apache-2.0
import os
from dataclasses import replace

import pytest

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import identity
from giamsat_agent.uplink.identity import Identity, Validity

WHO = Identity("id-1", "40.412", b"key", b"chain", b"roots", Validity(1, 2), "soc:7444")
LATER = Validity(3, 4)


@pytest.fixture
def folder(tmp_path):
    identity.store(tmp_path / "identity", WHO, b"bound")
    return tmp_path / "identity"


def test_what_was_stored_is_loaded(folder):
    assert identity.load(folder) == WHO
    assert (folder / "bound.key").read_bytes() == b"bound"


def test_no_file_can_be_read_by_others(folder):
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
    assert folder.stat().st_mode & 0o077 == 0


def test_an_identity_is_never_overwritten(folder):
    with pytest.raises(IdentityError, match="has an identity already"):
        identity.store(folder, WHO, b"other")

    assert (folder / "bound.key").read_bytes() == b"bound"


def test_nothing_is_left_half_written(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # a full disk at the last moment, which no real one can be made to give

    with pytest.raises(IdentityError, match="No space left"):
        identity.store(tmp_path / "identity", WHO, b"bound")

    assert list(tmp_path.iterdir()) == []


def test_a_host_that_is_not_enrolled_is_told_what_to_run(tmp_path):
    with pytest.raises(IdentityError, match="giamsat-agent enrol --collector"):
        identity.load(tmp_path)


def test_a_key_that_others_may_read_is_refused_with_the_remedy(folder):
    (folder / "tls-1.key").chmod(0o644)

    with pytest.raises(IdentityError, match="chmod 600"):
        identity.load(folder)


@pytest.mark.parametrize("name", ["tls-1.key", "chain-1.pem", "roots.pem"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()

    with pytest.raises(IdentityError, match=name):
        identity.load(folder)


def test_a_damaged_file_is_refused(folder):
    (folder / "agent.json").write_bytes(b"{")

    with pytest.raises(IdentityError, match="enrol anew"):
        identity.load(folder)


def test_the_next_key_is_made_once_however_often_it_is_asked_for(folder):
    made = iter([b"second", b"third"])

    keys = [identity.next_key(folder, WHO, lambda: next(made)) for _ in range(2)]

    assert keys == [b"second", b"second"]
    assert identity.load(folder) == WHO
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}


def test_the_next_certificate_takes_the_place_of_the_one_before(folder):
    identity.next_key(folder, WHO, lambda: b"second")

    got = identity.advance(folder, WHO, b"chain of the second", LATER)

    assert got == replace(WHO, key=b"second", chain=b"chain of the second", validity=LATER, generation=2)
    assert identity.load(folder) == got
    assert sorted(path.name for path in folder.iterdir()) == [
        "agent.json",
        "bound.key",
        "chain-2.pem",
        "emergency.serial",
        "roots.pem",
        "tls-2.key",
    ]


def test_a_disk_that_refuses_leaves_the_identity_before_in_force(folder, monkeypatch):
    identity.next_key(folder, WHO, lambda: b"second")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # a full disk at the last moment, which no real one can be made to give
    with pytest.raises(IdentityError, match="No space left"):
        identity.advance(folder, WHO, b"chain of the second", LATER)
    monkeypatch.undo()

    assert identity.load(folder) == WHO
    assert identity.advance(folder, WHO, b"chain of the second", LATER).generation == 2


def test_the_bound_key_is_read_when_it_is_needed_and_from_nobody_elses_hands(folder):
    assert identity.bound_key(folder) == b"bound"
    (folder / "bound.key").chmod(0o640)

    with pytest.raises(IdentityError, match="chmod 600"):
        identity.bound_key(folder)
