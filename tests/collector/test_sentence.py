# SPDX-License-Identifier: Apache-2.0
import json
import pickle
from copy import deepcopy

from giamsat_collector.sentence import Sentence, sentence


def test_a_sentence_is_its_text_and_remembers_of_what_it_was_made():
    said = Sentence("no such {kind}: {name!r}", kind=Sentence("unit"), name="{x}")

    assert said == "no such unit: '{x}'"
    assert json.dumps(said) == json.dumps(str(said))
    assert (said.template, said.values["kind"].template) == ("no such {kind}: {name!r}", "unit")


def test_text_without_values_is_left_as_it_is_whatever_braces_somebody_wrote_into_it():
    assert sentence("{0.__class__}") == "{0.__class__}"


def test_a_copy_is_made_of_the_same_whatever_braces_somebody_wrote_into_it():
    said = Sentence("no such {kind}", kind=Sentence("{name!r}", name="{x}"))

    for copy in (deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert (copy, copy.template, copy.values) == (said, said.template, said.values)
