# SPDX-License-Identifier: Apache-2.0
"""No data becomes a program, a command or an SQL statement: looked for in the syntax of every module we ship.

What is allowed stands here by name, so that one more is seen.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("agent/giamsat_agent", "collector/giamsat_collector", "rules/giamsat_rules", "proto/giamsat_wire")
MAKES_CODE = {"eval", "exec", "compile", "__import__", "execfile"}
UNPACKS = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "xmlrpc", "code", "codeop", "runpy", "imp"}
STARTS = ("subprocess.", "asyncio.create_subprocess", "os.exec", "os.spawn", "os.posix_spawn", "os.system", "os.popen")
STARTED = {
    "agent/giamsat_agent/cli.py": "our own interpreter and module",
    "agent/giamsat_agent/logs/journal.py": "journalctl; its one variable word is a cursor of a checked form",
    "agent/giamsat_agent/packets/dissector.py": "our own interpreter and module",
    "agent/giamsat_agent/renewal_schedule.py": "our own interpreter and module",
    "collector/giamsat_collector/cli.py": "our own interpreter and module",
    "collector/giamsat_collector/enrol/signer_process.py": "our own interpreter and module",
    "collector/giamsat_collector/indicators/import_process.py": "our own interpreter and module",
}
"""Where programs are started, and which."""
STATEMENTS = {
    "collector/giamsat_collector/backup/restoring.py": "constant",
    "collector/giamsat_collector/backup/taking.py": "constant; values are bound",
    "collector/giamsat_collector/backup/undone.py": "constant",
    "collector/giamsat_collector/database_space.py": "made of three constant names",
    "collector/giamsat_collector/ingest/frames.py": "made of a number of rows, by functions without any data",
    "collector/giamsat_collector/migrate.py": "constant",
    "collector/giamsat_collector/stores/sqlite.py": "constant",
}
"""Where SQL is written as text; everywhere else SQLAlchemy writes it and binds the values."""


@cache
def trees():
    paths = [path for folder in SHIPPED for path in sorted((ROOT / folder).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def calls():
    """Where, what is called (its last name), and the call."""
    return tuple(_calls())


def _calls():
    for where, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield where, getattr(node.func, "id", getattr(node.func, "attr", "")), node


def imported():
    for where, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((where, alias.name.partition(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield where, node.module.partition(".")[0]


def test_nothing_that_was_read_is_run():
    made = [(where, name) for where, name, call in calls() if name in MAKES_CODE and isinstance(call.func, ast.Name)]
    unpacked = [(where, name) for where, name in imported() if name in UNPACKS]
    yaml = [
        where
        for where, name, call in calls()
        if name in {"load", "load_all", "full_load", "unsafe_load"}
        and isinstance(call.func, ast.Attribute)
        and getattr(call.func.value, "id", "") == "yaml"
        and not any(word.arg == "Loader" for word in call.keywords)
    ]

    assert (made, unpacked, yaml) == ([], [], [])
    assert len(trees()) > 400


def test_programs_are_started_only_where_it_is_said_and_never_by_a_shell():
    found = {where for where, _, call in calls() if ast.unparse(call.func).startswith(STARTS)}
    shells = [where for where, _, call in calls() if any(word.arg == "shell" for word in call.keywords)]

    assert found == STARTED.keys()
    assert shells == []


def test_sql_is_written_as_text_only_where_it_is_said():
    found = set()
    for where, name, call in calls():
        texts = [word for word in call.args[:1] if name in {"exec_driver_sql", "text", "literal_column", "execute"}]
        for said in texts:
            if name == "exec_driver_sql" or (name == "execute" and isinstance(said, ast.JoinedStr | ast.Constant)):
                found.add(where)
            if name in {"text", "literal_column"} and isinstance(call.func, ast.Name):
                found.add(where)
    sql = {where for where, name in imported() if name in {"sqlalchemy", "sqlite3", "alembic"}}

    assert {where for where in found if where in sql and "/migrations/" not in where} == STATEMENTS.keys()
