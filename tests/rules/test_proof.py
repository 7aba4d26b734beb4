# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.proof import counts

COMMAND = ("CommandLine", "process.command_line")


@pytest.mark.parametrize(
    ("field", "fields", "expected"),
    [
        ("process.command_line", {"process.command_line"}, True),
        ("process.command_line", {"process.command_line", "CommandLine"}, False),
        ("CommandLine", {"process.command_line", "CommandLine"}, True),
        ("message", {"message"}, False),
    ],
)
def test_the_first_name_that_an_event_has_counts(field, fields, expected):
    assert counts(COMMAND, field, fields) is expected
