# SPDX-License-Identifier: Apache-2.0
"""Renewal and recovery decided on rows: lost answers lock nobody out, copies are found, recoveries are counted."""

from dataclasses import replace
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.enrol import agents, renewal
from giamsat_collector.enrol.agents import RECOVERIES
from giamsat_collector.enrol.renewal import CopiedIdentityError, RenewalRefusedError, Request
from giamsat_collector.errors import RefusedError
from giamsat_collector.signing.certificates import AGENT_LIFE
from giamsat_collector.signing.possession import KeyRefusedError, renewing, spki_sha256
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import csr, fresh_key, spki
from support.enrolled import certified, enrolled

NOW = ManualClock().wall_ns()
AFTER = NOW + 1
AGENT = "11111111-1111-4111-8111-111111111111"
BOUND = fresh_key()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return open_authority(tmp_path_factory.mktemp("authority") / "ca", ManualClock())


@pytest.fixture
def renew(connection, authority):
    """Renew as the agent with this key; the certificate."""
    agents.add(connection, enrolled(AGENT, bound=spki_sha256(BOUND.public_key()), expires_ns=AFTER))

    def carry_out(key, decide=renewal.renew, now=NOW, *, vouched=True, **changes):
        request = asked(key, **changes)
        decide = partial(renewal.recover, vouched=lambda chain: vouched) if decide is renewal.recover else decide
        return decide(connection, request, renewal.proved(request), authority.issue, now)[1]

    return carry_out


def asked(key, *, generation=1, agent_id=AGENT, bound=BOUND, signature=None, machine_id="m"):
    request = csr(key)
    signed = bound.sign(renewing(agent_id, generation, request), ec.ECDSA(hashes.SHA256()))
    return Request(agent_id, generation, request, spki(bound), signature or signed, machine_id)


def refusal(renew, key, **words):
    with pytest.raises((RenewalRefusedError, KeyRefusedError)) as caught:
        renew(key, **words)
    return caught.value.reason


def test_the_next_certificate_waits_for_its_first_use(connection, renew):
    key = fresh_key()

    issued = renew(key)

    (leaf, _) = x509.load_pem_x509_certificates(issued.chain_pem)
    agent = agents.find(connection, AGENT)
    assert leaf.public_key() == key.public_key()
    assert (agent.current.generation, agent.pending) == (1, issued)
    assert (issued.generation, issued.expires_ns - NOW) == (2, AGENT_LIFE.total_seconds() * 1e9)


def test_a_lost_answer_is_given_again_and_locks_nobody(connection, renew):
    key = fresh_key()
    first = renew(key)
    again = renew(key)
    agents.confirm(connection, AGENT, 2)
    after_its_use = renew(key)

    assert first == again == after_its_use


def test_two_keys_that_ask_for_the_same_generation_are_two_holders_of_one_identity(renew):
    renew(fresh_key())

    assert refusal(renew, fresh_key()) == "identity_copied"


@pytest.mark.parametrize(
    ("generation", "reason"), [(0, "identity_copied"), (1, "identity_copied"), (4, "later_generation")]
)
def test_a_request_from_a_state_that_is_over_is_a_copys_and_from_a_later_one_of_before_a_backup(
    connection, renew, generation, reason
):
    for number in (1, 2):
        renew(fresh_key(), generation=number)
        agents.confirm(connection, AGENT, number + 1)

    assert refusal(renew, fresh_key(), generation=generation) == reason


def test_who_holds_what_was_pending_may_go_on_though_its_first_use_was_not_written_down(renew):
    renew(fresh_key())

    assert renew(fresh_key(), generation=2).generation == 3


def test_a_key_is_good_for_one_certificate(connection, renew):
    key = fresh_key()
    renew(key)
    agents.confirm(connection, AGENT, 2)

    assert refusal(renew, key, generation=2) == "key_reused"


def test_nothing_but_the_bound_key_can_ask(renew):
    other = fresh_key()

    assert refusal(renew, fresh_key(), bound=other) == "unknown_agent"
    assert refusal(renew, fresh_key(), signature=b"no") == "no_possession"
    assert refusal(renew, fresh_key(), agent_id="A9") == "unknown_agent"


