# SPDX-License-Identifier: Apache-2.0
import pytest

from support.capture import CLIENT, SERVER, classes, connection, pcap
from support.handshakes import certificate, segments, spoken

SPOKEN = [
    b'{"id": 1, "method": "mining.subscribe", "params": ["cgminer/4.10.0"]}\n',
    b'{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4A","pass":"x","agent":"XMRig/6.21.0"}}\n',
    b'{"jsonrpc":"2.0","id":1,"method":"eth_submitLogin","params":["0x1"]}\n',
]


@pytest.mark.parametrize("said", SPOKEN)
@pytest.mark.parametrize("port", [3_333, 443])
def test_the_first_message_of_a_miner_is_told_whatever_the_port(tmp_path, said, port):
    frames = connection(CLIENT, SERVER, port, 0, data=((True, said), (False, b'{"id":1,"result":true}\n')))

    assert classes(pcap(tmp_path / "x", frames)) == {("mining", CLIENT)}


@pytest.mark.parametrize(
    "said",
    [
        (False, b'{"id":null,"method":"mining.notify","params":["a","b"]}\n'),
        (True, b'{"params":["w","a","1","2","3"],"id":4,"method":"mining.submit"}\n'),
        (False, b'{"jsonrpc":"2.0","method":"job","params":{"blob":"06","job_id":"x","target":"b8"}}\n'),
        (True, b'{"id":3,"method":"submit","params":{"id":"x","job_id":"y","nonce":"d0","result":"e1"}}\n'),
    ],
)
def test_a_miner_that_was_at_work_before_is_told_by_either_side(tmp_path, said):
    frames = connection(CLIENT, SERVER, 14_444, 0, data=(said,))[3:-2]

    assert classes(pcap(tmp_path / "x", frames)) == {("mining", CLIENT)}


@pytest.mark.parametrize(
    "said",
    [
        b'{"id":1,"method":"submit","params":{"job_id":"form"}}\n',
        b'{"id":1,"method":"login","params":{"user":"a","password":"b"}}\n',
        b'{"id":1,"method":"eth_blockNumber","params":[]}\n',
        b'{"text":"mining.subscribe"}\n',
    ],
)
def test_other_calls_are_none(tmp_path, said):
    assert classes(pcap(tmp_path / "x", connection(CLIENT, SERVER, 3_333, 0, data=((True, said),)))) == set()


@pytest.mark.parametrize(
    ("name", "alpn", "told"),
    [
        ("gulf.moneroocean.stream", (), True),
        ("gulf.moneroocean.stream", ("h2", "http/1.1"), False),
        ("www.example.vn", (), False),
    ],
    ids=["a program at a pool", "a browser at its site", "a program at a site"],
)
def test_a_program_that_greets_a_pool_is_told_and_a_browser_is_not(tmp_path, name, alpn, told):
    turns = spoken(certificate(tmp_path), name=name, alpn=alpn)
    found = classes(pcap(tmp_path / "x", segments(CLIENT, SERVER, turns, port=20_128)))

    assert found == ({("mining", CLIENT)} if told else set())
