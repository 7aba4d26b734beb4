# SPDX-License-Identifier: Apache-2.0
"""The test of one Sigma value, or of several of which one must match, against a field or all text of an event."""

import operator
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from sigma.types import (
    CompareOperators,
    SigmaBool,
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
    TimestampPart,
)

from giamsat_rules.errors import UnsupportedError
from giamsat_rules.matching.glob import TextTest, whole, whole_any, within
from giamsat_rules.matching.pattern import as_text, folded, is_cased, pieces, regex_test, text_test, texts
from giamsat_rules.matching.taxonomy import getter
from giamsat_rules.rule import Fields, Predicate
from giamsat_wire.record import FieldValue

ZONE: Final = timezone(timedelta(hours=7))
"""Parts of a time (hour, day, …) are those of the clock on the wall in Viet Nam, where every unit is."""

ADDRESS_CHARACTERS: Final = 64
"""No address is longer; a host may send texts that are."""
ADDRESSES: Final = 16_384

_COMPARE: Final[dict[CompareOperators, Callable[[float, float], bool]]] = {
    CompareOperators.LT: lambda value, limit: value < limit,
    CompareOperators.LTE: lambda value, limit: value <= limit,
    CompareOperators.GT: lambda value, limit: value > limit,
    CompareOperators.GTE: lambda value, limit: value >= limit,
    CompareOperators.NEQ: lambda value, limit: value != limit,
}
_PARTS: Final[dict[TimestampPart, Callable[[datetime], int]]] = {
    TimestampPart.MINUTE: lambda moment: moment.minute,
    TimestampPart.HOUR: lambda moment: moment.hour,
    TimestampPart.DAY: lambda moment: moment.day,
    TimestampPart.WEEK: lambda moment: moment.isocalendar().week,
    TimestampPart.MONTH: lambda moment: moment.month,
    TimestampPart.YEAR: lambda moment: moment.year,
}


def value_test(field: str, value: SigmaType) -> Predicate:
    """The test that `field` has `value`.

    Raises:
        UnsupportedError: this kind of value is not evaluated.
    """
    found = getter(field)
    match value:
        case SigmaNull():
            return lambda fields: found(fields) is None
        case SigmaExists():
            wanted = bool(value)
            return lambda fields: (found(fields) is not None) is wanted
        case SigmaFieldReference():
            return _reference_test(field, value)
        case SigmaExpansion():
            return values_test(field, value.values)
        case SigmaString() if not is_cased(value):
            return _each_text(field, whole_any([pieces(value)]))
        case _:
            return _each(field, _scalar_test(value))


def values_test(field: str, values: Sequence[SigmaType]) -> Predicate:
    """The test that `field` has one of `values`; plain texts among them are looked for together.

    Raises:
        UnsupportedError: one of them is of a kind that is not evaluated.
    """
    plain: list[SigmaString] = []
    networks: list[IPv4Network | IPv6Network] = []
    others: list[Predicate] = []
    for value in _unfolded(values):
        if isinstance(value, SigmaString) and not is_cased(value):
            plain.append(value)
        elif isinstance(value, SigmaCIDRExpression):
            networks.append(value.network)
        else:
            others.append(value_test(field, value))
    if networks:
        others.insert(0, _each(field, _as_text(_cidr_test(networks))))
    if plain:
        test = whole_any(pieces(value) for value in plain)
        others.insert(0, _each_text(field, test))
    if len(others) == 1:
        return others[0]
    return lambda fields: any(other(fields) for other in others)


def _unfolded(values: Sequence[SigmaType]) -> list[SigmaType]:
    flat: list[SigmaType] = []
    for value in values:
        flat += _unfolded(value.values) if isinstance(value, SigmaExpansion) else [value]
    return flat


def keyword_test(value: SigmaType) -> Predicate:
    """The test that `value` stands somewhere in the event's text.

    Raises:
        UnsupportedError: this kind of value is not evaluated.
    """
    match value:
        case SigmaString():
            test = text_test(value, within)
        case SigmaExpansion():
            tests = [keyword_test(each) for each in value.values]
            return lambda fields: any(each(fields) for each in tests)
        case SigmaRegularExpression():
            test = regex_test(value)
        case SigmaNumber():
            test = text_test(SigmaString(str(value.number)), within)
        case _:
            raise UnsupportedError(f"a keyword of type {type(value).__name__}")
    return lambda fields: any(test(text) for text in texts(fields))


