# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent import next_step


@pytest.mark.parametrize(
    ("installed", "starting", "enrolling"),
    [
        (False, "giamsat-agent run", "giamsat-agent enrol --collector HOST:7444"),
        (True, "sudo systemctl enable --now giamsat-agent", "sudo giamsat-agent enrol --collector HOST:7444"),
    ],
)
def test_where_the_service_is_installed_it_is_what_runs(tmp_path, monkeypatch, installed, starting, enrolling):
    monkeypatch.setattr(next_step, "SERVICE", tmp_path if installed else tmp_path / "none")

    assert (next_step.starting(), next_step.enrolling()) == (starting, enrolling)
    assert next_step.enrolling("--import x").endswith("giamsat-agent enrol --import x")
