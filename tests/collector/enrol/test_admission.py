# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.enrol.admission import SENTENCES, NotAdmittedError, not_admitted
from support.enrolled import enrolled


@pytest.mark.parametrize("reason", SENTENCES)
def test_every_reason_has_a_step_to_take(reason):
    vietnamese, _, english = NotAdmittedError(reason).sentence.partition(" / ")

    assert any(step in vietnamese for step in ("báo đầu mối", "ghi danh", "dừng bản kia"))
    assert any(step in english for step in ("ask the SOC", "enrol", "stop the other one"))


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        (enrolled(revoked_ns=7), "revoked"),
        (replace(enrolled(), locked_ns=7, locked_why="its unit ended: 40.412 stood until 2026-06-30"), "locked"),
    ],
)
def test_what_an_operator_wrote_is_told_and_never_becomes_a_label(agent, reason):
    refusal = not_admitted(agent.refused)

    assert str(refusal) == reason
    assert refusal.sentence.startswith(agent.refused)
    assert "ask the SOC" in refusal.sentence
