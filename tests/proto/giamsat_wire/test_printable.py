# SPDX-License-Identifier: Apache-2.0
import io

from giamsat_wire.printable import on_any_terminal, visible


def test_ordinary_words_stay_as_they_are():
    assert visible("Máy chủ Vinh: đã nhận 3 tệp\n\tvà hơn thế") == "Máy chủ Vinh: đã nhận 3 tệp\n\tvà hơn thế"


def test_what_moves_a_terminal_hides_or_turns_words_round_is_shown_by_its_number():
    assert visible("a\x1b[2J\x9bm\rb\x00") == "a\\x1b[2J\\x9bm\\x0db\\x00"
    assert visible("\u202egnp\u200b\ud800") == "\\u202egnp\\u200b\\ud800"


def test_a_letter_that_a_terminal_does_not_have_is_written_by_its_number():
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    on_any_terminal(terminal, io.StringIO())

    terminal.write("đã ghi danh")
    terminal.seek(0)

    assert terminal.read() == "\\u0111ã ghi danh"
