# SPDX-License-Identifier: Apache-2.0
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import keys
from giamsat_wire.clock import SystemClock
from support.authority import open_authority


def test_a_key_is_loaded_as_it_was_written():
    key = keys.fresh()

    assert keys.public_der(keys.load(keys.pem(key), "here")) == keys.public_der(key)


def test_a_request_says_nothing_but_the_key():
    key = keys.fresh()

    request = x509.load_der_x509_csr(keys.certificate_request(key))

    assert request.is_signature_valid
    assert (request.public_key(), len(request.subject), len(request.extensions)) == (key.public_key(), 0, 0)


def test_what_was_signed_is_verified_by_the_public_half():
    key = keys.fresh()

    assert key.public_key().verify(keys.sign(key, b"digest"), b"digest", ec.ECDSA(hashes.SHA256())) is None


@pytest.mark.parametrize("text", [b"", b"no key", "rsa"])
def test_what_is_no_key_of_ours_is_refused_by_the_name_of_its_file(text):
    if text == "rsa":
        text = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    with pytest.raises(IdentityError, match=r"bound\.key.*enrol this host anew"):
        keys.load(text, "bound.key")


@pytest.mark.parametrize("chain", [[], [b"no certificate"]])
def test_an_answer_without_a_certificate_is_refused(chain):
    with pytest.raises(IdentityError, match="tell the SOC"):
        keys.chain_pem(chain)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return open_authority(tmp_path_factory.mktemp("collector") / "ca", SystemClock())


def test_whom_to_seal_for_is_believed_when_our_root_stands_behind_it(authority):
    assert keys.carrier(authority.carrier.chain_pem, authority.root_pem) == authority.carrier.key.public_key()


DER = serialization.Encoding.DER


def _pem(*chain):
    return b"".join(part.public_bytes(serialization.Encoding.PEM) for part in chain)


@pytest.mark.parametrize(
    "given", ["nothing", "words", "another root", "an agent", "a server", "only the leaf", "swapped"]
)
def test_nobody_else_is_believed(authority, tmp_path, given):
    """An agent's and a server's certificates come from the same root, and are not what parcels are sealed for."""
    other = open_authority(tmp_path / "ca", SystemClock())
    leaf, issuer = authority.carrier.chain
    chain = {
        "nothing": b"",
        "words": b"no certificate",
        "another root": other.carrier.chain_pem,
        "an agent": _pem(*authority.agent(keys.fresh().public_key(), unit="40.412", agent_id="a")),
        "a server": _pem(*x509.load_pem_x509_certificates(authority.server(("localhost",)).chain)[:2]),
        "only the leaf": _pem(leaf),
        "swapped": _pem(issuer, leaf),
    }[given]

    with pytest.raises(IdentityError, match="not the carrier certificate"):
        keys.carrier(chain, authority.root_pem)


def test_roots_are_taken_when_they_vouch_for_themselves(authority, tmp_path):
    both = [root.public_bytes(DER) for root in rotated(tmp_path).roots]

    assert keys.roots_pem([]) == b""
    assert keys.roots_pem(both).count(b"BEGIN CERTIFICATE") == 2


def rotated(tmp_path):
    """An authority in the middle of a rotation."""
    keys_of = open_authority(tmp_path / "rotated", SystemClock()).keys
    keys_of.rotate()
    return keys_of


@pytest.mark.parametrize("given", ["garbage", "an issuer", "a server", "a root another vouches for", "too many"])
def test_nothing_else_is_taken_for_a_root(authority, tmp_path, given):
    held = rotated(tmp_path)
    server = held.server(keys.fresh().public_key(), ["localhost"])
    named = {
        "garbage": [b"no certificate"],
        "an issuer": [server[1].public_bytes(DER)],
        "a server": [server[0].public_bytes(DER)],
        "a root another vouches for": [server[2].public_bytes(DER)],
        "too many": [held.root.public_bytes(DER)] * 5,
    }[given]

    with pytest.raises(IdentityError, match="tell the SOC"):
        keys.roots_pem(named)


def test_whom_to_seal_for_is_believed_by_either_root_of_a_rotation(tmp_path):
    held = rotated(tmp_path)
    key, roots = keys.fresh(), _pem(*reversed(held.roots))

    assert keys.carrier(_pem(*held.carrier(key.public_key())), roots) == key.public_key()
