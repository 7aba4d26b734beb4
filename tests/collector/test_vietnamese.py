# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.sentence import Sentence
from giamsat_collector.vietnamese import in_both


def test_a_refusal_is_said_in_vietnamese_first_with_its_names_filled_in():
    kind, hint = Sentence("unit"), Sentence("did you mean {best}? {remedy}", best="40.412", remedy="look")

    said = in_both(Sentence("no such {kind}: {name}; {hint}", kind=kind, name="{x}", hint=hint))

    assert said == (
        "không có đơn vị {x}; có phải là 40.412? Nếu không, look / no such unit: {x}; did you mean 40.412? look"
    )


def test_what_nobody_put_into_vietnamese_is_said_in_english_whatever_braces_it_holds():
    assert in_both("{0.__class__}: no") == "{0.__class__}: no"
