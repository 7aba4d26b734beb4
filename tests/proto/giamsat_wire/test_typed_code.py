# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire import typed_code
from giamsat_wire.typed_code import ALPHABET, LINE, LINES, PARTS, TypedCodeError

tokens = st.tuples(*(st.text(ALPHABET, min_size=length, max_size=length) for length in PARTS)).map(
    lambda parts: ".".join(("gs1", *parts))
)
EXAMPLE = "gs1." + ".".join("abcdefghijklmnopqrstuvwxyz234567"[:length] for length in PARTS)


@given(tokens)
def test_what_is_printed_is_read(token):
    printed = typed_code.lines(token)

    assert typed_code.token(printed) == token
    assert {len(line) for line in printed} == {LINE + 1}
    assert len(printed) == LINES


@given(tokens, st.integers(0, LINES - 1), st.integers(0, LINE), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found_in_its_line(token, line, at, letter):
    printed = list(typed_code.lines(token))
    if printed[line][at] == letter:
        return
    printed[line] = printed[line][:at] + letter + printed[line][at + 1 :]

    with pytest.raises(TypedCodeError) as caught:
        typed_code.token(printed)

    assert caught.value.line == line + 1


@given(tokens, st.integers(0, LINES - 1), st.integers(0, LINE - 1))
def test_two_neighbours_that_changed_places_are_found_but_for_the_pair_luhns_formula_cannot_tell(token, line, at):
    printed = list(typed_code.lines(token))
    left, right = printed[line][at], printed[line][at + 1]
    if left == right or {left, right} == {ALPHABET[0], ALPHABET[-1]}:
        return
    printed[line] = printed[line][:at] + right + left + printed[line][at + 2 :]

    with pytest.raises(TypedCodeError):
        typed_code.token(printed)


@given(tokens, st.permutations(range(LINES)))
def test_lines_in_another_order_are_found(token, order):
    printed = typed_code.lines(token)
    if [printed[number] for number in order] == list(printed):
        return

    with pytest.raises(TypedCodeError):
        typed_code.token([printed[number] for number in order])


def test_spaces_dashes_capitals_and_look_alikes_make_no_difference():
    printed = typed_code.lines("gs1." + ".".join("ol" * (length // 2) for length in PARTS))

    typed = [f" {line[:4]}-{line[4:8]} {line[8:]} ".upper().replace("O", "0").replace("L", "1") for line in printed]

    assert typed_code.token(typed) == typed_code.token(printed)


@pytest.mark.parametrize("count", [0, 1, LINES - 1, LINES + 1])
def test_a_missing_line_is_named(count):
    printed = [*typed_code.lines(EXAMPLE), "x"]

    with pytest.raises(TypedCodeError) as caught:
        typed_code.token(printed[:count])

    assert caught.value.line == min(count + 1, LINES)


@pytest.mark.parametrize("text", ["", "gs1.a.b.c", "gs2" + EXAMPLE[3:]])
def test_what_is_no_token_is_not_printed(text):
    with pytest.raises(ValueError, match="not a token"):
        typed_code.lines(text)
