# SPDX-License-Identifier: Apache-2.0
"""Hostile certificate requests: nothing of them but the key comes into a certificate; a lost answer is repeated."""

import contextlib
import random
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import select

from giamsat_collector.enrol import agents, redemption
from giamsat_collector.enrol.redemption import REPEAT_NS
from giamsat_collector.enrol.tables import tokens as token_table
from giamsat_collector.enrol.tokens import TokenError
from giamsat_collector.signing.possession import KeyRefusedError, enrolling
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import csr, fresh_key, request, spki
from support.enrolling import issued_token

NOW = ManualClock().wall_ns()
FOREIGN = "spiffe://giamsat/unit/40.999/agent/22222222-2222-4222-8222-222222222222"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return open_authority(tmp_path_factory.mktemp("authority") / "ca", ManualClock())


@pytest.fixture
def token(connection, authority):
    return issued(connection, authority)


def issued(connection, authority, uses=1):
    return issued_token(connection, authority, uses=uses)


def redeem(connection, wanted, authority, now=NOW):
    with connection.begin_nested():
        keys, agent_id = redemption.proved(wanted), str(uuid.uuid4())
        decided = {
            "address": None,
            "agent_id": agent_id,
            "issue": authority.issue,
            "now_ns": now,
            "repeat_ns": REPEAT_NS,
        }
        return redemption.redeem(connection, wanted, keys, **decided)


def leaf(agent):
    return x509.load_pem_x509_certificates(agent.current.chain_pem)[0]


def uses(connection):
    return connection.scalar(select(token_table.c.used))


def refused(wanted):
    with pytest.raises(KeyRefusedError) as caught:
        redemption.proved(wanted)
    return caught.value.reason


def test_whatever_a_request_asks_for_the_certificate_says_what_the_token_says(connection, authority, token):
    tls = fresh_key()
    hostile = csr(
        tls,
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier(FOREIGN), x509.DNSName("soc.example")]),
        x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH, x509.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]),
        name="giamsat root",
    )

    agent, grant = redeem(connection, request(token, tls=tls, csr_der=hostile), authority)

    given = leaf(agent)
    names = given.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == [f"spiffe://giamsat/unit/40.412/agent/{agent.id}"]
    assert given.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert given.subject == x509.Name([])
    assert list(given.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        x509.ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    assert given.public_key() == tls.public_key()
    assert (agent.unit, grant.system) == ("40.412", "S1")


def test_whatever_bytes_of_a_request_are_changed_nothing_but_its_key_is_certified(connection, authority):
    token, draw = issued(connection, authority, uses=50), random.Random(3)
    hostile = csr(
        fresh_key(),
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier(FOREIGN)]),
        name="giamsat root",
    )
    given = []
    for _ in range(500):
        changed = bytearray(hostile)
        for _ in range(draw.choice((0, 1, 1, 2, 8))):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        with contextlib.suppress(KeyRefusedError):
            given.append(redeem(connection, request(token, csr_der=bytes(changed)), authority)[0])

    assert len(given) == 1, "the first that was left as it was; its key is refused after that"
    assert [
        name.value for name in leaf(given[0]).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    ] == [f"spiffe://giamsat/unit/40.412/agent/{given[0].id}"]
    assert leaf(given[0]).subject == x509.Name([])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda token: request(token, tls=rsa.generate_private_key(65537, 2048)), "key_type"),
        (lambda token: request(token, bound=rsa.generate_private_key(65537, 2048)), "key_type"),
        (lambda token: request(token, tls=fresh_key(ec.SECP384R1())), "key_type"),
        (lambda token: request(token, bound=fresh_key(ec.SECP384R1())), "key_type"),
        (lambda token: request(token, csr_der=b""), "malformed"),
        (lambda token: request(token, csr_der=b"\x30\x82\x01\x00" + b"\xff" * 256), "malformed"),
        (lambda token: request(token, csr_der=csr(fresh_key(), name="x" * 64) + b"trailing"), "malformed"),
        (lambda token: request(token, csr_der=b"\x30" * 5_000), "oversized"),
        (lambda token: request(token, signature=b""), "no_possession"),
        (lambda token: request(token, signature=b"\x30\x00"), "no_possession"),
    ],
    ids=["tls-rsa", "bound-rsa", "tls-p384", "bound-p384", "empty", "garbage", "trailing", "huge", "none", "not-it"],
)
def test_a_request_that_proves_nothing_is_refused_with_its_reason(token, make, reason):
    assert refused(make(token)) == reason


def test_a_request_signed_by_another_key_is_refused(token):
    honest = csr(fresh_key())

    assert refused(request(token, csr_der=honest[:-4] + bytes(4))) in {"no_possession", "malformed"}


def test_the_bound_keys_signature_is_for_this_token_and_this_request_alone(token):
    bound, tls = fresh_key(), fresh_key()
    other = bound.sign(enrolling("another", csr(tls), spki(bound)), ec.ECDSA(hashes.SHA256()))

    assert refused(request(token, tls=tls, bound=bound, signature=other)) == "no_possession"


def test_one_key_cannot_stand_in_for_both(token):
    key = fresh_key()

    assert refused(request(token, tls=key, bound=key)) == "key_reused"


def test_a_lost_answer_is_given_again_for_ten_minutes_and_spends_nothing(connection, authority, token):
    tls, bound = fresh_key(), fresh_key()
    wanted = request(token, tls=tls, bound=bound)
    first, _ = redeem(connection, wanted, authority)

    again, grant = redeem(connection, request(token, tls=tls, bound=bound), authority, NOW + REPEAT_NS - 1)

    assert (again, grant, uses(connection)) == (first, None, 1)
    with pytest.raises(KeyRefusedError, match="used before"):
        redeem(connection, wanted, authority, NOW + REPEAT_NS)


@pytest.mark.parametrize("change", [{"secret": "x" * 26}, {"bound": fresh_key()}])
def test_nobody_else_gets_an_answer_repeated(connection, authority, change):
    token = issued(connection, authority, uses=2)
    tls, bound = fresh_key(), fresh_key()
    redeem(connection, request(token, tls=tls, bound=bound), authority)

    with pytest.raises(KeyRefusedError):
        redeem(connection, request(token, **{"tls": tls, "bound": bound, **change}), authority)


def test_a_revoked_agent_gets_no_answer_repeated(connection, authority, token):
    wanted = request(token)
    agent, _ = redeem(connection, wanted, authority)
    agents.revoke(connection, agent.id, "stolen", NOW)

    with pytest.raises(KeyRefusedError):
        redeem(connection, wanted, authority)


def test_a_bound_key_that_was_seen_before_is_refused_and_the_token_is_not_spent(connection, authority):
    token, bound = issued(connection, authority, uses=2), fresh_key()
    redeem(connection, request(token, bound=bound), authority)

    with pytest.raises(KeyRefusedError, match="make a new one"):
        redeem(connection, request(token, bound=bound), authority)

    assert (uses(connection), len(agents.every(connection))) == (1, 1)


def test_a_wrong_secret_makes_no_agent(connection, authority, token):
    with pytest.raises(TokenError):
        redeem(connection, request(token, secret="y" * 26), authority)

    assert (agents.every(connection), uses(connection)) == ({}, 0)


def test_what_a_host_says_of_itself_is_kept_bounded(connection, authority, token):
    agent, _ = redeem(connection, request(token, hostname="m" * 999, machine_id="i" * 999, os="o" * 999), authority)

    assert (len(agent.hostname), len(agent.machine_id), len(agent.os)) == (255, 64, 200)
