# SPDX-License-Identifier: Apache-2.0
import json
from itertools import pairwise

import pytest
from scapy.utils import rdpcap
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.packets.errors import CaptureError, EvidenceError, ListError
from giamsat_agent.packets.sources.handshake_filter import HELLOS_A_TURN
from giamsat_agent.packets.watch import Watch
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, connection, frame, pcap
from support.handshakes import certificate, segments, spoken
from support.lab import lab


@pytest.fixture
def scan(tmp_path):
    frames = [
        (number * 0.1, frame(IP(src=ATTACKER, dst=SERVER), TCP(dport=1 + number, flags="F"))) for number in range(9)
    ]
    return pcap(tmp_path / "scan.pcap", frames)


def run(*words):
    return CliRunner().invoke(app, ["packets", "read", *map(str, words)])


def test_each_anomaly_is_one_json_object_a_line(scan):
    result = run(scan, "--json", "--lang", "en")

    (shape,) = map(json.loads, result.stdout.splitlines())
    assert (result.exit_code, shape["class"], shape["source"]["ip"]) == (0, "scan_tcp_stealth", ATTACKER)
    assert "stealth scan" in shape["message"]
    assert shape["event"]["event.action"] == "packet-anomaly"
    assert "observer.ingress.interface.name" not in shape["event"]


def test_people_read_a_sentence_in_vietnamese(scan):
    assert "quét lén" in run(scan).stdout


def test_a_capture_without_anything_unusual_says_so(tmp_path):
    result = run(pcap(tmp_path / "x", connection(CLIENT, SERVER, 443, 0)))

    assert result.exit_code == 0
    assert "nothing unusual" in result.output


def test_what_a_policy_may_forbid_is_shown_when_asked_for(tmp_path):
    turns = spoken(certificate(tmp_path, ends=-1))
    path = pcap(tmp_path / "x", segments(CLIENT, "10.0.0.80", turns))

    assert "--policy" in run(path).output
    assert run(path, "--json").stdout == ""
    (shape,) = map(json.loads, run(path, "--json", "--policy").stdout.splitlines())
    assert (shape["class"], shape["targets"]) == ("bad_certificate", [{"ip": "10.0.0.80", "port": 443}])
    assert shape["about"] == {"giamsat.policy.subject": "expired", "tls.client.server_name": "dichvucong.example"}


def test_a_list_of_known_evil_is_looked_for_and_a_line_that_is_none_is_refused(tmp_path):
    path, known = pcap(tmp_path / "x", connection(CLIENT, SERVER, 443, 0)), tmp_path / "known"
    known.write_text(f"# of today\n{SERVER}\n")

    (shape,) = map(json.loads, run(path, "--json", "--known-bad", known).stdout.splitlines())
    assert (shape["class"], shape["about"]) == ("known_bad", {"giamsat.anomaly.indicator": SERVER})
    known.write_text("192.0.2.0/33\n")
    with pytest.raises(ListError, match="known:1"):
        CliRunner().invoke(app, ["packets", "read", str(path), "--known-bad", str(known)], catch_exceptions=False)


def test_a_broken_file_gives_what_could_be_read_one_message_and_exit_code_2(scan):
    scan.write_bytes(scan.read_bytes()[:-5])

    result = run(scan, "--json")

    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 1
    assert "byte" in result.stderr


def test_what_is_no_capture_is_refused(tmp_path):
    (tmp_path / "x").write_text("no capture")

    assert isinstance(run(tmp_path / "x").exception, CaptureError)


def test_the_packets_of_each_anomaly_are_written_to_a_folder_and_named(scan, tmp_path):
    result = run(scan, "--json", "--evidence", tmp_path / "evidence")

    (shape,) = map(json.loads, result.stdout.splitlines())
    (file,) = (tmp_path / "evidence").iterdir()
    assert (file.name, shape["evidence"]["file"]) == (f"scan-001-scan_tcp_stealth-{ATTACKER}.pcap", str(file))
    assert [bytes(one) for one in rdpcap(str(file))] == [bytes(one) for one in rdpcap(str(scan))]


def test_a_folder_that_cannot_be_written_is_said(scan, tmp_path):
    (tmp_path / "file").write_text("")
    result = run(scan, "--evidence", tmp_path / "file")

    assert isinstance(result.exception, EvidenceError)
    assert "name a folder of yours" in str(result.exception)


def flows(*words):
    return CliRunner().invoke(app, ["packets", "flows", *map(str, words)])


def test_the_largest_flows_are_told_and_the_rest_summed_up(tmp_path):
    frames = [
        one
        for number in range(5)
        for one in connection(CLIENT, SERVER, 443, number, sport=40_000 + number, data=[(True, b"x" * number)])
    ]
    path = pcap(tmp_path / "x", frames)
    *told, rest = map(json.loads, flows(path, "--json", "--top", "2").stdout.splitlines())

    assert [flow["source"]["port"] for flow in told] == [40_004, 40_003]
    assert rest["rest"]["flows"] == 3
    text = flows(path, "--top", "2").stdout
    assert f"{CLIENT}:40004 → {SERVER}:443" in text
    assert "còn lại / the rest: 3" in text


def test_flows_of_a_capture_that_is_cut_are_told_as_far_as_it_goes(tmp_path):
    path = pcap(tmp_path / "x", connection(CLIENT, SERVER, 443, 0))
    path.write_bytes(path.read_bytes()[:-3])
    result = flows(path, "--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout.splitlines()[0])["network"]["packets"] == 4


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip")
def test_watching_ends_when_it_is_to_although_hellos_come_faster_than_they_are_read(monkeypatch):
    heard = []
    hello = frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP(dport=443), b"\x16\x03\x01\x00\x01\x01")

    def hear(_, chunk):
        heard.extend(chunk.offsets)
        if len(heard) < 4 * HELLOS_A_TURN:
            pair.send([hello] * 64)

    def slept(_):
        pair.send([hello])
        slept.heard.append(len(heard))

    slept.heard = []
    monkeypatch.setattr(Watch, "hear", hear)
    monkeypatch.setattr("time.sleep", slept)
    with lab() as pair, pair.inside():
        result = CliRunner().invoke(app, ["packets", "watch", pair.watched, "--seconds", "0.2"])

    assert result.exit_code == 0
    assert "frames, 0 dropped" in result.output
    assert max(after - before for before, after in pairwise(slept.heard)) < 2 * HELLOS_A_TURN
