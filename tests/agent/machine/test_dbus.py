# SPDX-License-Identifier: Apache-2.0
import subprocess

import pytest

from giamsat_agent.machine.dbus import CALLS_MOST, MESSAGE_BYTES, Bus, BusError, Call, reply_serial
from giamsat_agent.machine.dbus_values import Reader
from support import fake_bus, peers
from support.fake_bus import ERROR, METHOD_RETURN, SIGNAL, message, texts

LIST_NAMES = Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ListNames")


def echo(call, serial):
    return message(METHOD_RETURN, reply_to=serial, body=texts(*call.arguments))


def ask(*arguments):
    return Call("a.service", "/an/object", "an.interface", "Ask", arguments)


@pytest.fixture
def call(tmp_path):
    """A function that makes calls on a bus that answers as told."""

    def call(answer, *calls, limit_s=5.0):
        with fake_bus.bus(tmp_path / "bus", answer):
            bus = Bus(str(tmp_path / "bus"), limit_s=limit_s)
            try:
                return bus.call(calls)
            finally:
                bus.close()

    return call


def test_every_call_gets_its_own_answer(call):
    calls = [ask(str(i), "đ") for i in range(CALLS_MOST * 2 + 1)]

    assert call(echo, *calls) == [texts(str(i), "đ") for i in range(len(calls))]


def test_a_call_that_is_refused_gets_nothing_and_the_next_its_answer(call):
    def answer(asked, serial):
        return message(ERROR, reply_to=serial) if asked.arguments == ("no",) else echo(asked, serial)

    assert call(answer, ask("no"), ask("yes")) == [None, texts("yes")]


def test_signals_between_the_answers_are_skipped(call):
    assert call(lambda asked, serial: message(SIGNAL, body=b"news") * 3 + echo(asked, serial), ask("a")) == [texts("a")]


def test_endless_signals_are_given_up(call):
    with pytest.raises(BusError, match="other messages instead of a reply"):
        call(lambda _asked, _serial: message(SIGNAL) * 1_100, ask())


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (message(METHOD_RETURN, says_bytes=MESSAGE_BYTES + 1), "which is not read"),
        (b"B" + message(METHOD_RETURN)[1:], "byte order b'B'"),
        (message(METHOD_RETURN)[:12] + b"\x08\0\0\0" + b"\xff" * 8, "head that cannot be read"),
    ],
    ids=["too large", "other byte order", "no header fields"],
)
def test_what_cannot_be_read_is_refused(call, sent, complaint):
    with pytest.raises(BusError, match=complaint):
        call(lambda _asked, _serial: sent, ask())


def test_a_bus_that_hangs_up_is_said(call):
    with pytest.raises(BusError, match="closed the connection"):
        call(lambda _asked, _serial: None, ask())


def test_a_bus_that_is_silent_is_left_in_time(call):
    with pytest.raises(TimeoutError):
        call(lambda _asked, _serial: b"", ask(), limit_s=0.05)


def test_a_bus_that_refuses_the_user_is_said(tmp_path):
    with (
        fake_bus.bus(tmp_path / "bus", echo, greeting=b"REJECTED EXTERNAL\r\n"),
        pytest.raises(BusError, match="refused user id"),
    ):
        Bus(str(tmp_path / "bus"), limit_s=5)


def test_no_bus_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        Bus(str(tmp_path / "bus"), limit_s=5)


def test_a_field_of_an_unknown_type_is_refused():
    with pytest.raises(ValueError, match="unknown type 'x'"):
        reply_serial(b"\x05\x01x\0" + bytes(12))


@pytest.mark.peer("dbus-daemon")
def test_a_real_bus_answers(tmp_path):
    address = f"unix:path={tmp_path}/bus"
    command = [peers.program("dbus-daemon"), "--session", f"--address={address}", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as daemon:
        try:
            daemon.stdout.readline()
            bus = Bus(f"{tmp_path}/bus", limit_s=5)
            (names,) = bus.call([LIST_NAMES])
            (owner,) = bus.call([Call(*("org.freedesktop.DBus",), "/", "org.freedesktop.DBus", "NoSuchMethod")])
            bus.close()
        finally:
            daemon.terminate()

    reader = Reader(names)
    reader.u32()
    assert reader.text() == "org.freedesktop.DBus"
    assert owner is None
