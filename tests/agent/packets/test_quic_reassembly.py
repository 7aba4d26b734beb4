# SPDX-License-Identifier: Apache-2.0
import random
import ssl
import subprocess

import pytest

from giamsat_agent.packets.payloads import tls
from giamsat_agent.packets.quic_reassembly import DATAGRAMS, LOOKED_AT
from giamsat_agent.packets.tls_reassembly import Greetings
from support.capture import CLIENT, SERVER, batches, pcap
from support.handshakes import certificate, spoken
from support.peers import program
from support.quic import datagrams, frames


@pytest.fixture(scope="module")
def hello(tmp_path_factory):
    """What a real client says first, without the record of TCP around it."""
    turns = spoken(certificate(tmp_path_factory.mktemp("tls")), version=ssl.TLSVersion.TLSv1_3, alpn=("h3",))
    return turns[0][1][tls.RECORD_HEADER :]


def heard(path, at_once=4_096):
    greetings = Greetings()
    return [one for batch in batches(path, at_once) for one in greetings.joined(batch).greetings]


@pytest.mark.parametrize("most", [1_100, 200])
@pytest.mark.parametrize("at_once", [1, 4_096])
def test_a_hello_is_heard_in_however_many_datagrams_and_whatever_order_it_comes(hello, tmp_path, most, at_once):
    said = datagrams(hello, most=most)
    random.Random(4).shuffle(said)

    (greeting,) = heard(pcap(tmp_path / "x", frames(CLIENT, SERVER, said + said)), at_once)

    assert greeting.hello.server_name == "dichvucong.example"
    assert greeting.ja4.startswith("q13d")
    assert greeting.ja4[8:10] == "h3"
    assert greeting.ends[2:] == (50_000, 443)


@pytest.mark.peer("tshark")
@pytest.mark.parametrize("version", [1, 0x6B3343CF])
def test_tshark_reads_the_same_name_in_them(hello, tmp_path, version):
    path = pcap(tmp_path / "x", frames(CLIENT, SERVER, datagrams(hello, version=version)))
    words = [program("tshark"), "-r", path, "-T", "fields", "-e", "tls.handshake.extensions_server_name"]
    said = subprocess.run(list(map(str, words)), capture_output=True, check=True, text=True).stdout.split()

    assert said == [one.hello.server_name for one in heard(path)] == ["dichvucong.example"]


def test_of_each_batch_and_of_each_connection_so_many_are_opened(hello, tmp_path):
    never = datagrams(hello, most=60)[1:2] * (DATAGRAMS + 1) + datagrams(hello)
    many = [one for port in range(LOOKED_AT + 5) for one in datagrams(hello, identifier=port.to_bytes(8))]

    assert heard(pcap(tmp_path / "x", frames(CLIENT, SERVER, never))) == []
    assert len(heard(pcap(tmp_path / "y", frames(CLIENT, SERVER, many)))) == LOOKED_AT
