# SPDX-License-Identifier: Apache-2.0
"""Which sensors and inputs run on this host, from where logs go on, and how each reading fared."""

import dataclasses
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from giamsat_agent.config import Config
from giamsat_agent.input import Deliver, Input
from giamsat_agent.schedule import Outcome, Planned
from giamsat_agent.sensor import Host, is_log
from giamsat_agent.sensors import EVENTS, METRICS
from giamsat_wire.clock import Clock
from giamsat_wire.record import Position, Sample


def planned(config: Config, host: Host, positions: Mapping[str, Position]) -> tuple[Planned, ...]:
    """Every sensor that is not switched off; logs go on from where what is durable ends."""
    specs = [dataclasses.replace(spec, every_s=config.sensors.period_s) for spec in METRICS] + list(EVENTS)
    patient = {spec.name for spec in METRICS}
    found = []
    for spec in specs:
        if spec.name in config.sensors.disabled:
            continue
        sensor = spec.build(host)
        if is_log(sensor) and spec.name in positions:
            sensor.resume(positions[spec.name])
        found.append(Planned(spec, sensor, patient=spec.name in patient))
    return tuple(found)


def inputs(config: Config, clock: Clock, deliver: Deliver) -> tuple[Input, ...]:
    """Every input the configuration asks for. Only these are imported: what reads all products takes 14 MB.

    Raises:
        AgentError: one of them cannot be made of what the configuration says.
    """
    found: list[Input] = []
    if config.syslog.listens:
        from giamsat_agent.listeners import syslog  # noqa: PLC0415 - see above

        found.append(syslog(config.syslog, clock, deliver))
    if config.packets.interfaces:
        from giamsat_agent.packets.telling.service import CaptureService  # noqa: PLC0415 - see above

        packets = config.packets
        service = CaptureService(
            Path(packets.socket),
            packets.interfaces,
            user=packets.user,
            flow_bytes=packets.flow_bytes_per_minute,
            clock=clock,
            deliver=deliver,
        )
        found.append(service)
    if (config.snmptrap.udp or config.device) and config.polling.socket:
        from giamsat_agent.devices.service import DevicesService  # noqa: PLC0415 - see above

        its, period_s = config.polling, config.sensors.period_s
        found.append(DevicesService(Path(its.socket), user=its.user, period_s=period_s, clock=clock, deliver=deliver))
    else:
        found += devices(config, clock, deliver)
    if config.check:
        from giamsat_agent.check_runner import Checking  # noqa: PLC0415 - see above

        found.append(Checking(config.check, clock=clock, rng=random.SystemRandom(), deliver=deliver))
    return tuple(found)


def devices(config: Config, clock: Clock, deliver: Deliver) -> tuple[Input, ...]:
    """What asks devices and takes their notifications, in this process.

    Raises:
        AgentError: one of them cannot be made of what the configuration says.
    """
    found: list[Input] = []
    state = Path(config.polling.state if config.polling.socket else config.state)
    if config.snmptrap.udp:
        from giamsat_agent.devices import credential  # noqa: PLC0415 - see above
        from giamsat_agent.devices.trap_listener import TrapListener  # noqa: PLC0415 - see above

        users = [credential.user(Path(file)) for file in config.snmptrap.user_files]
        found.append(TrapListener(config.snmptrap.udp, clock=clock, deliver=deliver, state=state, users=users))
    if config.device:
        from giamsat_agent.devices.poller import Poller  # noqa: PLC0415 - see above

        rng = random.SystemRandom()
        found.append(Poller(config.device, clock=clock, rng=rng, deliver=deliver, state=state))
    return tuple(found)


class Fared:
    """How each sensor fared when it was last read, under node_exporter's names; durations to a millisecond.

    Sensors of different intervals are read at different times, and a sample that a set does not hold has ended: every
    set tells of every sensor that was ever read.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, bool]] = {}

    def read(self, outcomes: Iterable[Outcome]) -> None:
        """Take note of these readings."""
        for outcome in outcomes:
            self._last[outcome.sensor] = outcome.duration_s, outcome.failure is None

    def samples(self) -> Iterator[Sample]:
        """Two of each sensor."""
        for sensor, (duration_s, whole) in self._last.items():
            labels = (("collector", sensor),)
            yield Sample("node_scrape_collector_duration_seconds", round(duration_s, 3), labels)
            yield Sample("node_scrape_collector_success", 1.0 if whole else 0.0, labels)
