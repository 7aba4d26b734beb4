# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess

import pytest

from support.capture import CLIENT, breaches, pcap
from support.dialogue import relayed
from support.handshakes import segments
from support.peers import program
from support.ports import free_ports
from support.until import listening

SERVER = "10.0.0.80"
pytestmark = [pytest.mark.root, pytest.mark.peer("smbd", "smbclient")]


@pytest.fixture(scope="module")
def samba(tmp_path_factory):
    """The port of a real Samba that still agrees to whatever it can."""
    folder = tmp_path_factory.mktemp("samba")
    (port,) = free_ports(1)
    words = ["private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"]
    settings = [f"{word} = {folder}" for word in words]
    settings += [f"smb ports = {port}", "interfaces = lo", "bind interfaces only = yes", "disable netbios = yes"]
    settings += [
        "server min protocol = NT1",
        "map to guest = Bad User",
        f"log file = {folder}/log",
        "load printers = no",
        "rpc start on demand helpers = no",  # they would outlive it
    ]
    (folder / "smb.conf").write_text("\n".join(["[global]", *settings]))
    words = [program("smbd"), "-F", "--no-process-group", "-s", folder / "smb.conf"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        listening(port, server)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(60)


def said(samba, most):
    def client(port):
        words = ["-L", "//127.0.0.1", "-N", "-p", port, "--option=client min protocol=NT1"]
        words += [f"--option=client max protocol={most}"]
        subprocess.run([program("smbclient"), *map(str, words)], capture_output=True, timeout=60, check=False)

    return relayed(client, samba)


def test_a_server_that_agrees_to_the_first_version_is_told(samba, tmp_path):
    (breach,) = breaches(pcap(tmp_path / "x", segments(CLIENT, SERVER, said(samba, "NT1"), port=445)))

    assert (breach.name, breach.source_ip, breach.targets[0].ip) == ("smb1", CLIENT, SERVER)
    assert "SMB" in breach.words[0]


def test_a_client_that_offers_it_to_a_server_that_chooses_a_later_one_is_not(samba, tmp_path):
    turns = said(samba, "SMB3")

    assert any(b"SMB" in content for _, content in turns)
    assert breaches(pcap(tmp_path / "x", segments(CLIENT, SERVER, turns, port=445))) == ()
