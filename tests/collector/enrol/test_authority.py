# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import crypto

from giamsat_collector.enrol.authority import AGENT_LIFE, BACKDATED, open_authority, spki_sha256
from giamsat_collector.errors import StartError
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


def test_opened_again_it_is_the_same_authority(authority, tmp_path, clock):
    again = open_authority(tmp_path / "ca", clock)

    assert again.root_pem == authority.root_pem
    issued = again.agent(fresh_key().public_key(), unit="u", agent_id=AGENT)
    issued[0].verify_directly_issued_by(issued[1])
    issued[1].verify_directly_issued_by(authority.root)


def test_no_file_of_it_can_be_read_by_others(authority, tmp_path):
    files = list((tmp_path / "ca").iterdir())

    assert {path.name: path.stat().st_mode & 0o077 for path in files} == dict.fromkeys(
        (
            "agents.key",
            "agents.pem",
            "carrier.key",
            "carrier.pem",
            "root.key",
            "root.pem",
            "servers.key",
            "servers.pem",
        ),
        0,
    )
    assert (tmp_path / "ca").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("readings", [0, 1, 2])
def test_a_power_cut_while_it_is_made_leaves_no_half_authority(tmp_path, clock, readings):
    with pytest.raises(PowerCut):
        open_authority(tmp_path / "ca", CutClock(readings))

    assert not (tmp_path / "ca").exists()
    assert open_authority(tmp_path / "ca", clock).root_pem


@pytest.mark.parametrize("name", ["root.key", "agents.key", "servers.key"])
def test_a_key_that_others_may_read_stops_the_start_and_says_the_remedy(authority, tmp_path, clock, name):
    (tmp_path / "ca" / name).chmod(0o640)

    with pytest.raises(StartError, match=f"chmod 600 .*{name}"):
        open_authority(tmp_path / "ca", clock)


@pytest.mark.parametrize("name", ["root.pem", "agents.key", "servers.pem"])
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"\0garbage")])
def test_a_damaged_folder_names_itself_and_the_backup(authority, tmp_path, clock, name, damage):
    damage(tmp_path / "ca" / name)

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
    chain = x509.load_pem_x509_certificates(authority.server(("soc.example", "192.0.2.7", "2001:db8::1")).chain)

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
    of_server = x509.load_pem_x509_certificates(authority.server(["localhost"]).chain)[:2]
    of_agent = authority.agent(fresh_key().public_key(), unit="40.412", agent_id=AGENT)

    for leaf, issuer in (of_server, of_agent):
        below = [crypto.X509.from_cryptography(issuer)]
        verified = crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf), below).get_verified_chain()
        assert len(verified) == 3


def test_an_issuer_cannot_make_certificates_for_the_others_purpose(authority):
    _, agents = authority.agent(fresh_key().public_key(), unit="40.412", agent_id=AGENT)
    _, servers, _ = x509.load_pem_x509_certificates(authority.server(["localhost"]).chain)

    purposes = [list(extension(issuer, x509.ExtendedKeyUsage).value) for issuer in (agents, servers)]

    assert purposes == [[ExtendedKeyUsageOID.CLIENT_AUTH], [ExtendedKeyUsageOID.SERVER_AUTH]]
