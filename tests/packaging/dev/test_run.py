# SPDX-License-Identifier: Apache-2.0
"""What `make run` says when it cannot run here: one message, with what to do instead."""

import argparse
import socket

import pytest
import run


def test_a_port_that_is_taken_is_named_with_the_words_that_take_another(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        said = run.unusable(tmp_path, {"console": 0, "ingest": port})

    assert said.startswith(f"port {port}: Address already in use; free it, or take another: make run ARGS=")
    assert "--ingest-port PORT" in said
    assert run.unusable(tmp_path, {"console": 0, "ingest": port}) is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()

    assert '--data FOLDER"' in run.unusable(tmp_path / "file" / "data", {})


@pytest.mark.parametrize("text", ["65536", "-1", "", "8 443", "eight"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="to 65535"):
        run.port_number(text)
