# SPDX-License-Identifier: Apache-2.0
import json

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
