# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.errors import RefusedError, UnknownError


def test_a_refusal_keeps_the_sentence_that_says_why():
    error = UnknownError("at most {most}", most=3)

    assert (str(error), error.why, error.why.template) == ("at most 3", "at most 3", "at most {most}")


def test_what_somebody_else_wrote_is_said_as_it_is():
    assert str(RefusedError("{x}")) == RefusedError("{x}").why == "{x}"
