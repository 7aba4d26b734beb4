# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import crypto

from giamsat_collector.errors import RefusedError, StartError
from giamsat_collector.signing.authority import open_authority
from giamsat_collector.signing.certificates import AGENT_LIFE, BACKDATED, ISSUER_LIFE, ROOT_LIFE
from giamsat_collector.signing.possession import spki_sha256
from support.clock import ManualClock
from support.csr import fresh_key

AGENT = "11111111-1111-4111-8111-111111111111"


class PowerCut(BaseException):
    """The end of a process in the middle of its work."""


class CutClock(ManualClock):
    """A clock at whose nth reading the power fails."""

    def __init__(self, readings):
        super().__init__()
        self.left = readings

    def wall_ns(self):
        self.left -= 1
        if self.left < 0:
            raise PowerCut
        return super().wall_ns()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def authority(tmp_path, clock):
    return open_authority(tmp_path / "ca", clock)


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


@pytest.mark.parametrize("coming", ["ca.restoring", "signer.restoring"])
def test_no_new_keys_are_made_while_the_old_ones_are_being_put_back(tmp_path, clock, coming):
    at = tmp_path / "signer/ca" if coming == "signer.restoring" else tmp_path / "ca"
    (tmp_path / coming).mkdir()

    with pytest.raises(StartError, match="backup finish"):
        open_authority(at, clock)

    (tmp_path / coming).rmdir()
    assert open_authority(at, clock).root


def test_opened_again_it_is_the_same_authority(authority, tmp_path, clock):
    again = open_authority(tmp_path / "ca", clock)

    assert again.root == authority.root
    issued = again.agent(fresh_key().public_key(), unit="u", agent_id=AGENT)
    issued[0].verify_directly_issued_by(issued[1])
    issued[1].verify_directly_issued_by(authority.root)


def test_no_file_of_it_can_be_read_by_others(authority, tmp_path):
    files = list((tmp_path / "ca").rglob("*"))

    assert {path.name: path.stat().st_mode & 0o077 for path in files} == dict.fromkeys(
        ("root-1", "agents.key", "agents.pem", "root.key", "root.pem", "servers.key", "servers.pem"), 0
    )
    assert (tmp_path / "ca").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("readings", [0, 1, 2, 4])
def test_a_power_cut_while_it_is_made_leaves_no_half_authority(tmp_path, clock, readings):
    with pytest.raises(PowerCut):
        open_authority(tmp_path / "ca", CutClock(readings))

    assert not (tmp_path / "ca").exists()
    assert open_authority(tmp_path / "ca", clock).root


@pytest.mark.parametrize("name", ["root.key", "agents.key", "servers.key"])
def test_a_key_that_others_may_read_stops_the_start_and_says_the_remedy(authority, tmp_path, clock, name):
    (tmp_path / "ca" / "root-1" / name).chmod(0o640)

    with pytest.raises(StartError, match=f"chmod 600 .*{name}"):
        open_authority(tmp_path / "ca", clock)


@pytest.mark.parametrize("name", ["root.pem", "agents.key", "servers.pem"])
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"\0garbage")])
def test_a_damaged_folder_names_itself_and_the_backup(authority, tmp_path, clock, name, damage):
    damage(tmp_path / "ca" / "root-1" / name)

    with pytest.raises(StartError, match=r"ca: .*backup"):
        open_authority(tmp_path / "ca", clock)


