# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.commands.asking import load, me, path_of, request
from giamsat_collector.control.client import NotRunningError


def test_the_file_that_is_named_is_read(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('data = "/somewhere"\n')

    assert path_of(config) == config
    assert load(config).data == "/somewhere"


def test_without_a_running_collector_the_next_step_is_said(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text(f'data = "{tmp_path}"\n')

    with pytest.raises(NotRunningError, match="giamsat-collector run"):
        request(config, "status")


def test_who_asks_is_the_person_behind_sudo(monkeypatch):
    monkeypatch.setenv("USER", "root")
    monkeypatch.setenv("SUDO_USER", "an")

    assert me() == "an"
