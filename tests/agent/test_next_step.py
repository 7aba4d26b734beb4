# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

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


@pytest.mark.parametrize("addresses", [["soc.example:7443"], ["soc.example"], ["192.0.2.1:7443", "soc.example:8000"]])
def test_who_reports_to_where_it_was_enrolled_is_told_nothing(addresses):
    assert next_step.addressing("soc.example:7444", addresses, Path("agent.toml")) == ""


def test_an_agent_that_would_report_elsewhere_is_told_what_to_write_where():
    example = ["giamsat.example.gov.vn:7443"]

    assert next_step.addressing("soc.example:7444", example, Path("agent.toml")).endswith(
        'addresses = ["soc.example:7443"]'
    )
    said = next_step.addressing("[2001:db8::1]:7444", example, Path("/etc/giamsat/agent.toml"))
    assert "/etc/giamsat/agent.toml" in said
    assert 'addresses = ["[2001:db8::1]:7443"]' in said