def test_an_agents_certificate_can_sign_nothing_and_serve_nobody(authority, clock):
    leaf, issuer = authority.agent(fresh_key().public_key(), unit="40.412", agent_id=AGENT)

    assert extension(leaf, x509.BasicConstraints).value.ca is False
    assert list(extension(leaf, x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert extension(leaf, x509.KeyUsage).value.key_cert_sign is False
    assert extension(issuer, x509.BasicConstraints).value == x509.BasicConstraints(ca=True, path_length=0)
    now = dt.datetime.fromtimestamp(clock.wall_ns() / 1e9, dt.UTC)
    assert (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (now - BACKDATED, now + AGENT_LIFE)


def test_an_agents_name_is_one_critical_uri_and_nothing_else(authority):
    leaf, _ = authority.agent(fresh_key().public_key(), unit="40.412", agent_id=AGENT)

    found = extension(leaf, x509.SubjectAlternativeName)
    assert (leaf.subject, found.critical) == (x509.Name([]), True)
    assert [name.value for name in found.value] == [f"spiffe://giamsat/unit/40.412/agent/{AGENT}"]


def test_a_servers_certificate_names_hosts_and_addresses_as_what_they_are(authority):
    chain = authority.server(fresh_key().public_key(), ("soc.example", "192.0.2.7", "2001:db8::1"))

    names = extension(chain[0], x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["soc.example"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("192.0.2.7"),
        ipaddress.ip_address("2001:db8::1"),
    ]
    assert list(extension(chain[0], x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    chain[0].verify_directly_issued_by(chain[1])
    assert chain[2] == authority.root


def test_serial_numbers_are_never_given_twice(authority):
    key = fresh_key().public_key()

    serials = {authority.agent(key, unit="u", agent_id=AGENT)[0].serial_number for _ in range(20)}

    assert len(serials) == 20


def test_only_elliptic_curve_keys_have_a_fingerprint_here():
    with pytest.raises(TypeError, match="elliptic-curve"):
        spki_sha256(rsa.generate_private_key(65537, 2048).public_key())


def test_a_verifier_that_holds_to_the_letter_accepts_every_chain(authority, clock):
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(authority.root))
    store.set_flags(crypto.X509StoreFlags.X509_STRICT)
    store.set_time(dt.datetime.fromtimestamp(clock.wall_ns() / 1e9, dt.UTC))
    of_server = authority.server(fresh_key().public_key(), ["localhost"])[:2]
    of_agent = authority.agent(fresh_key().public_key(), unit="40.412", agent_id=AGENT)

    for leaf, issuer in (of_server, of_agent):
        below = [crypto.X509.from_cryptography(issuer)]
        verified = crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf), below).get_verified_chain()
        assert len(verified) == 3


def test_an_issuer_cannot_make_certificates_for_the_others_purpose(authority):
    _, agents = authority.agent(fresh_key().public_key(), unit="40.412", agent_id=AGENT)
    _, servers, _ = authority.server(fresh_key().public_key(), ["localhost"])

    purposes = [list(extension(issuer, x509.ExtendedKeyUsage).value) for issuer in (agents, servers)]

    assert purposes == [[ExtendedKeyUsageOID.CLIENT_AUTH], [ExtendedKeyUsageOID.SERVER_AUTH]]


def flat(folder):
    """The folder as an earlier version kept it."""
    for path in (folder / "root-1").iterdir():
        path.rename(folder / path.name)
    (folder / "root-1").rmdir()


def test_the_folder_of_an_earlier_version_is_taken_over(authority, tmp_path, clock):
    flat(tmp_path / "ca")

    again = open_authority(tmp_path / "ca", clock)

    assert again.root == authority.root
    assert [path.name for path in (tmp_path / "ca").iterdir()] == ["root-1"]


def test_a_folder_left_in_the_middle_of_being_taken_over_is_finished(authority, tmp_path, clock):
    whole = {path.name: path.read_bytes() for path in (tmp_path / "ca" / "root-1").iterdir()}
    for name in ("root.pem", "agents.pem"):  # the last that are removed
        (tmp_path / "ca" / name).write_bytes(whole[name])
    (tmp_path / "ca" / ".root-half").mkdir()

    again = open_authority(tmp_path / "ca", clock)

    assert again.root == authority.root
    assert [path.name for path in (tmp_path / "ca").iterdir()] == ["root-1"]


def test_a_rotation_lasts_over_a_restart_and_the_old_keys_are_gone_from_its_beginning(authority, tmp_path, clock):
    old = authority.root
    authority.rotate()

    again = open_authority(tmp_path / "ca", clock)

    assert (again.version, again.rotating, again.roots) == (2, True, (authority.root, old))
    assert list((tmp_path / "ca" / "root-1").glob("*.key")) == []
    again.retire()
    last = open_authority(tmp_path / "ca", clock)
    assert (last.version, last.rotating, last.roots) == (2, False, (authority.root,))
    assert [path.name for path in (tmp_path / "ca").iterdir()] == ["root-2"]


@pytest.mark.parametrize("readings", [0, 1, 2, 4])
def test_a_power_cut_in_the_middle_of_a_rotation_leaves_the_old_root_whole(authority, tmp_path, clock, readings):
    opened = open_authority(tmp_path / "ca", CutClock(readings))

    with pytest.raises(PowerCut):
        opened.rotate()

    again = open_authority(tmp_path / "ca", clock)
    assert (again.version, again.root) == (1, authority.root)
    again.rotate()
    assert again.version == 2


def test_one_rotation_at_a_time(authority):
    with pytest.raises(RefusedError, match="no rotation"):
        authority.retire()
    authority.rotate()

    with pytest.raises(RefusedError, match="retire"):
        authority.rotate()


def test_no_issuer_outlives_its_root(authority, clock):
    clock.advance(int((ROOT_LIFE - ISSUER_LIFE / 4).total_seconds()) * 10**9)
    authority.keep_fresh()
    _, issuer = authority.agent(fresh_key().public_key(), unit="u", agent_id=AGENT)

    assert issuer.not_valid_after_utc == authority.root.not_valid_after_utc
    assert authority.keep_fresh() == ()
