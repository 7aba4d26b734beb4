# SPDX-License-Identifier: Apache-2.0
"""The code of a letter, as a person types it or a file holds it."""

import pytest

from giamsat_agent.enrolment import ask_token, parse_token, read_token
from giamsat_agent.errors import EnrolmentError
from giamsat_wire import typed_code

LETTER = typed_code.lines("gs1." + ".".join("abcdefghijklmnopqrstuvwxyz234567"[:length] for length in typed_code.PARTS))


def test_a_letters_lines_may_stand_in_a_file_in_place_of_the_token(tmp_path):
    lines = "\r\n".join(f"{line[:4]} {line[4:8]} {line[8:]}".upper() for line in LETTER)
    (tmp_path / "code").write_bytes(f"\ufeff{lines}".encode())  # as some editors write it

    assert parse_token(read_token(tmp_path / "code")).id == "abcdefghijkl"


def test_the_line_that_was_mistyped_is_named(tmp_path):
    (tmp_path / "code").write_text("\n".join([*LETTER[:3], LETTER[3][:-2] + "22", *LETTER[4:]]))

    with pytest.raises(EnrolmentError, match="line 4 of the code"):
        read_token(tmp_path / "code")


def test_a_person_is_asked_for_the_one_line_again_that_was_mistyped():
    asked, said = [], []
    given = iter([LETTER[0], LETTER[1][:-2] + "22", *LETTER[1:]])

    def ask(prompt):
        asked.append(prompt)
        return next(given)

    text = ask_token(ask, said.append)

    assert text == typed_code.token(LETTER)
    assert len(asked) == typed_code.LINES + 1
    assert len(said) == 1
    assert "Dòng 2" in said[0]


def test_a_token_that_is_pasted_needs_no_lines():
    assert ask_token(lambda prompt: " GS1.abc ", print).strip() == "GS1.abc"
