# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket

import pytest

from giamsat_agent.devices import report, sender
from giamsat_agent.devices.sender import Telling
from giamsat_wire.record import Event, Sample

EVENT = Event("device-restarted", 5, 6, {"event.action": "device-restarted", "event.provider": "snmp"})


@contextlib.contextmanager
def agent(path):
    """The agent's end; `hear` gives what came so far."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(60)
        yield listener


def came(line):
    line.settimeout(0)
    found = []
    with contextlib.suppress(BlockingIOError):
        while message := line.recv(report.MESSAGE_BYTES):
            found.append(report.decode(message))
    return found


@pytest.fixture
def path(tmp_path):
    return tmp_path / "devices.sock"


@pytest.fixture
def way(path):
    with contextlib.closing(Telling(str(path))) as way:
        yield way


def test_while_the_agent_is_away_events_wait_and_figures_do_not(path, way):
    way.happened([EVENT])
    way.measured([Sample("x", 1.0)], {})
    way.close()
    with agent(path) as listener:
        way.measured([Sample("x", 2.0)], {"device sw2": "silent"})
        line, _ = listener.accept()
        with line:
            event, figures = came(line)

    assert event.kind == EVENT.kind
    assert (figures.rows, figures.problems) == ((("x", 2.0, ()),), {"device sw2": "silent"})


def test_what_waits_is_bounded_and_what_is_let_go_of_is_counted(path, way, monkeypatch):
    monkeypatch.setattr(sender, "WAITING", 3)
    way.happened([EVENT] * 5)
    with agent(path) as listener:
        way.measured([], {})
        line, _ = listener.accept()
        with line:
            *events, figures = came(line)

    assert len(events) == 3
    assert figures.untold == 2


def test_an_agent_that_went_away_is_found_again(path, way):
    for value in (1.0, 2.0):
        with agent(path) as listener:
            way.measured([Sample("x", value)], {})
            way.measured([Sample("x", value)], {})  # the first may find out that the one before is gone
            line, _ = listener.accept()
            with line:
                assert came(line)[-1].rows == (("x", value, ()),)
