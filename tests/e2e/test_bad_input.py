# SPDX-License-Identifier: Apache-2.0
"""What is wrong is said once, with its place and a remedy; a person's command fails, nothing is lost, others go on."""

import re
import shutil
import sqlite3
import subprocess
import sys

import pytest

from giamsat_rules.load import shipped
from support.by_hand import attack
from support.site import BIN, site

RULE = "ssh_brute_force"
AT_LEVEL_5 = 5


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=60, check=False)


def complaint(finished):
    """The one line that a command which failed has said."""
    assert finished.returncode == 1, finished
    (line,) = finished.stderr.decode().splitlines()
    return line


def swapped(text):
    """The same text with another last letter."""
    return text[:-1] + ("a" if text[-1] != "a" else "b")


def mistyped(here, token):
    head, token_id, secret, pin = token.split(".")
    return ".".join((head, token_id, swapped(secret), pin))


def expired(here, token):
    database = sqlite3.connect(here.folder / "collector" / "giamsat.db", timeout=60)
    with database:
        database.execute("UPDATE tokens SET expires_ns = 1")
    database.close()
    return token


def used_up(here, token):
    here.enrol_with(token, here.host("another")).check_returncode()
    return token


def of_another_network(here, token):
    words = ("enrol", "issue", "--unit", "40.412", "--from", "192.0.2.0/24", "--from", "2001:db8::/32")
    issued = run(BIN / "giamsat-collector", *words, "--config", here.config)
    return issued.stdout.decode().strip()


@pytest.mark.parametrize("spoil", [mistyped, expired, used_up, of_another_network])
def test_a_token_that_does_not_count_is_refused_and_the_next_one_works(here, spoil):
    token = spoil(here, here.token(level=3))
    config = here.host("host")

    said = complaint(here.enrol_with(token, config))

    assert f"127.0.0.1:{here.enrol}" in said
    assert "mistyped, expired, used up, for another network, or nobody has agreed to it yet; ask the SOC" in said
    assert token.split(".")[2] not in said
    assert list((here.hosts / "host").iterdir()) == []
    assert here.enrol_with(here.token(level=3), config).returncode == 0


@pytest.mark.parametrize("token", ["", "\n", "gs1.abc", "gs1." + "a" * 5_000, "mật khẩu"])
def test_what_is_not_a_token_is_refused_without_asking_the_collector(tmp_path, token, free_ports):
    (port,) = free_ports(1)
    config = tmp_path / "host.toml"
    config.write_text(f'state = "{tmp_path / "host"}"\n')
    words = [BIN / "giamsat-agent", "enrol", "--collector", f"127.0.0.1:{port}", "--config", config]

    finished = subprocess.run(words, input=token.encode(), capture_output=True, timeout=60, check=False)

    assert "this is not a whole token" in complaint(finished)


def test_a_collector_with_another_root_gets_no_token(here):
    head, token_id, secret, pin = here.token(level=3).split(".")

    said = complaint(here.enrol_with(".".join((head, token_id, secret, "a" * len(pin))), here.host("host")))

    assert f"127.0.0.1:{here.enrol} is not the collector this token was made for" in said
    assert "Nothing secret was sent" in said
    assert not (here.hosts / "host").exists()


@pytest.mark.parametrize("program", ["giamsat-agent", "giamsat-collector"])
@pytest.mark.parametrize("command", [("run",), ("config", "check")])
def test_an_unknown_key_is_named_with_its_file(tmp_path, program, command):
    config = tmp_path / "own.toml"
    config.write_text(f'prot = 1\nstate = "{tmp_path}"\n' if program == "giamsat-agent" else "[listen]\nprot = 1\n")

    said = complaint(run(BIN / program, *command, "--config", config))

    assert str(config) in said
    assert "prot" in said


