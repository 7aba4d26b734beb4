# SPDX-License-Identifier: Apache-2.0
"""Requests as a real host makes them, against the collector's end and a database on the disk."""

import shutil
from collections import Counter
from typing import Never, get_args

import pytest

from giamsat_agent import enrolment_by_hand as by_hand
from giamsat_agent.enrolment import parse_token
from giamsat_agent.errors import EnrolmentError
from giamsat_agent.uplink import identity
from giamsat_collector.enrol import agreement
from giamsat_collector.enrol.carried import REPEAT_NS, Carried
from giamsat_collector.enrol.signer import SignerError
from giamsat_collector.enrol.tokens import Reason, TokenError
from giamsat_collector.errors import RefusedError
from support.clock import ManualClock
from support.enrolling import HOUR_NS, desk


@pytest.fixture
async def office(tmp_path):
    (tmp_path / "collector").mkdir()
    async with desk(tmp_path / "collector", ManualClock()) as office:
        office.carried = Carried(office.store, office.service, "soc.example:7444")
        yield office


def asked(token, state, nonce=bytes(12)):
    return by_hand.request(parse_token(token), state, nonce, hostname="máy-1", machine_id="m1")


async def test_a_host_without_any_connection_becomes_an_agent(office, tmp_path):
    request = asked(await office.token(), tmp_path / "host")
    agent, answer = await office.carried.answer(request)

    who = by_hand.take(answer, tmp_path / "host")

    assert who == identity.load(tmp_path / "host" / "identity")
    assert (who.agent_id, who.unit, who.enrolment) == (agent.id, "40.412", "soc.example:7444")
    assert (agent.hostname, agent.machine_id, office.placed) == ("máy-1", "m1", [(agent.id, "40.412", "S1")])
    assert who.roots == office.authority.root_pem
    assert b"CERTIFICATE" in who.carrier
    assert not (tmp_path / "host" / by_hand.FOLDER).exists()
    with pytest.raises(EnrolmentError, match="enrolled already"):
        by_hand.take(answer, tmp_path / "host")


@pytest.mark.parametrize(
    "said", ["", "soc.example", "soc.example:0", "a b:7444", "x$(reboot):7444", f"{'x' * 999}:7444"]
)
async def test_an_answer_has_no_room_for_more_than_an_address(office, tmp_path, said):
    request = asked(await office.token(), tmp_path)

    _, answer = await Carried(office.store, office.service, said).answer(request)

    with pytest.raises(EnrolmentError, match="is not HOST:PORT"):
        by_hand.take(answer, tmp_path)
    assert not (tmp_path / "identity").exists()


async def test_a_stick_that_was_lost_is_written_again_and_gets_the_same_certificate(office, tmp_path):
    token = await office.token()
    first, second = asked(token, tmp_path), asked(token, tmp_path, b"another one!")
    agent, _ = await office.carried.answer(first)
    office.clock.advance(REPEAT_NS - 1)

    again, answer = await office.carried.answer(second)

    assert again == agent
    assert by_hand.take(answer, tmp_path).agent_id == agent.id
    assert len(list(office.allow_list)) == 1


async def test_an_answer_is_for_the_host_that_asked(office, tmp_path):
    _, answer = await office.carried.answer(asked(await office.token(), tmp_path / "one"))
    asked(await office.token(), tmp_path / "two")

    with pytest.raises(EnrolmentError, match="another host's"):
        by_hand.take(answer, tmp_path / "two")
    with pytest.raises(EnrolmentError, match="first: giamsat-agent enrol --export"):
        by_hand.take(answer, tmp_path / "three")
    with pytest.raises(EnrolmentError, match="copy it again"):
        by_hand.take(answer[:-1] + bytes([answer[-1] ^ 1]), tmp_path / "one")


async def test_an_answer_of_before_the_keys_were_made_anew_is_not_taken(office, tmp_path):
    token = await office.token(uses=2)
    _, answer = await office.carried.answer(asked(token, tmp_path))
    shutil.rmtree(tmp_path / by_hand.FOLDER)
    asked(token, tmp_path)

    with pytest.raises(EnrolmentError, match="another key"):
        by_hand.take(answer, tmp_path)


async def test_each_reason_is_counted_and_says_what_to_do(office, tmp_path):
    used, late = await office.token(), await office.token(lifetime_ns=HOUR_NS - 1)
    await office.carried.answer(asked(used, tmp_path / "first"))
    office.clock.advance(HOUR_NS - 1)
    mistyped = used.replace(used.split(".")[2], "a" * 26)
    unknown = used.replace(used.split(".")[1], "b" * 12)
    tries = {"used by another host": used, "has expired": late, "mistyped": mistyped, "no such token": unknown}

    for number, (sentence, token) in enumerate(tries.items()):
        with pytest.raises(RefusedError, match=sentence):
            await office.carried.answer(asked(token, tmp_path / str(number)))
    with pytest.raises(RefusedError, match="not an enrolment request"):
        await office.carried.answer(b"words")

    assert office.service.refused_total == {
        "carried_used_up": 1,
        "carried_expired": 1,
        "carried_damaged": 1,
        "carried_unknown": 1,
        "carried_not_an_enrolment": 1,
    }


async def test_a_token_that_waits_for_a_second_person_says_who_has_to_do_what(office, tmp_path):
    token = await office.token(two_persons=True)
    request = asked(token, tmp_path)

    with pytest.raises(RefusedError, match="enrol agree TOKEN' agrees to it; then import the same file"):
        await office.carried.answer(request)
    assert office.service.refused_total == {"carried_not_agreed": 1}
    await office.store.write(lambda connection: agreement.agree(connection, token.split(".")[1], "binh", 0))

    agent, answer = await office.carried.answer(request)

    assert by_hand.take(answer, tmp_path).agent_id == agent.id


@pytest.mark.parametrize("reason", get_args(Reason))
async def test_every_reason_a_token_can_be_refused_for_has_a_next_step(office, tmp_path, reason):
    class Refusing:
        def __init__(self):
            self.refused_total = Counter()

        async def redeem(self, *_: object) -> Never:
            raise TokenError(reason)

    refusing = Refusing()

    with pytest.raises(RefusedError, match=r"issue a new one|import the same file again"):
        await Carried(office.store, refusing, "").answer(asked(await office.token(), tmp_path))

    assert refusing.refused_total == {f"carried_{reason}": 1}


async def test_while_the_signer_is_gone_nothing_is_spent(office, tmp_path):
    request = asked(await office.token(), tmp_path)
    office.authority.gone = True
    with pytest.raises(SignerError):
        await office.carried.answer(request)
    office.authority.gone = False

    assert (await office.carried.answer(request))[0].unit == "40.412"
