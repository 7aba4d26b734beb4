# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.console.role import Role


def test_an_analyst_works_alerts_and_whatever_is_not_named_is_for_administrators():
    assert Role.ANALYST.may("/alerts/{alert_id}/moves")
    assert not Role.ANALYST.may("/alerts/{alert_id}/moves/of/tomorrow")
    assert Role.ADMINISTRATOR.may("/alerts/{alert_id}/moves/of/tomorrow")
