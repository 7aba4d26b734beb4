# SPDX-License-Identifier: Apache-2.0
from typing import get_args

from giamsat_agent.check_settings import AnyCheck
from giamsat_agent.checks import BUILT_BY


def test_every_kind_that_can_be_configured_is_built_and_no_other():
    assert set(get_args(AnyCheck)) == set(BUILT_BY)