def test_a_proof_is_good_for_the_request_it_was_made_for_only(connection, authority, renew):
    seen = asked(fresh_key())

    with pytest.raises(KeyRefusedError, match="bound key"):
        renewal.proved(replace(seen, csr_der=csr(fresh_key())))
    with pytest.raises(KeyRefusedError, match="bound key"):
        renewal.proved(replace(seen, generation=2))


@pytest.mark.parametrize(("end", "reason"), [(agents.lock, "locked"), (agents.revoke, "revoked")])
def test_an_agent_that_may_not_connect_is_given_nothing(connection, renew, end, reason):
    end(connection, AGENT, "stolen", NOW)

    assert refusal(renew, fresh_key()) == reason
    assert refusal(renew, fresh_key(), decide=renewal.recover, now=AFTER) == reason


def test_an_expired_certificate_is_recovered_a_few_times(connection, renew):
    for number in range(RECOVERIES):
        generation = number + 1
        late = agents.find(connection, AGENT).current.expires_ns
        assert renew(fresh_key(), decide=renewal.recover, now=late, generation=generation).generation == generation + 1
        agents.confirm(connection, AGENT, generation + 1)

    late = agents.find(connection, AGENT).current.expires_ns
    assert refusal(renew, fresh_key(), decide=renewal.recover, now=late, generation=4) == "no_recovery_left"
    agents.allow_recovery(connection, AGENT)
    assert renew(fresh_key(), decide=renewal.recover, now=late, generation=4).generation == 5


def test_another_recovery_is_allowed_to_who_has_none_and_may_connect(connection, renew):
    with pytest.raises(RefusedError, match="3 times by itself"):
        agents.allow_recovery(connection, AGENT)
    with pytest.raises(RefusedError, match="enrol agents"):
        agents.allow_recovery(connection, "A9")
    agents.revoke(connection, AGENT, "stolen", NOW)
    with pytest.raises(RefusedError, match="anew"):
        agents.allow_recovery(connection, AGENT)


def test_a_lost_answer_to_a_recovery_costs_no_second_one(connection, renew):
    key = fresh_key()

    assert renew(key, decide=renewal.recover, now=AFTER) == renew(key, decide=renewal.recover, now=AFTER)
    assert agents.find(connection, AGENT).recovery_left == RECOVERIES - 1


def test_a_certificate_that_is_still_good_is_renewed_not_recovered(renew):
    assert refusal(renew, fresh_key(), decide=renewal.recover) == "not_expired"


def test_a_copy_whose_certificate_expired_is_a_copy_though_the_identity_went_on_elsewhere(connection, renew):
    agents.certify(connection, AGENT, certified(2, b"n" * 32, "60"))
    agents.confirm(connection, AGENT, 2)

    assert refusal(renew, fresh_key(), decide=renewal.recover, now=AFTER) == "identity_copied"


def test_a_lost_answer_to_a_recovery_is_no_copy_though_the_certificate_was_used_since(connection, renew):
    key = fresh_key()
    lost = renew(key, decide=renewal.recover, now=AFTER)
    agents.confirm(connection, AGENT, 2)

    assert renew(key, decide=renewal.recover, now=AFTER) == lost


def test_another_host_cannot_recover(renew):
    assert refusal(renew, fresh_key(), decide=renewal.recover, now=AFTER, machine_id="n") == "other_host"


def test_what_was_pending_and_never_used_until_it_expired_makes_room(connection, renew):
    agents.certify(connection, AGENT, certified(2, b"n" * 32, "60", expires_ns=AFTER))

    assert renew(fresh_key(), decide=renewal.recover, now=AFTER).generation == 2


def test_a_copied_identity_is_said_with_what_to_do(renew):
    renew(fresh_key())

    with pytest.raises(CopiedIdentityError, match="enrolled anew"):
        renew(fresh_key())


def test_a_certificate_whose_root_is_gone_is_replaced_and_costs_no_recovery(connection, renew):
    before, key = agents.find(connection, AGENT).recovery_left, fresh_key()

    lost = renew(key, decide=renewal.recover, vouched=False)
    again = renew(key, decide=renewal.recover, vouched=False)

    assert (lost.generation, again.generation) == (2, 2)
    assert again.serial != lost.serial, "what is pending below a root that is gone is of no use"
    assert renew(key, decide=renewal.recover) == again, "an answer that was lost, below the root of now"
    assert agents.find(connection, AGENT).recovery_left == before
    assert refusal(renew, fresh_key(), decide=renewal.recover) == "not_expired"
