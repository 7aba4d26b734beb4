# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

import pytest
import structlog

from giamsat_agent import own_log


def test_what_is_logged_is_one_json_object_a_line_on_standard_error(capsys):
    own_log.to_standard_error()
    try:
        structlog.get_logger().warning("máy_lạ", address="192.0.2.1")
    finally:
        structlog.reset_defaults()

    said = json.loads(capsys.readouterr().err)
    assert (said["event"], said["level"], said["address"]) == ("máy_lạ", "warning", "192.0.2.1")


@pytest.mark.parametrize("process", ["app", "polling", "capture"])
def test_a_process_of_ours_takes_along_nothing_that_is_for_people_at_a_terminal(process):
    for_people = {"rich", "pygments", "typer", "click"}
    words = f"import sys, giamsat_agent.{process}; print(sorted({for_people} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", words], capture_output=True, check=True).stdout == b"[]\n"


def test_rich_is_there_for_who_asks_for_it_after_the_log():
    words = "import giamsat_agent.own_log, rich; print(rich.get_console is not None)"

    assert subprocess.run([sys.executable, "-c", words], capture_output=True, check=True).stdout == b"True\n"