def _each(field: str, test: Callable[[FieldValue], bool]) -> Predicate:
    """Apply `test` to the field's value, or to each of its values."""
    get = getter(field)

    def found(fields: Fields) -> bool:
        value = get(fields)
        if value is None:
            return False
        if isinstance(value, tuple):
            return any(test(each) for each in value)
        return test(value)

    return found


def _each_text(field: str, test: TextTest) -> Predicate:
    """Apply `test` to the field's value in lower case, or to each of its values."""
    get = getter(field)

    def found(fields: Fields) -> bool:
        value = get(fields)
        if isinstance(value, str):
            return test(folded(value))
        if value is None:
            return False
        if isinstance(value, tuple):
            return any(test(each.lower()) for each in value)
        return test(as_text(value).lower())

    return found


def _scalar_test(value: SigmaType) -> Callable[[FieldValue], bool]:
    match value:
        case SigmaNumber():
            return _comparison(operator.eq, value)
        case SigmaCompareExpression():
            return _comparison(_COMPARE[value.op], value.number)
        case SigmaBool():
            wanted = str(value.boolean).lower()
            return lambda found: as_text(found).lower() == wanted
        case SigmaString() | SigmaRegularExpression() | SigmaCIDRExpression():
            return _as_text(_written_test(value))
        case _:
            raise UnsupportedError(f"a value of type {type(value).__name__}")


def _written_test(value: SigmaString | SigmaRegularExpression | SigmaCIDRExpression) -> TextTest:
    match value:
        case SigmaString():
            return text_test(value, whole)
        case SigmaRegularExpression():
            return regex_test(value)
        case SigmaCIDRExpression():
            return _cidr_test([value.network])


def _comparison(compare: Callable[[float, float], bool], number: SigmaNumber) -> Callable[[FieldValue], bool]:
    if isinstance(number, SigmaTimestampPart):
        return _part_test(_PARTS[number.timestamp_part], number.number, compare)
    return _compare_test(compare, number.number)


def _as_text(test: TextTest) -> Callable[[FieldValue], bool]:
    return lambda value: test(value if isinstance(value, str) else as_text(value))


def _cidr_test(networks: Iterable[IPv4Network | IPv6Network]) -> TextTest:
    """A test that a text is an address of one of the networks."""
    masks: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
    for each in networks:
        masks[each.version].append((int(each.netmask), int(each.network_address)))

    def test(text: str) -> bool:
        address = _address(text) if len(text) <= ADDRESS_CHARACTERS else None
        if address is None:
            return False
        number = int(address)
        return any(number & mask == network for mask, network in masks[address.version])

    return test


@lru_cache(maxsize=ADDRESSES)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in `text`, an IPv4 address written as IPv6 as what it is; None when it is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _compare_test(compare: Callable[[float, float], bool], limit: float) -> Callable[[FieldValue], bool]:
    def test(value: FieldValue) -> bool:
        number = as_number(value)
        return number is not None and compare(number, limit)

    return test


def as_number(value: FieldValue | None) -> float | None:
    """The number a value is or spells; None when it is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # a tuple raises, which is the answer
    except (TypeError, ValueError, OverflowError):
        return None


def _part_test(
    part: Callable[[datetime], int], wanted: float, compare: Callable[[float, float], bool]
) -> Callable[[FieldValue], bool]:
    """The test that a part of a time (RFC 3339 text, UTC if it names no zone, or UNIX seconds) compares."""

    def test(value: FieldValue) -> bool:
        moment = _moment(value)
        return moment is not None and compare(float(part(moment)), float(wanted))

    return test


def _moment(value: FieldValue) -> datetime | None:
    number = as_number(value)
    try:
        moment = datetime.fromtimestamp(number, UTC) if number is not None else datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZONE)
    except (ValueError, OverflowError, OSError):
        return None


def _reference_test(field: str, reference: SigmaFieldReference) -> Predicate:
    """The test that two fields of the event agree, without regard to case."""
    starts, ends = reference.starts_with, reference.ends_with
    first, second = getter(field), getter(reference.field)

    def test(fields: Fields) -> bool:
        mine, other = first(fields), second(fields)
        if mine is None or other is None:
            return False
        return any(agree(left, right) for left in _lowered(mine) for right in _lowered(other))

    def agree(left: str, right: str) -> bool:
        if starts and ends:
            return right in left
        if starts:
            return left.startswith(right)
        return left.endswith(right) if ends else left == right

    return test


def _lowered(value: FieldValue) -> list[str]:
    """Each value of a field in lower case."""
    return [as_text(each).lower() for each in (value if isinstance(value, tuple) else (value,))]
