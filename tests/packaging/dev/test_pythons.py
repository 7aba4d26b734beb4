# SPDX-License-Identifier: Apache-2.0
"""Which other Pythons are tried, what is said of those that are not there, and that one which does not do shows."""

import sys
from pathlib import Path

import alone
import pytest
import pythons
import venvs

HERE = f"3.{sys.version_info.minor}"
OTHERS = sorted({"3.11", "3.12", "3.13"} - {HERE})


def install(place, version, says):
    place.mkdir(exist_ok=True)
    file = place / f"python{version}"
    file.write_text(f"#!/bin/sh\n{says}\n")
    file.chmod(0o755)
    return file


def test_of_each_other_version_the_first_that_runs_and_is_released_is_tried(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    install(first, HERE, f"echo final {HERE}")
    install(first, OTHERS[0], "exit 127")
    expected = {version: install(second, version, f"echo final {version}") for version in OTHERS}
    install(second, "3.19", "echo beta 3.19")

    assert pythons.found([tmp_path / "none", first, second]) == expected


def test_a_python_that_bundles_are_made_for_and_that_is_not_here_is_named():
    assert pythons.missing(OTHERS) == []
    assert pythons.missing(OTHERS[:1]) == [
        f"note: not tried with Python {OTHERS[1]}: no python{OTHERS[1]} on PATH or among those of pyenv"
    ]


def test_a_module_that_cannot_be_imported_with_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(venvs, "prepared", lambda *_, **__: Path(sys.executable))
    monkeypatch.setattr(venvs, "ROOT", tmp_path)
    monkeypatch.setattr(alone, "PACKAGES", {"own": ("ours",)})
    monkeypatch.setattr(pythons, "SOURCES", ("src",))
    (tmp_path / "src" / "ours").mkdir(parents=True)
    (tmp_path / "src" / "ours" / "__init__.py").touch()
    (tmp_path / "src" / "ours" / "part.py").write_text("import removed_from_this_python")

    with pytest.raises(alone.NotAloneError, match=r"(?s)Python 3\.99: not every module.*'removed_from_this_python'"):
        pythons.tried("3.99", Path(sys.executable))
