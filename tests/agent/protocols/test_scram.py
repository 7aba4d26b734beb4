# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.protocols import scram

NONCE = "rOprNGfwEbeRWgbNEkqO"
SERVER = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"


def test_a_proof_needs_the_nonce_of_the_client_and_a_bounded_number_of_rounds():
    proof = scram.prove("pencil", NONCE, SERVER)

    assert proof.message.startswith("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=")
    for wrong in (
        SERVER.replace("rOpr", "xxxx"),
        SERVER.replace("4096", "99999999"),
        "",
        "r=a,s=b",
        f"r={NONCE},s=AA==,i=1",
    ):
        with pytest.raises(ValueError):
            scram.prove("pencil", NONCE, wrong)


def test_another_password_gives_another_proof_and_another_signature():
    one, other = (scram.prove(word, NONCE, SERVER) for word in ("pencil", "pencils"))

    assert one.message != other.message
    assert one.server_signature != other.server_signature
    assert scram.first(NONCE) == f"n,,n=,r={NONCE}"
