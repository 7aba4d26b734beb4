# SPDX-License-Identifier: Apache-2.0
"""No pattern that reads a log can be made to go back again and again.

Inside a repetition every repeated class is possessive (what it took it never gives back), every repeated group begins
with fixed text, and choices begin differently: so there is one way to match what is repeated. Product files hold no
patterns, only templates, each piece of which is an atomic group.
"""

import importlib
import pkgutil
import re
from re import _constants as op
from re import _parser as parser

import pytest

from giamsat_agent import messages, parsers
from giamsat_agent.parsers.product import products
from giamsat_agent.parsers.template import compiled

BACK = {op.MAX_REPEAT, op.MIN_REPEAT}
"""Repetitions that give back what they took."""
FINAL = {op.POSSESSIVE_REPEAT, op.ATOMIC_GROUP, op.ASSERT, op.ASSERT_NOT}
"""What is matched in one way or not at all."""
FEW = 8
"""Repetitions up to here are no more than writing it out."""


def ambiguous(pattern):
    """The repetitions inside repetitions of which a text might be read in several ways."""
    return list(found(parser.parse(pattern.pattern, pattern.flags), repeated=False))


def found(items, *, repeated):
    for kind, held in items:
        many = kind in BACK and held[1] > FEW
        if repeated and ((many and not begins_with_text(held[2])) or (kind is op.BRANCH and not differ(held[1]))):
            yield str(held)
        for body in inside(kind, held):
            yield from found(body, repeated=many or (repeated and kind not in FINAL))


def inside(kind, held):
    """What a piece of a pattern is made of."""
    if kind in BACK or kind is op.POSSESSIVE_REPEAT:
        return [held[2]]
    if kind is op.BRANCH:
        return held[1]
    if kind is op.GROUPREF_EXISTS:
        return [choice for choice in held[1:] if choice]
    if kind is op.SUBPATTERN:
        return [held[3]]
    if kind is op.ATOMIC_GROUP:
        return [held]
    return [held[1]] if kind in {op.ASSERT, op.ASSERT_NOT} else []


def begins_with_text(body):
    return len(body) > 1 and body[0][0] is op.LITERAL


def differ(choices):
    """Whether the first character tells which choice it is."""
    firsts = [choice[0] if choice else None for choice in choices]
    plain = all(first is not None and first[0] is not op.ANY for first in firsts)
    return plain and all(first not in firsts[:place] for place, first in enumerate(firsts))


def of_modules():
    for package in (parsers, messages):
        for file in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(file.name)).items():
                yield from ((f"{file.name}.{name}", pattern) for pattern in held_by(value))


def held_by(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from held_by(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from held_by(each)
    elif hasattr(value, "cut"):
        yield from held_by(value.cut)


def test_patterns_of_parsers_are_read_in_one_way():
    every = list(of_modules())

    assert len(every) > 100
    assert [(name, pattern.pattern) for name, pattern in every if ambiguous(pattern)] == []


def test_templates_of_products_are_read_in_one_way():
    templates = [(product.name, said.template) for product in products() for said in product.messages]

    assert len(templates) > 1_000
    assert [(name, each.pattern.pattern) for name, each in templates if each is None or ambiguous(each.pattern)] == []


@pytest.mark.parametrize("form", ["word", "text", "last", "beside", "port", "rest", "names", "plain", "gap", "label"])
def test_every_form_of_hole_is_read_in_one_way(form):
    assert ambiguous(compiled(f"a <x:{form}> b <y:{form}> c").pattern) == []


@pytest.mark.parametrize("pattern", [r"(?:a+)+b", r"(\w+\s?)*$", r"(?:a|ab)*c", r"(?:[^\"]*\")*x", r"(?:.*,){20}x"])
def test_a_pattern_that_goes_back_again_and_again_is_recognised(pattern):
    assert ambiguous(re.compile(pattern)) != []


@pytest.mark.parametrize("pattern", [r"(?:\\.[^\"\\]*+)*", r"a+b+", r"(?:\.\w++){2,}", r"(?>a+)+", r"(?:\d{1,3}\.){3}"])
def test_a_pattern_that_does_not_is_left_alone(pattern):
    assert ambiguous(re.compile(pattern)) == []
