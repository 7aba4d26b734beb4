# SPDX-License-Identifier: Apache-2.0
"""What is shipped is what was tested: the locks agree, and every line of them is hashed."""

import re
from pathlib import Path

import lock
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "packaging" / "locks"
NAMES = ["run", "dev", "agent-extras", *lock.OWN]


def pins(name):
    return re.findall(r"^(\S+)==([^\s;]+)", (FOLDER / f"{name}.txt").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", [*NAMES, "stubs"])
def test_every_version_is_hashed(name):
    blocks = re.split(r"\n(?=\S)", (FOLDER / f"{name}.txt").read_text().strip())

    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_lock_holds_a_version_that_was_not_tested(name):
    tested = set(pins("dev"))

    assert sorted(set(pins(name)) - tested) == []


def test_the_agent_carries_neither_the_console_nor_the_database():
    names = {name for name, _ in pins("agent")}

    assert names.isdisjoint({"fastapi", "sqlalchemy", "jinja2", "uvicorn", "alembic", "pysigma"})
    assert names.isdisjoint({"numpy", "gufo-snmp"}), "only its extras bring them"
    assert {"grpcio", "msgspec", "psutil"} <= names


def test_every_lock_is_solved_from_files_that_exist():
    missing = [file for files in lock.sources().values() for file in files if not (ROOT / file).is_file()]

    assert missing == []
    assert {f"{name}.txt" for name in lock.sources()} == {path.name for path in FOLDER.glob("*.txt")}
