# SPDX-License-Identifier: Apache-2.0
import base64
import datetime as dt
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.ingest.peer import IDENTITY, SupersededError, authenticate
from giamsat_collector.registry.importing import read_units
from giamsat_collector.signing.possession import spki_sha256
from support import enrolled as agents
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import fresh_key

AGENT = "11111111-1111-4111-8111-111111111111"
NAME = f"spiffe://giamsat/unit/40.412/agent/{AGENT}"
PEM = serialization.Encoding.PEM


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return open_authority(tmp_path_factory.mktemp("authority") / "ca", ManualClock())


def enrolled(certificate, generation=1, **words):
    return agents.enrolled(AGENT, **of(certificate, generation), **words)


def of(certificate, generation):
    """A certificate as the rows name it."""
    key = spki_sha256(certificate.public_key())
    return {"key": key, "serial": f"{certificate.serial_number:x}", "generation": generation}


def judged_peer(certificate, *known):
    context = {"x509_pem_cert": [certificate.public_bytes(PEM)]}
    return authenticate(context, {agent.id: agent for agent in known}.get)


def judged(certificate, *known):
    """Who the holder of a certificate is, or why nobody."""
    try:
        return judged_peer(certificate, *known).agent.id
    except PermissionError as error:
        return str(error)


def issued(authority, unit="40.412", key=None):
    return authority.agent((key or fresh_key()).public_key(), unit=unit, agent_id=AGENT)[0]


def named(*names):
    """A certificate with these alternative names, as no authority of ours would make it."""
    key = fresh_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    return builder.sign(key, hashes.SHA256())


def uri(text):
    return x509.UniformResourceIdentifier._init_without_validation(text)


def test_an_enrolled_agent_is_who_its_certificate_says(authority):
    certificate = issued(authority)

    assert judged(certificate, enrolled(certificate)) == AGENT


def test_without_a_certificate_nobody_is_there():
    with pytest.raises(PermissionError, match="no_certificate"):
        authenticate({}, {}.get)


@pytest.mark.parametrize("pem", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(pem):
    with pytest.raises(PermissionError, match="malformed_certificate"):
        authenticate({"x509_pem_cert": [pem]}, {}.get)


@pytest.mark.parametrize(
    "name",
    [
        NAME + "\n",
        NAME + "/",
        " " + NAME,
        NAME + "#x",
        NAME + "\0",
        NAME.replace("spiffe", "SPIFFE"),
        NAME.replace("giamsat/", "giamsat.evil/"),
        NAME.replace("40.412", "40.412/agent/x/unit/y"),
        NAME.replace("40.412", "%34%30.412"),
        NAME.replace("40.412", ""),
        NAME.replace("40.412", "x" * 65),
        NAME.replace("-4111", "-1111"),
        NAME.replace(AGENT, f"{{{AGENT}}}"),
        NAME.replace(AGENT, "A" + AGENT[1:]),
        NAME.replace(AGENT, "../" + AGENT),
    ],
)
def test_a_name_that_is_not_exactly_ours_names_nobody(name):
    certificate = named(uri(name))

    assert judged(certificate, enrolled(certificate)) == "malformed_identity"


@pytest.mark.parametrize("other", [uri(NAME), x509.DNSName("localhost")], ids=["twice", "another-kind"])
def test_a_certificate_of_two_names_names_nobody(other):
    certificate = named(uri(NAME), other)

    assert judged(certificate, enrolled(certificate)) == "malformed_identity"


def test_our_name_as_another_kind_of_name_names_nobody():
    certificate = named(x509.DNSName(NAME))

    assert judged(certificate, enrolled(certificate)) == "malformed_identity"


def test_a_certificate_of_a_version_that_does_not_exist_is_refused_like_any_other_damage(authority):
    der = (
        issued(authority)
        .public_bytes(serialization.Encoding.DER)
        .replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")
    )
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"

    with pytest.raises(PermissionError, match="malformed_certificate"):
        authenticate({"x509_pem_cert": [pem]}, {}.get)


def test_a_certificate_without_a_name_is_refused():
    assert judged(named()) == "malformed_certificate"


def test_a_servers_certificate_does_not_make_a_client(authority):
    (leaf, *_) = x509.load_pem_x509_certificates(authority.server(("localhost",)).chain)

    assert judged(leaf) == "malformed_identity"


def test_a_certificate_that_waits_for_its_first_use_is_good_beside_the_current_one(authority):
    current, later = issued(authority), issued(authority)
    agent = enrolled(current, pending=agents.certified(**of(later, 2)))

    found = {judged_peer(one, agent).certified.generation for one in (current, later)}

    assert found == {1, 2}


def test_a_certificate_that_was_replaced_is_over_and_whose_it_was_is_known(authority):
    replaced, current = issued(authority), issued(authority)

    with pytest.raises(SupersededError) as caught:
        judged_peer(replaced, enrolled(current, generation=2))

    assert caught.value.agent == AGENT


def test_a_locked_agent_is_told_why(authority):
    certificate = issued(authority)

    locked = replace(enrolled(certificate), locked_ns=1, locked_why="identity_copied")

    assert judged(certificate, locked) == "locked"


def test_an_agent_that_was_never_enrolled_is_unknown(authority):
    assert judged(issued(authority)) == "unknown_agent"


def test_an_agent_of_another_unit_than_the_row_says_is_unknown(authority):
    certificate = issued(authority, unit="40.999")

    assert judged(certificate, enrolled(certificate)) == "unknown_agent"


def test_a_revoked_agent_is_told_why(authority):
    certificate = issued(authority)

    gone = replace(enrolled(certificate), revoked_ns=1, revoked_why="stolen")
    assert judged(certificate, gone) == "revoked"


def test_of_two_certificates_of_one_key_only_the_newest_counts(authority):
    key = fresh_key()
    old, new = issued(authority, key=key), issued(authority, key=key)

    assert judged(old, enrolled(new)) == "superseded_certificate"
    assert judged(new, enrolled(new)) == AGENT


def test_a_certificate_of_another_key_is_not_the_agents(authority):
    assert judged(issued(authority), enrolled(issued(authority))) == "superseded_certificate"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=300), min_size=1, max_size=70))
def test_every_unit_the_registry_takes_can_be_named_by_a_certificate(unit):
    quoted = '"' + unit.replace('"', '""') + '"'
    read = read_units(f"code,name_vi,kind\n{quoted},Xã,commune\n".encode(), "units.csv")

    for record in read.records:
        assert IDENTITY.match(f"spiffe://giamsat/unit/{record.id}/agent/{AGENT}")
