# SPDX-License-Identifier: Apache-2.0
"""The test of one Sigma value against one field, or against all text of an event."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import re2  # type: ignore[import-untyped]  # google-re2 ships no types
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from giamsat_rules.errors import UnsupportedError
from giamsat_rules.glob import Piece, TextTest, whole, within
from giamsat_rules.rule import Fields, Predicate
from giamsat_wire.record import FieldValue

PATTERN_CHARACTERS: Final = 4_096
"""The longest wildcard pattern or regular expression."""

_COMPARE: Final[dict[CompareOperators, Callable[[float, float], bool]]] = {
    CompareOperators.LT: lambda value, limit: value < limit,
    CompareOperators.LTE: lambda value, limit: value <= limit,
    CompareOperators.GT: lambda value, limit: value > limit,
    CompareOperators.GTE: lambda value, limit: value >= limit,
    CompareOperators.NEQ: lambda value, limit: value != limit,
}


def value_test(field: str, value: SigmaType) -> Predicate:
    """The test that `field` has `value`.

    Raises:
        UnsupportedError: this kind of value is not evaluated.
    """
    match value:
        case SigmaNull():
            return lambda fields: fields.get(field) is None
        case SigmaExists():
            wanted = bool(value)
            return lambda fields: (fields.get(field) is not None) is wanted
        case SigmaFieldReference():
            return _reference_test(field, value)
        case SigmaExpansion():
            tests = [value_test(field, each) for each in value.values]
            return lambda fields: any(test(fields) for test in tests)
        case _:
            return _each(field, _scalar_test(value))


def keyword_test(value: SigmaType) -> Predicate:
    """The test that `value` stands somewhere in the event's text.

    Raises:
        UnsupportedError: this kind of value is not evaluated.
    """
    match value:
        case SigmaString():
            test = _text_test(value, within)
        case SigmaExpansion():
            tests = [keyword_test(each) for each in value.values]
            return lambda fields: any(each(fields) for each in tests)
        case SigmaRegularExpression():
            test = _regex_test(value)
        case SigmaNumber():
            test = _text_test(SigmaString(str(value.number)), within)
        case _:
            raise UnsupportedError(f"a keyword of type {type(value).__name__}")
    return lambda fields: any(test(text) for text in texts(fields))


def texts(fields: Fields) -> Iterator[str]:
    """Every value of an event as text."""
    for value in fields.values():
        if isinstance(value, tuple):
            yield from value
        elif value is not None:
            yield _text(value)


def _each(field: str, test: Callable[[FieldValue], bool]) -> Predicate:
    """Apply `test` to the field's value, or to each of its values."""

    def found(fields: Fields) -> bool:
        value = fields.get(field)
        if value is None:
            return False
        if isinstance(value, tuple):
            return any(test(each) for each in value)
        return test(value)

    return found


def _scalar_test(value: SigmaType) -> Callable[[FieldValue], bool]:
    match value:
        case SigmaString():
            return _as_text(_text_test(value, whole))
        case SigmaTimestampPart():
            raise UnsupportedError("a modifier for parts of a time (minute, hour, day, week, month, year)")
        case SigmaNumber():
            return _compare_test(lambda found, wanted: found == wanted, value.number)
        case SigmaBool():
            wanted = str(value.boolean).lower()
            return lambda found: _text(found).lower() == wanted
        case SigmaRegularExpression():
            return _as_text(_regex_test(value))
        case SigmaCIDRExpression():
            return _as_text(_cidr_test(value.network))
        case SigmaCompareExpression():
            return _compare_test(_COMPARE[value.op], value.number.number)
        case _:
            raise UnsupportedError(f"a value of type {type(value).__name__}")


def _as_text(test: TextTest) -> Callable[[FieldValue], bool]:
    return lambda value: test(value if isinstance(value, str) else _text(value))


def _text(value: FieldValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text_test(value: SigmaString, anchoring: Callable[[tuple[Piece, ...]], TextTest]) -> TextTest:
    """A test by a Sigma text; `anchoring` says whether it is the whole text or stands somewhere in it."""
    if len(value.original) > PATTERN_CHARACTERS:
        raise UnsupportedError(f"a pattern longer than {PATTERN_CHARACTERS} characters")
    cased = isinstance(value, SigmaCasedString)
    pieces = tuple(_pieces(value, cased=cased))
    (piece, *rest) = pieces
    literal = "".join(piece.literals)
    if anchoring is whole and not rest and not any(piece.gaps):
        return literal.__eq__ if cased else lambda text: text.lower() == literal
    test = anchoring(pieces)
    return test if cased else lambda text: test(text.lower())


def _pieces(value: SigmaString, *, cased: bool) -> Iterator[Piece]:
    """The pattern cut at each `*`."""
    literals: list[str] = []
    gaps = [0]
    for part in value.s:
        if part is SpecialChars.WILDCARD_MULTI:
            yield Piece(tuple(literals), tuple(gaps))
            literals, gaps = [], [0]
        elif part is SpecialChars.WILDCARD_SINGLE:
            gaps[-1] += 1
        elif isinstance(part, str):
            literals.append(part if cased else part.lower())
            gaps.append(0)
        else:
            raise UnsupportedError("a placeholder (modifier expand)")
    yield Piece(tuple(literals), tuple(gaps))


def _regex_test(value: SigmaRegularExpression) -> TextTest:
    pattern = value.escape(escape_escape_char=False)
    if len(pattern) > PATTERN_CHARACTERS:
        raise UnsupportedError(f"a regular expression longer than {PATTERN_CHARACTERS} characters")
    try:
        search = re2.compile(pattern).search
    except re2.error as error:
        raise UnsupportedError(f"the regular expression {pattern[:60]!r}: RE2 says {error}") from error
    return lambda text: search(text) is not None


def _cidr_test(network: IPv4Network | IPv6Network) -> TextTest:
    def test(text: str) -> bool:
        address = _address(text)
        return address is not None and address.version == network.version and address in network

    return test


@lru_cache(maxsize=16_384)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in `text`, an IPv4 address written as IPv6 as what it is; None when it is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _compare_test(compare: Callable[[float, float], bool], limit: float) -> Callable[[FieldValue], bool]:
    def test(value: FieldValue) -> bool:
        if isinstance(value, bool):
            return False
        try:
            return compare(float(value), limit)  # type: ignore[arg-type]  # a tuple was taken apart before
        except (TypeError, ValueError):
            return False

    return test


def _reference_test(field: str, reference: SigmaFieldReference) -> Predicate:
    """The test that two fields of the event agree, without regard to case."""
    starts, ends = reference.starts_with, reference.ends_with

    def test(fields: Fields) -> bool:
        mine, other = fields.get(field), fields.get(reference.field)
        if mine is None or other is None:
            return False
        left, right = _text(mine).lower(), _text(other).lower()
        if starts and ends:
            return right in left
        if starts:
            return left.startswith(right)
        return left.endswith(right) if ends else left == right

    return test
