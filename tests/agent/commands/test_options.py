# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.commands import options
from giamsat_agent.config import Config


def test_the_file_that_is_named_is_read(tmp_path):
    config = tmp_path / "agent.toml"
    config.write_text('state = "/somewhere"\n')

    assert options.path_of(config) == config
    assert options.load(config).state == "/somewhere"


def test_without_a_file_the_defaults_are_in_force(tmp_path, monkeypatch):
    monkeypatch.setattr(options, "DEFAULT", tmp_path / "agent.toml")

    assert options.load(None) == Config()

    (tmp_path / "agent.toml").write_text('state = "/usual"\n')
    assert options.load(None).state == "/usual"


def test_what_is_said_is_carried_whole_as_it_is_into_a_file(capsys):
    words = f"[/srv]: {'x' * 200} sudo giamsat-agent doctor"
    options.say.print(words)
    options.out.print(words)

    assert capsys.readouterr() == (f"{words}\n", f"{words}\n")
