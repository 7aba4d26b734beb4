# SPDX-License-Identifier: Apache-2.0
import base64
import errno
import math
import sys
from functools import reduce

import pytest
from cryptography import x509

from giamsat_collector.signing.decision import Decision
from giamsat_collector.signing.desk import Desk, Right, told
from giamsat_collector.signing.journal import Journal
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import csr, fresh_key, request

TOKEN = "gs1.aaaaaaaaaaaa.bbb.ccc"
NESTED = reduce(lambda inner, _: [inner], range(2 * sys.getrecursionlimit()), [])
AGENT = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path / "ca", ManualClock())


def asked(**changes):
    """A request for the first certificate of an agent."""
    host = request(TOKEN)
    parts = {"csr": host.csr_der, "bound": host.bound_spki_der, "signature": host.bound_signature}
    encoded = {name: base64.b64encode(value).decode() for name, value in parts.items()}
    return {"do": "agent", "agent": AGENT, "unit": "u", "generation": 1, "token": host.token_id, **encoded, **changes}


def ours(what, key=None, **words):
    return {"do": what, "csr": base64.b64encode(csr(key or fresh_key())).decode(), **words}


def test_a_certificate_leaves_only_after_it_was_written_down(authority, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        refused = authority.desk.answer(asked(), Right.SIGN)
    given = authority.desk.answer(asked(), Right.SIGN)

    assert (refused["refused"], refused["sentence"]) == (
        "disk",
        "the signer cannot write: No space left on device; free space on its disk",
    )
    assert len(given["chain"]) == 2
    assert authority.journal.lines == 1


def test_what_was_signed_before_a_restart_still_counts_after_it(authority, tmp_path):
    authority.desk.answer(asked(), Right.SIGN)

    decision = Decision()
    journal = Journal(tmp_path / "ca", told(decision))
    again = Desk(authority.keys, decision, journal, ManualClock()).answer(asked(unit="v"), Right.SIGN)

    assert (decision.agents, again["refused"]) == (1, "unit")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"do": "sign"},
        {"do": ["agent"]},
        {"do": "agent"},
        asked(generation="x"),
        asked(generation=True),
        asked(generation=1.0),
        asked(generation=math.inf),
        asked(generation=math.nan),
        asked(generation=0),
        asked(generation=1 << 31),
        {"do": NESTED},
        asked(csr=NESTED),
        ours("server", names="soc.example"),
        ours("server", names={"soc.example": 1}),
        asked(csr="%%%"),
        asked(unit=None),
        {"do": "server", "csr": "", "names": 7},
        ours("server", names=[]),
    ],
)
def test_whatever_is_asked_is_answered(authority, broken):
    answer = authority.desk.answer(broken, Right.ADMINISTER)

    assert answer["refused"] in {"request", "malformed", "name"}
    assert answer["sentence"]


def test_the_collector_may_have_things_signed_and_nothing_else(authority):
    answers = {what: authority.desk.answer({"do": what}, Right.SIGN) for what in ("rotate", "retire", "roots")}

    assert {what: answer.get("refused") for what, answer in answers.items()} == {
        "rotate": "user",
        "retire": "user",
        "roots": None,
    }
    assert authority.keys.version == 1


def test_of_a_request_of_the_collectors_own_only_the_key_is_taken(authority):
    key = fresh_key()
    hostile = csr(key, x509.BasicConstraints(ca=True, path_length=None), name="giamsat root")
    request_ = {"do": "server", "names": ["soc.example"], "csr": base64.b64encode(hostile).decode()}

    chain = authority.desk.answer(request_, Right.SIGN)["chain"]
    leaf = x509.load_pem_x509_certificate(chain[0].encode())

    assert leaf.public_key() == key.public_key()
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert leaf.subject.rfc4514_string() == "CN=soc.example"


def test_an_administrator_rotates_and_retires_and_the_journal_says_so(authority):
    first = authority.desk.answer({"do": "rotate"}, Right.ADMINISTER)
    again = authority.desk.answer({"do": "rotate"}, Right.ADMINISTER)
    last = authority.desk.answer({"do": "retire"}, Right.ADMINISTER)

    assert (first["version"], first["rotating"], len(first["roots"])) == (2, True, 2)
    assert (again["refused"], "under way" in again["sentence"]) == ("state", True)
    assert (last["rotating"], len(last["roots"]), last["issued"]) == (False, 1, 2)