@pytest.mark.parametrize("port", ["ingest", "enrol", "console"])
def test_a_port_that_is_taken_is_named_with_its_setting(here, tmp_path, port, free_ports):
    ports = dict(zip(("ingest", "enrol", "console"), free_ports(3), strict=True)) | {port: getattr(here, port)}
    config = tmp_path / "second.toml"
    listen = "".join(f"{name} = {number}\n" for name, number in ports.items())
    config.write_text(f'data = "{tmp_path / "second"}"\n[listen]\nhost = "127.0.0.1"\n{listen}')

    finished = run(sys.executable, "-m", "giamsat_collector", config)

    assert f"127.0.0.1:{ports[port]}" in finished.stderr.decode().splitlines()[-1]
    assert f"listen.{port}" in finished.stderr.decode().splitlines()[-1]
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr.decode()
    assert here.ask("status")["systems"] == 512


def test_a_second_collector_on_the_same_data_leaves_the_first_alone(here, tmp_path, free_ports):
    ingest, enrol, console = free_ports(3)
    config = tmp_path / "second.toml"
    listen = f'host = "127.0.0.1"\ningest = {ingest}\nenrol = {enrol}\nconsole = {console}\n'
    config.write_text(f'data = "{here.folder / "collector"}"\n[listen]\n{listen}')

    finished = run(sys.executable, "-m", "giamsat_collector", config)

    assert "another collector is running with this data" in finished.stderr.decode().splitlines()[-1]
    assert finished.returncode == 1
    assert here.ask("status")["systems"] == 512
    here.enrolled("host", level=3)


def test_a_second_agent_on_the_same_state_leaves_the_first_alone(here, tmp_path):
    agent, process = here.agent("host", level=3)

    said = complaint(run(BIN / "giamsat-agent", "run", "--config", tmp_path / "host.toml"))

    assert f"{tmp_path / 'host'}: một agent khác đang chạy" in said
    assert "another agent is running with this state; stop it first" in said
    assert (process.poll(), here.state(agent)) == (None, "live")


def test_a_host_that_is_not_enrolled_is_told_how_to_be(tmp_path):
    config = tmp_path / "host.toml"
    config.write_text(f'state = "{tmp_path / "host"}"\n')

    said = complaint(run(BIN / "giamsat-agent", "run", "--config", config))

    assert "giamsat-agent enrol --collector" in said


def test_a_rule_with_an_error_is_named_and_the_others_judge(tmp_path):
    rules = tmp_path / "rules"
    shutil.copytree(shipped().detections, rules)
    broken = rules / "accounts" / "account_created.yml"
    broken.write_text(broken.read_text().replace("condition: selection", "condition: nothing_of_that_name"))

    with site(tmp_path, f'[rules]\ndetections = "{rules}"\n') as here:
        (told,) = [line for line in here.log() if line["event"] == "rule_refused"]
        agent, config = here.enrolled("host", level=5)
        attack(here, config, AT_LEVEL_5)

        assert str(broken) in told["reason"]
        assert "nothing_of_that_name" in told["reason"]
        here.until(lambda: here.alerts(rule=RULE, asset=agent), 5, "another rule raises its alert")


def test_every_bad_line_of_a_csv_file_is_named_and_nothing_is_imported(here, tmp_path):
    table = tmp_path / "units.csv"
    rows = ["code,name_vi,kind", "M1,Xã Một,commune", "M2,,commune", "M3,Xã Ba,planet", "M1,Xã Một nữa,commune"]
    table.write_text("\n".join(rows))
    words = [BIN / "giamsat-collector", "registry", "import", "--units", table, "--config", here.config]
    before = here.ask("registry.units")

    finished = run(*words)

    assert finished.returncode == 1
    lines = finished.stderr.decode().splitlines()
    assert [re.search(r"units\.csv:(\d+)", line)[1] for line in lines[:-1]] == ["3", "4", "5"]
    assert "3 problems, nothing was changed" in lines[-1]
    assert here.ask("registry.units") == before
