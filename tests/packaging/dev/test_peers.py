# SPDX-License-Identifier: Apache-2.0
"""The list of peers, where they are sought, and that installing them starts nothing."""

import contextlib
import re
from pathlib import Path

import peers
import pytest

TESTS = Path(__file__).parents[2]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with an empty PATH, an empty place where Debian hides programs, and no policy on services."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(peers, "HIDDEN", (str(tmp_path / "sbin"),))
    monkeypatch.setattr(peers, "POLICY", tmp_path / "policy-rc.d")
    return tmp_path


def put(path):
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_every_peer_of_the_list_names_programs_packages_and_the_tests_it_serves():
    assert all((peer.programs or peer.files) and peer.packages and peer.serves for peer in peers.listed().values())


def test_a_peer_is_found_where_debian_hides_it(machine):
    hidden = put(machine / "sbin" / "sshd")

    assert peers.listed()["sshd"].path() == hidden


def test_any_one_of_a_peers_programs_serves(machine):
    second = put(machine / "bin" / "chromium")

    assert peers.listed()["chromium"].path() == second
    assert [peer.name for peer in peers.missing(["chromium", "sshd"])] == ["sshd"]


def test_a_peer_that_is_no_program_is_found_by_its_files(tmp_path):
    peer = peers.Peer("module", programs=(), packages=("module",), serves="tests", files=(f"{tmp_path}/*/module.so",))
    assert peer.path() is None

    (tmp_path / "x86").mkdir()
    (tmp_path / "x86" / "module.so").touch()

    assert peer.path() == tmp_path / "x86" / "module.so"


def test_services_are_held_back_while_packages_are_installed_and_no_longer(machine):
    with peers.nothing_started():
        assert peers.POLICY.read_text().endswith("exit 101\n")
        assert peers.POLICY.stat().st_mode & 0o111

    assert not peers.POLICY.exists()


def test_services_are_free_again_when_the_installation_is_broken_off(machine):
    with contextlib.suppress(KeyboardInterrupt), peers.nothing_started():
        raise KeyboardInterrupt

    assert not peers.POLICY.exists()


def test_the_machines_own_policy_on_services_is_left_alone(machine):
    peers.POLICY.write_text("mine")
    with peers.nothing_started():
        assert peers.POLICY.read_text() == "mine"

    assert peers.POLICY.read_text() == "mine"


def test_an_unknown_peer_is_refused_with_the_names_there_are(monkeypatch):
    monkeypatch.setattr("sys.argv", ["peers.py", "sshd", "telnetd"])

    with pytest.raises(SystemExit, match=r"telnetd is not in peers.toml; it lists sshd"):
        peers.main()


def test_without_root_the_missing_are_named_with_the_command_that_installs_them(machine, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["peers.py", "sshpass", "prometheus"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert peers.main() == 0
    assert "apt-get install prometheus sshpass" in capsys.readouterr().out


def test_what_apt_does_not_bring_is_named_with_the_programs_that_would_serve(machine, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["peers.py", "chromium"])
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(peers, "install", lambda absent: None)
    put(machine / "bin" / "apt-get")

    assert peers.main() == 0
    said = capsys.readouterr().out
    assert "apt brought no chromium" in said
    assert "google-chrome" in said
    assert "apt-get install" not in said


def test_every_program_a_test_asks_for_is_listed():
    marks = [mark for file in TESTS.rglob("*.py") for mark in re.findall(r"mark\.peer\(([^)]*)\)", file.read_text())]
    asked = {name for mark in marks for name in re.findall(r'"([^"]+)"', mark)}

    assert len(asked) > 20
    assert asked - peers.listed().keys() == set()
