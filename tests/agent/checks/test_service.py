# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.check import CheckError, Failure, Run
from giamsat_agent.checks.service import ServiceCheck
from giamsat_agent.machine.dbus_values import Writer
from giamsat_wire.clock import SystemClock
from support.checking import settings
from support.fake_bus import ERROR, METHOD_RETURN, bus, message, texts, variant


def number(kind, value):
    body = Writer()
    body.signature(kind)
    if kind == "t":
        body.align(8)
        body.content += value.to_bytes(8, "little")
    else:
        body.u32(value)
    return bytes(body.content)


def systemd(state, asked):
    properties = {
        "ActiveState": variant(state),
        "ActiveEnterTimestamp": number("t", 1_700_000_000_000_000),
        "NRestarts": number("u", 3),
        "TasksCurrent": number("t", (1 << 64) - 1),
    }

    def answer(call, serial):
        asked.append(call)
        if call.member == "GetUnit":
            known = call.arguments == ("nginx.service",)
            body = texts("/org/freedesktop/systemd1/unit/nginx_2eservice")
            return message(METHOD_RETURN if known else ERROR, reply_to=serial, body=body)
        return message(METHOD_RETURN, reply_to=serial, body=properties[call.arguments[1]])

    return answer


async def run(address, target="nginx"):
    ran = Run(SystemClock())
    try:
        await ServiceCheck(settings(what="service", target=target), str(address)).run(ran)
    except CheckError as error:
        return ran, error
    return ran, None


async def test_a_service_that_runs_says_since_when_and_how_often_it_began_anew(tmp_path):
    asked = []
    with bus(tmp_path / "bus", systemd("active", asked)):
        ran, error = await run(tmp_path / "bus")

    assert error is None
    assert {sample.name: sample.value for sample in ran.samples} == {
        "node_systemd_unit_start_time_seconds": 1_700_000_000,
        "node_systemd_service_restart_total": 3,
    }
    assert {call.path for call in asked[1:]} == {"/org/freedesktop/systemd1/unit/nginx_2eservice"}
    assert dict(ran.samples[0].labels) == {"name": "nginx.service"}


async def test_a_service_that_does_not_run_or_is_not_there_is_told_apart(tmp_path):
    with bus(tmp_path / "bus", systemd("failed", [])):
        _, failed = await run(tmp_path / "bus")
        _, unknown = await run(tmp_path / "bus", "ngnix")
    _, no_systemd = await run(tmp_path / "none")

    assert str(failed) == "nginx.service is failed; systemctl status nginx.service"
    assert "there is no unit ngnix.service" in str(unknown)
    assert no_systemd.failure is Failure.UNUSABLE


async def test_a_bus_that_answers_nonsense_is_no_service(tmp_path):
    with bus(tmp_path / "bus", lambda _, serial: message(METHOD_RETURN, reply_to=serial, body=b"\xff" * 5)):
        _, error = await run(tmp_path / "bus")

    assert error.failure is Failure.UNUSABLE
