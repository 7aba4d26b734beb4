# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets import accepted_connections
from giamsat_agent.packets.accepted_connections import Begun
from support.capture import CLIENT, IP, SERVER, START, TCP, batches, frame, pcap

NS = 1_000_000_000
PAUSE_NS = 900 * NS


def accepted(path, *ports_at):
    """A batch in which a server accepts connections from these ports, each after so many seconds."""
    frames = [
        (after, frame(IP(src=SERVER, dst=CLIENT), TCP(sport=443, dport=port, flags="SA"))) for port, after in ports_at
    ]
    (batch,) = batches(pcap(path, frames), 1_000)
    return batch


def test_what_was_accepted_comes_back_once_with_who_asked_and_is_no_longer_here(tmp_path):
    table, batch = Begun(PAUSE_NS), accepted(tmp_path / "x", (40_000, 1), (40_001, 2))

    assert table.begin(batch, batch.accepts).tolist() == [True, True]
    (one,) = table.let_go(batch.talk[:1])
    assert one[2:] == (40_000, int(batch.source[0]), 443, (START + 1) * NS, 1)
    assert one[1] == batch.destination[0]
    assert list(table.let_go(batch.talk[:1])) == []
    assert len(list(table.let_go(batch.talk))) == 1


def test_what_ended_does_not_come_back(tmp_path):
    table, batch = Begun(PAUSE_NS), accepted(tmp_path / "x", (40_000, 1))
    table.begin(batch, batch.accepts)
    table.end(batch.talk)

    assert list(table.let_go(batch.talk)) == []


@pytest.mark.parametrize(("after", "is_here"), [(900, False), (901, True)])
def test_one_that_finds_another_in_its_slot_is_here_once_that_began_a_pause_ago(tmp_path, monkeypatch, after, is_here):
    monkeypatch.setattr(accepted_connections, "_slots", lambda talks: (talks & talks ^ talks).view("i8"))
    table, first = Begun(PAUSE_NS), accepted(tmp_path / "x", (40_000, 0))
    table.begin(first, first.accepts)
    other = accepted(tmp_path / "y", (40_001, after))

    assert table.begin(other, other.accepts).tolist() == [is_here]
    assert len(list(table.let_go(first.talk))) == (not is_here)


def test_of_two_at_once_for_one_slot_one_is_here(tmp_path, monkeypatch):
    monkeypatch.setattr(accepted_connections, "_slots", lambda talks: (talks & talks ^ talks).view("i8"))
    table, batch = Begun(PAUSE_NS), accepted(tmp_path / "x", (40_000, 0), (40_001, 0))

    assert table.begin(batch, batch.accepts).tolist() == [False, True]
