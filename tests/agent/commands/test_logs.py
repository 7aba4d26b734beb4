# SPDX-License-Identifier: Apache-2.0
import gzip
import json

import pytest
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.commands.logs import LogFileError

LINES = "Nov 23 11:03:05 web sshd[9]: Failed password for root from 203.0.113.9 port 5 ssh2\nhello\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "auth.log"
    path.write_text(LINES)
    return path


def run(*words, given=None):
    return CliRunner().invoke(app, ["logs", "read", *map(str, words)], input=given)


def test_each_line_becomes_one_object_with_its_parser_event_and_text(log):
    result = run(log, "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["line"], first["parser"], first["event"]["source"]["ip"]) == (1, "sshd", "203.0.113.9")
    assert (second["line"], second["parser"], second["raw"]) == (2, None, "hello")
    assert result.exit_code == 0


def test_a_packed_log_and_standard_input_give_the_same(log, tmp_path):
    packed = tmp_path / "auth.log.gz"
    packed.write_bytes(gzip.compress(LINES.encode()))

    parsers = [
        [json.loads(line)["parser"] for line in result.stdout.splitlines()]
        for result in (run(packed, "--json"), run("-", "--json", given=LINES))
    ]
    assert parsers == [["sshd", None]] * 2


def test_people_get_the_fields_of_a_line_and_a_count(log):
    result = run(log)

    assert "source.ip=203.0.113.9" in result.stdout
    assert "sshd 1, không rõ định dạng / of no known format 1" in result.stderr


def test_whoever_writes_into_a_log_moves_no_terminal_of_who_reads_it(tmp_path):
    path = tmp_path / "auth.log"
    path.write_text(LINES.replace("root", "\x1b]0;x\x07\x1b[2J\u202e\x9b1m"))

    shown = run(path).stdout

    assert "user.name=\\x1b]0;x\\x07\\x1b[2J\\u202e\\x9b1m" in shown
    assert all(line.isprintable() for line in shown.splitlines())


def test_a_log_that_is_cut_is_partly_read(tmp_path):
    packed = tmp_path / "cut.gz"
    packed.write_bytes(gzip.compress(LINES.encode() * 1000)[:-9])

    result = run(packed, "--json")

    assert result.exit_code == 2
    assert "only partly read" in result.stderr


def test_a_log_that_is_not_there_says_what_to_do(tmp_path):
    result = run(tmp_path / "nothing")

    assert isinstance(result.exception, LogFileError)
    assert "give a readable file" in str(result.exception)


def test_a_trusted_proxy_is_believed_for_whom_it_asks():
    line = '10.0.0.5 - - [23/Nov/2026:16:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/8" "203.0.113.9"\n'

    sources = [
        json.loads(run("-", "--json", *options, given=line).stdout)["event"]["source"]["ip"]
        for options in ((), ("--trusted-proxy", "10.0.0.0/8"))
    ]

    assert sources == ["10.0.0.5", "203.0.113.9"]


def test_a_trusted_proxy_that_is_no_address_is_refused(log):
    result = run(log, "--trusted-proxy", "proxy")

    assert isinstance(result.exception, LogFileError)
    assert "e.g. 192.0.2.7" in str(result.exception)
