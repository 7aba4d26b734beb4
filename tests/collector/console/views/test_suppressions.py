# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_collector.console.views.suppressions import LAST, arranged
from giamsat_collector.suppressing.record import Record

RECORD = Record(1, (), {"giamsat.asset": "A1"}, "bảo trì", "12/QĐ", "an", 0, 0, 1000)


def test_those_that_wait_come_first_and_of_those_that_are_over_only_the_last():
    over = [replace(RECORD, number=number, until_ns=5) for number in range(10, 10 + LAST + 5)]
    planned, agreed = replace(RECORD, number=2, since_ns=900), replace(RECORD, number=3, second="binh")

    found = arranged([*over, planned, agreed, RECORD], 10)

    assert [record.number for record in found[:3]] == [1, 3, 2]
    assert [record.number for record in found[3:]] == [one.number for one in reversed(over)][:LAST]
