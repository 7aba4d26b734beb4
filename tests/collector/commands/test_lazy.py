# SPDX-License-Identifier: Apache-2.0
import pkgutil
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from giamsat_collector import commands
from giamsat_collector.commands.lazy import add_later

TOLD = "Nếu hệ thống đổi cấp. / What another level would bring."


@pytest.fixture
def app():
    app = typer.Typer(no_args_is_help=True)
    add_later(app, {"what-if": TOLD, "registry": "Sổ đăng ký. / The registry."})
    return app


def test_what_is_not_loaded_is_listed_by_what_it_is_for():
    said = (
        "import sys, typer\n"
        "from giamsat_collector.commands.lazy import add_later\n"
        "app = typer.Typer()\n"
        f"add_later(app, {{'what-if': {TOLD!r}, 'notify': '-'}})\n"
        "try: app(['--help'])\n"
        "finally: print(sorted(one for one in sys.modules if one.startswith('giamsat_collector.commands.')))"
    )
    shown = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True).stdout

    assert "Nếu hệ thống đổi cấp." in shown
    assert shown.splitlines()[-1] == "['giamsat_collector.commands.lazy']"


def test_a_command_and_a_group_are_found_by_name_and_tell_of_themselves(app):
    one = CliRunner().invoke(app, ["what-if", "--help"])
    every = CliRunner().invoke(app, ["registry", "--help"])

    assert (one.exit_code, every.exit_code) == (0, 0)
    assert "--pack" in one.stdout
    assert "what-if" in every.stdout
    assert "Sổ đăng ký." in every.stdout


def test_a_name_that_is_none_is_answered_with_the_nearest(app):
    result = CliRunner().invoke(app, ["what-iff"])

    assert result.exit_code == 2
    assert "what-if" in result.stderr


def test_what_only_asks_the_collector_loads_nothing_that_judges():
    judging = {"add", "explain", "hunt", "offering", "replay", "use", "what_if"}
    asking = {one.name for one in pkgutil.iter_modules(commands.__path__)} - judging
    assert len(asking) > 20
    said = (
        "import sys, importlib\n"
        f"for name in {sorted(asking)}: importlib.import_module('giamsat_collector.commands.' + name)\n"
        "print(sorted({'numpy', 're2', 'giamsat_rules.engine', 'giamsat_rules.library'} & sys.modules.keys()))"
    )
    shown = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True).stdout

    assert shown == "[]\n"
