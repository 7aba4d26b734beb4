# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import os
import socket
import threading

import pytest

from giamsat_collector.control.client import NotRunningError, ask
from giamsat_collector.errors import RefusedError


@contextlib.contextmanager
def answering(path, answer):
    """Somebody who reads one line at `path` and answers with these bytes; the lines that were read."""
    heard = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def talk():
            client, _ = listener.accept()
            with client, client.makefile("rb") as lines:
                heard.append(json.loads(lines.readline()))
                client.sendall(answer)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield heard
        thread.join(60)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "control.sock"


def test_a_request_is_one_line_with_its_arguments_by_name(path):
    with answering(path, b'{"ok": ["m\\u00e1y"]}\n') as heard:
        assert ask(path, "registry.link", asset="A1", system="Cổng") == ["máy"]

    assert heard == [{"do": "registry.link", "with": {"asset": "A1", "system": "Cổng"}}]


def test_no_is_a_refusal_in_the_collectors_words(path):
    with answering(path, b'{"error": "no such unit: x"}\n'), pytest.raises(RefusedError, match="no such unit: x"):
        ask(path, "enrol.issue")


@pytest.mark.parametrize("answer", [b"", b'{"ok": ["half', b'{"ok": true}'])
def test_a_collector_that_ends_before_its_answer_does_sends_the_person_to_its_log(path, answer):
    with answering(path, answer), pytest.raises(NotRunningError, match=r"ended before.*its log says why"):
        ask(path, "status")


@pytest.mark.parametrize("name", ["control.sock", "x" * 150])
def test_where_nobody_listens_the_path_the_reason_and_the_remedy_are_said(tmp_path, name):
    with pytest.raises(
        NotRunningError, match=rf"{name}: no collector answers \((?!None).+\); .*systemctl start.*--config"
    ):
        ask(tmp_path / name, "status")


def test_a_socket_left_behind_is_nobody(path):
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))

    with pytest.raises(NotRunningError, match="giamsat-collector run"):
        ask(path, "status")


@pytest.mark.root
def test_another_user_is_told_to_use_sudo(path):
    path.parent.chmod(0o700)
    os.seteuid(65_534)
    try:
        with pytest.raises(NotRunningError, match="use sudo"):
            ask(path, "status")
    finally:
        os.seteuid(0)
