# SPDX-License-Identifier: Apache-2.0
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


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    assert "learned anew" in PortMemory(tmp_path / "none" / "ports.json").keep({}, mono_ns=0)
