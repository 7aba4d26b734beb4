# SPDX-License-Identifier: Apache-2.0
import pytest

from support.incidents import incident


@pytest.mark.parametrize(
    ("found", "grave"),
    [
        ({}, False),
        ({"personal_data": True}, False),
        ({"serious": True}, True),
        ({"security_interest": True}, True),
        ({"interruption": True}, True),
    ],
    ids=["nothing", "personal", "serious", "security", "interruption"],
)
def test_signs_of_harm_count_as_serious(found, grave):
    assert incident(**found).grave is grave
