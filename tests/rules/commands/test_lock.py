# SPDX-License-Identifier: Apache-2.0
import pytest
from typer.testing import CliRunner

from giamsat_rules.cli import app


@pytest.fixture
def lock(tmp_path, detection):
    def run(selection, *words, version=1):
        (tmp_path / "r.yml").write_text(detection("r", selection) + f"giamsat: {{version: {version}}}\n")
        return CliRunner().invoke(app, ["lock", "--rules", str(tmp_path), *words])

    return run


def test_a_change_needs_a_version_and_is_then_locked(lock):
    codes = [
        lock("{a: 1}").exit_code,
        lock("{a: 1}", "--check").exit_code,
        lock("{a: 2}").exit_code,
        lock("{a: 2}", "--check", version=2).exit_code,
        lock("{a: 2}", version=2).exit_code,
        lock("{a: 2}", "--check", version=2).exit_code,
    ]

    assert codes == [0, 0, 1, 1, 0, 0]


def test_what_is_not_locked_as_it_is_is_named_with_what_to_run(lock):
    new = lock("{a: 1}", "--check")
    lock("{a: 1}")
    kept = lock("{a: 2}", "--check")
    other = lock("{a: 2}", "--check", version=2)

    assert (new.exit_code, new.stdout.strip()) == (1, "r: new")
    assert "giamsat-rules lock; of the shipped rules: make lock-rules" in new.stderr
    assert "set giamsat.version to 2" in kept.stdout
    assert other.stdout.strip() == "r: version 1 is locked, this is 2"
