# SPDX-License-Identifier: Apache-2.0
import shutil

import pytest

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import identity
from giamsat_agent.uplink.identity_check import emergency_keys, must_fit
from giamsat_wire.clock import SystemClock
from support.authority import open_authority
from support.emergency_keys import made_keys
from support.push_server import enrolled


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two hosts' identities."""
    top = tmp_path_factory.mktemp("identities")
    authority = open_authority(top / "ca", SystemClock())
    for name in ("one", "other"):
        identity.store(top / name, enrolled(authority), b"bound")
    return top


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made / "one", tmp_path / "identity")


def test_what_belongs_together_fits(folder):
    must_fit(folder, 1)


@pytest.mark.parametrize("name", ["tls-1.key", "chain-1.pem", "roots.pem"])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:150], lambda data: bytes(len(data))])
def test_what_is_damaged_is_named(folder, name, damage):
    (folder / name).write_bytes(damage((folder / name).read_bytes()))

    with pytest.raises(IdentityError, match=rf"{name}.*: hỏng .* / damaged, .*enrol anew"):
        must_fit(folder, 1)


@pytest.mark.parametrize("name", ["tls-1.key", "chain-1.pem"])
def test_what_is_another_hosts_is_named(folder, made, name):
    shutil.copy(made / "other" / name, folder / name)

    with pytest.raises(IdentityError, match=rf"{name}.*key values mismatch"):
        must_fit(folder, 1)


def test_a_key_behind_a_password_is_not_asked_for(folder):
    locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHs\n-----END ENCRYPTED PRIVATE KEY-----\n"
    (folder / "tls-1.key").write_text(locked)

    with pytest.raises(IdentityError, match=r"tls-1\.key"):
        must_fit(folder, 1)


def test_emergency_keys_that_would_fail_on_the_day_they_are_needed_are_named_before(tmp_path):
    keys, files = made_keys(tmp_path)
    names = [str(file) for file in files]
    assert emergency_keys(names) == tuple(key.public_key().public_bytes_raw() for key in keys)
    assert emergency_keys(()) == ()

    files[2].write_bytes(files[0].read_bytes())
    with pytest.raises(IdentityError, match=r"emergency-1\.pub, .*emergency-3\.pub: the same"):
        emergency_keys(names)
    files[2].unlink()
    with pytest.raises(IdentityError, match=r"emergency-3\.pub: .* / the emergency key cannot be read: No such file"):
        emergency_keys(names)
