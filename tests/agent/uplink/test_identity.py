# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import identity
from giamsat_agent.uplink.identity import Identity

WHO = Identity("id-1", "40.412", b"key", b"chain", b"roots")


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
    (folder / "tls.key").chmod(0o644)

    with pytest.raises(IdentityError, match="chmod 600"):
        identity.load(folder)


@pytest.mark.parametrize("name", ["tls.key", "chain.pem", "roots.pem"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()

    with pytest.raises(IdentityError, match=name):
        identity.load(folder)


def test_a_damaged_file_is_refused(folder):
    (folder / "agent.json").write_bytes(b"{")

    with pytest.raises(IdentityError, match="enrol anew"):
        identity.load(folder)
