# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from giamsat_collector.signing.decision import (
    AGENTS_PER_HOUR,
    DAY_NS,
    HOUR_NS,
    OWN_PER_HOUR,
    PER_AGENT_A_DAY,
    Decision,
    Signed,
    SigningRefusedError,
    Wanted,
)
from giamsat_collector.signing.possession import KeyRefusedError, enrolling, renewing, spki_sha256
from support.csr import csr, fresh_key, spki

NOW = 10 * DAY_NS
LIFE = 14 * DAY_NS
AGENT = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
BOUND = fresh_key()


def wanted(*, tls=None, bound=BOUND, token="", generation=2, agent_id=AGENT, unit="40.412"):
    request = csr(tls or fresh_key())
    digest = enrolling(token, request, spki(bound)) if token else renewing(agent_id, generation - 1, request)
    signature = bound.sign(digest, ec.ECDSA(hashes.SHA256()))
    return Wanted(agent_id, unit, generation, request, spki(bound), signature, token)


def record(asked, key, at_ns=NOW):
    return Signed(
        asked.agent_id,
        asked.unit,
        asked.generation,
        asked.token,
        spki_sha256(key),
        spki_sha256(BOUND.public_key()),
        at_ns,
        at_ns + LIFE,
    )


@pytest.fixture
def decision():
    """One that has signed the first certificate of an agent."""
    decision = Decision()
    first = wanted(token="t1", generation=1)
    decision.signed(record(first, decision.agent(first, NOW)))
    return decision


def refusal(decision, asked, now_ns=NOW):
    with pytest.raises((SigningRefusedError, KeyRefusedError)) as caught:
        decision.agent(asked, now_ns)
    return caught.value.reason


def test_the_next_certificate_goes_to_the_key_that_was_asked_for(decision):
    key = fresh_key()

    assert decision.agent(wanted(tls=key), NOW) == key.public_key()


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (wanted(generation=4), "generation"),
        (wanted(generation=1), "generation"),
        (wanted(unit="40.999"), "unit"),
        (wanted(bound=fresh_key()), "bound_key"),
        (wanted(agent_id=OTHER), "bound_key"),
        (wanted(agent_id=OTHER, token="t2", generation=1), "bound_key"),
        (replace(wanted(), bound_signature=b"\x30\x00"), "no_possession"),
        (replace(wanted(), generation=3), "no_possession"),
        (replace(wanted(), token="t1"), "no_possession"),
        (replace(wanted(), csr_der=b"garbage"), "malformed"),
        (replace(wanted(), csr_der=csr(rsa.generate_private_key(65537, 2048))), "key_type"),
        (replace(wanted(), csr_der=csr(fresh_key(ec.SECP384R1()))), "key_type"),
        (wanted(agent_id="A1"), "name"),
        (wanted(unit="40.412/agent/x"), "name"),
        (wanted(unit="40.412\n"), "name"),
        (wanted(unit=""), "name"),
    ],
)
def test_a_collector_in_wrong_hands_gets_nothing_that_the_host_did_not_ask_for(decision, asked, reason):
    assert refusal(decision, asked) == reason


def test_a_lost_answer_is_signed_again_for_the_same_key_alone_until_it_would_have_expired(decision):
    key = fresh_key()
    second = wanted(tls=key)
    decision.signed(record(second, decision.agent(second, NOW)))

    assert decision.agent(wanted(tls=key), NOW) == key.public_key()
    assert refusal(decision, wanted()) == "generation"
    assert decision.agent(wanted(), NOW + LIFE)


def test_an_enrolment_that_was_not_stored_may_be_asked_again_under_another_id(decision):
    assert decision.agent(wanted(agent_id=OTHER, token="t1", generation=1), NOW)


def test_an_agent_of_before_the_journal_is_believed_once_and_held_to_it_then():
    decision = Decision()
    later = wanted(generation=7)
    decision.signed(record(later, decision.agent(later, NOW)))

    assert refusal(decision, wanted(generation=8, bound=fresh_key())) == "bound_key"
    assert decision.agent(wanted(generation=8), NOW)


def test_an_agent_that_asks_all_the_time_waits_until_tomorrow(decision):
    for number in range(2, PER_AGENT_A_DAY + 1):
        asked = wanted(generation=number)
        decision.signed(record(asked, decision.agent(asked, NOW)))
    asked = wanted(generation=PER_AGENT_A_DAY + 1)

    assert refusal(decision, asked) == "agent_rate"
    assert decision.agent(asked, NOW + DAY_NS)


def test_so_many_certificates_within_an_hour_and_no_more():
    decision, key = Decision(), fresh_key().public_key()
    for number in range(AGENTS_PER_HOUR):
        one = Wanted(f"{number}", "u", 1, b"", b"", b"", "t")
        decision.signed(replace(record(one, key), bound_spki_sha256=number.to_bytes(32)))

    assert refusal(decision, wanted()) == "rate"
    assert decision.agent(wanted(), NOW + HOUR_NS)


def test_what_was_signed_by_a_clock_that_ran_ahead_counts_from_when_it_was_put_right(decision):
    for _ in range(OWN_PER_HOUR):
        decision.own(NOW + 100 * DAY_NS)
    for at_ns in (NOW, NOW + HOUR_NS - 1):
        with pytest.raises(SigningRefusedError, match="within the hour"):
            decision.own(at_ns)

    decision.own(NOW + HOUR_NS)


def test_the_collectors_own_certificates_are_limited_in_names_and_number():
    decision = Decision()
    for _ in range(OWN_PER_HOUR):
        decision.own(NOW, ("soc.example", "192.0.2.7", "2001:db8::1", "xn--nhm-xla.vn"))

    with pytest.raises(SigningRefusedError, match="within the hour"):
        decision.own(NOW, ("soc.example",))
    decision.own(NOW + HOUR_NS, ())
    for names in (("-rf",), ("a b",), ("*.example",), ("x",) * 33, ("soc.example\n",)):
        with pytest.raises(SigningRefusedError, match="names"):
            decision.own(NOW + 2 * HOUR_NS, names)
