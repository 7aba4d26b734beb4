# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.devices import port_memory
from giamsat_agent.devices.port_memory import EVERY_NS, PortMemory
from giamsat_agent.devices.ports import LEARNED_NS, Arrival, Ports


def test_what_is_kept_is_there_again_and_is_not_written_at_every_poll(tmp_path):
    path, ports = tmp_path / "ports.json", Ports()
    memory = PortMemory(path)
    ports.seen({"a": "Gi0/1"}, mono_ns=0)
    ports.seen({"a": "Gi0/1"}, mono_ns=LEARNED_NS)

    assert memory.keep({"sw1": ports}, mono_ns=0) == ""
    ports.seen({"b": "Gi0/1"}, mono_ns=LEARNED_NS)
    memory.keep({"sw1": ports}, mono_ns=EVERY_NS - 1)
    again = PortMemory(path).ports("sw1", ())

    assert again.seen({"a": "Gi0/1", "b": "Gi0/1"}, mono_ns=0) == [Arrival("b", "Gi0/1", "")]
    memory.keep({"sw1": ports}, mono_ns=EVERY_NS)
    assert PortMemory(path).ports("sw1", ()).known.keys() == {"a", "b"}


def test_a_folder_that_cannot_be_written_is_said_until_it_can(tmp_path):
    memory = PortMemory(tmp_path / "none" / "ports.json")

    assert "learned anew" in memory.keep({}, mono_ns=0)
    assert "learned anew" in memory.keep({}, mono_ns=1)
    (tmp_path / "none").mkdir()
    assert memory.keep({}, mono_ns=EVERY_NS) == ""


def test_a_file_that_is_too_long_is_neither_read_nor_written_and_that_is_said(tmp_path, monkeypatch):
    path, ports = tmp_path / "ports.json", Ports()
    ports.seen({"a" * 100: "Gi0/1"}, mono_ns=0)
    PortMemory(path).keep({"sw1": ports}, mono_ns=0)
    before = path.read_bytes()
    monkeypatch.setattr(port_memory, "BYTES", 100)
    memory = PortMemory(path)

    assert memory.ports("sw1", ()).known == {}
    assert "is longer than 100 bytes; ports are learned anew" in memory.problem
    assert "would be longer than 100 bytes" in memory.keep({"sw1": ports}, mono_ns=0)
    assert path.read_bytes() == before


def test_a_file_that_is_not_there_yet_is_no_problem_and_one_that_cannot_be_read_is(tmp_path):
    assert PortMemory(tmp_path / "ports.json").problem == ""
    assert "cannot be read: Is a directory; ports are learned anew" in PortMemory(tmp_path).problem
