# SPDX-License-Identifier: Apache-2.0
"""Everything of ours that reads bytes from outside: what it is given when all is well, and how it may refuse.

A target takes any bytes. It returns, or raises one of its refusals; anything else is a crash.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Final

import fuzz_logs
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from giamsat_agent import config as agent_config
from giamsat_agent import enrolment
from giamsat_agent.config import Syslog
from giamsat_agent.devices import ber, trap
from giamsat_agent.devices import report as device_report
from giamsat_agent.errors import AgentError, ConfigError
from giamsat_agent.listeners import syslog
from giamsat_agent.logs import journal_entry
from giamsat_agent.logs.syslog_frames import FramingError
from giamsat_agent.machine import sock_diag
from giamsat_agent.machine.dbus_values import Reader
from giamsat_agent.packets import reading
from giamsat_agent.packets.sources import captures
from giamsat_agent.packets.telling import report
from giamsat_agent.spool import segment
from giamsat_agent.spool.segment import Description
from giamsat_agent.uplink import keys
from giamsat_collector.archive import block
from giamsat_collector.config import Config as CollectorConfig
from giamsat_collector.errors import ConfigError as CollectorConfigError
from giamsat_collector.errors import RefusedError
from giamsat_collector.ingest import peer
from giamsat_collector.registry import importing, intake
from giamsat_collector.signing import possession
from giamsat_collector.signing.authority import open_authority
from giamsat_rules import bundle, document, override
from giamsat_rules.errors import RulesError
from giamsat_rules.load import shipped
from giamsat_wire import emergency, enrolment_file, parcel, receipt, typed_code
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.clock import SystemClock
from giamsat_wire.codec import decode, encode_happenings, encode_loss, encode_readings
from giamsat_wire.errors import WireError
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import Carried, Opener, ParcelError, Run, Sealer
from giamsat_wire.record import Event, FieldValue, Loss, LossReason, Sample, SampleSet

ROOT: Final = Path(__file__).resolve().parents[2]
NOW: Final = datetime(2027, 1, 15, 12, tzinfo=UTC)
AGENT: Final = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True, slots=True)
class Target:
    """A reader of outside bytes."""

    name: str
    read: Callable[[bytes], object]
    refusals: tuple[type[BaseException], ...]
    seeds: tuple[bytes, ...]


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return keys.fresh()


@cache
def _other_key() -> ec.EllipticCurvePrivateKey:
    return keys.fresh()


def _frame(data: bytes) -> object:
    return decode(data[0], data[1:], ChainDecoder())


def _frames() -> tuple[bytes, ...]:
    fields: dict[str, FieldValue] = {
        "user.name": "an",
        "source.port": 22,
        "ratio": 0.5,
        "ok": True,
        "event.category": ("authentication",),
    }
    made = [
        *encode_happenings([Event("user-login", 1, 2, fields)] * 3),
        encode_readings(ChainEncoder(), [SampleSet(1, 2, (Sample("node_load1", 0.5),))], begin=True),
        encode_loss(Loss(Lane.EVENT, 5, 1, 9, LossReason.SPOOL_FULL)),
    ]
    return tuple(bytes([int(one.flags)]) + one.payload for one in made)


def _segment() -> bytes:
    said = Description(format=1, epoch=5, agent="a", boot="b", created_ns=1, positions={"journal": b"c"})
    records = [segment.encode(flags=1, lane=2, seq=seq, payload=b"p" * seq) for seq in range(1, 5)]
    return segment.describe(said, 2, 1) + b"".join(records) + segment.encode_positions({"x": b"y"}, lane=2, seq=4)


def _parcel() -> bytes:
    carrier = _key()
    sealer = Sealer(AGENT, 7, bound=_key(), carrier=carrier.public_key(), ephemeral=keys.fresh())
    run = Run(Lane.EVENT, 5, 1, 3, 0, (Carried(1, 1, b"one", 7), Carried(2, 1, b"two", 8)))
    return sealer.opening + sealer.piece(run, last=False) + sealer.piece(None, last=True)


def _opened(data: bytes) -> object:
    file = io.BytesIO(data)
    opener = Opener(parcel.begun(file), _key())
    return [opener.piece(number, sealed, last=last) for number, (sealed, last) in enumerate(parcel.pieces(file))]


def _certificate(data: bytes) -> object:
    return peer.authenticate({"x509_pem_cert": [data]}, lambda _: None)


def _certificate_seed(folder: Path) -> bytes:
    authority = open_authority(folder / "ca", SystemClock())
    leaf, _ = authority.agent(_key().public_key(), unit="40.412", agent_id=AGENT)
    return leaf.public_bytes(serialization.Encoding.PEM)


def _requested(data: bytes) -> object:
    spki = keys.public_der(_other_key())
    return possession.proved(csr_der=data, bound_spki_der=spki, bound_signature=data[-72:], signed=b"x")


def _text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", "replace"))


def _capture(folder: Path, data: bytes) -> object:
    path = folder / "capture"
    path.write_bytes(data)
    with captures.opened(path) as found:
        return reading.read(found, lambda _: None)


OVERRIDE: Final = b"""override: portal
system: S1
owner: a
document: 12/QD
reason: b
from: 2026-11-01
expires: 2027-03-31
set: {ssh_failed_logins: 12}
exclude: [web_attack]
"""


def _override(data: bytes) -> None:
    for each in document.read(data, Path("x.yml"))[0]:
        override.read_override(each, ("ssh_failed_logins",), [])


def _bundle_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(32))


def _bundle() -> bytes:
    made = bundle.Bundle(
        serial=1, audience="province", made_ns=1, expires_ns=1 << 62, files={"rules/a.yml": "title: a"}
    )
    return bundle.signed(made, [_bundle_key()])


def _emergency(data: bytes) -> object:
    two = _bundle_key(), Ed25519PrivateKey.from_private_bytes(b"1" * 32)
    return emergency.believed(data, [key.sign(data) for key in two], [key.public_key() for key in two])


def _block(data: bytes) -> object:
    said = block.head(data)
    return None if said is None else list(block.decode(said, data[-said.length :]))


def _dbus(data: bytes) -> object:
    reader = Reader(data)
    while reader.at < len(data):
        reader.text()
        reader.signature()
    return reader.at


def _example(name: str) -> bytes:
    """The beginning of an example file, so that one run takes a moment."""
    return b"\n".join(intake.example_files()[name].data.splitlines()[:12]) + b"\n"


def _trap() -> bytes:
    """A version 2 notification: linkDown."""

    def value(tag: int, *parts: bytes) -> bytes:
        content = b"".join(parts)
        return bytes([tag, len(content)]) + content

    def bound(oid: str, what: bytes) -> bytes:
        return value(ber.SEQUENCE, value(6, bytes.fromhex(oid)), what)

    zero = value(2, b"\0")
    uptime = bound("2b06010201010300", value(0x43, b"\1"))
    kind = bound("2b060106030101040100", value(6, bytes.fromhex("2b0601060301010503")))
    pdu = value(trap.TRAP2, value(2, b"\1"), zero, zero, value(ber.SEQUENCE, uptime, kind))
    return value(ber.SEQUENCE, value(2, b"\1"), value(4, b"public"), pdu)


def targets(folder: Path) -> Iterator[Target]:
    """Every target; files are written to `folder`."""
    carrier, trust = _key(), bundle.Trust([_bundle_key().public_key().public_bytes_raw()], 1, "province")
    listener = syslog(Syslog(), SystemClock(), lambda _: None).listener
    wire, devices = (WireError,), (AgentError,)
    rule = next(path for path in sorted(shipped().detections.rglob("*.yml")) if ".cases" not in path.name)
    token = "gs1." + "a" * 12 + "." + "b" * 26 + "." + "c" * 32
    yield Target("frame", _frame, (*wire, IndexError), _frames())
    yield Target("spool segment", lambda data: segment.survey(data, 2, 1), (), (_segment(),))
    yield Target("parcel", _opened, (ParcelError,), (_parcel(),))
    yield Target(
        "receipt",
        lambda data: receipt.read(io.BytesIO(data), AGENT, carrier.public_key()),
        (ParcelError,),
        (receipt.written(AGENT, 1, [receipt.Held(Lane.EVENT, 5, 3)], carrier),),
    )
    yield Target("client certificate", _certificate, (PermissionError,), (_certificate_seed(folder),))
    by_hand = enrolment_file.sealed(enrolment_file.REQUEST, "t", bytes(32), b"", bytes(12))
    yield Target("enrolment by hand", partial(enrolment_file.asked, known=bytes(32)), (ParcelError,), (by_hand,))
    yield Target("certificate request", _requested, (RefusedError,), (keys.certificate_request(carrier),))
    yield Target("token", _text(enrolment.parse_token), devices, (token.encode(),))
    yield Target(
        "typed code",
        _text(lambda text: typed_code.token(text.splitlines())),
        (typed_code.TypedCodeError,),
        ("\n".join(typed_code.lines(token)).encode(),),
    )
    shown = (ROOT / "packaging/config/agent.toml", ROOT / "packaging/config/collector.toml")
    ours, theirs = (path.read_bytes() for path in shown)
    yield Target("agent.toml", _text(partial(agent_config.parse, where="x")), (ConfigError,), (ours,))
    yield Target("collector.toml", _text(partial(CollectorConfig.parse, where="x")), (CollectorConfigError,), (theirs,))
    yield Target("units.csv", lambda data: importing.read_units(data, "x"), (), (_example("units"),))
    yield Target("systems.csv", lambda data: importing.read_systems(data, "x", (), ()), (), (_example("systems"),))
    yield from (
        Target("syslog message", lambda data: listener.received("192.0.2.1", data), (), fuzz_logs.lines()),
        Target("syslog stream", fuzz_logs.framed, (FramingError,), (b"5 hello<13>line\n12 <13>a b: c d\n",)),
        Target("log file", fuzz_logs.read, (), fuzz_logs.files()),
    )
    entry = {"__CURSOR": "s=1", "MESSAGE": "Failed", "_COMM": "sshd", "__REALTIME_TIMESTAMP": "1800000000000000"}
    yield Target("journal entry", journal_entry.parse, (), (json.dumps(entry).encode(),))
    yield Target("notification", trap.decode, (ber.BerError,), (_trap(),))
    yield Target(
        "capture report", report.decode, (report.ReportError,), (report.encode(report.Sight("lo", watched=True)),)
    )
    yield Target("D-Bus values", _dbus, (ValueError,), (b"\x04\0\0\0name\0\x01s\0",))
    yield Target("socket list", lambda data: list(sock_diag.parse(data, "tcp")), (OSError,), (bytes(88),))
    yield Target("capture file", partial(_capture, folder), devices, _captures(folder))
    yield Target("rule", lambda data: document.read(data, Path("x.yml")), (), (rule.read_bytes(),))
    yield Target("override", _override, (), (OVERRIDE,))
    yield from (
        Target("rule bundle", lambda data: bundle.believed(data, trust), (RulesError,), (_bundle(),)),
        Target("message of devices", device_report.decode, (device_report.ToldError,), _of_devices()),
        Target("emergency", _emergency, (WireError,), (emergency.written(emergency.Statement(7, (b"root",))),)),
    )
    yield Target("archive block", _block, (block.DamagedError,), (_archived(),))


def _of_devices() -> tuple[bytes, ...]:
    event = Event("device-restarted", 1, 1, {"event.action": "device-restarted", "event.provider": "snmp"})
    figures = device_report.measured([Sample("snmp_up", 1.0, (("device", "sw1"),))], {}, 0)
    return (device_report.happened(event), *figures)


def _archived() -> bytes:
    from support.stored import stored  # noqa: PLC0415 - of the tests, found by then

    return block.encode([stored(1), stored(2)])  # type: ignore[no-untyped-call]


def _captures(folder: Path) -> tuple[bytes, ...]:
    from support.capture import IP, TCP, frame, pcap, pcapng  # noqa: PLC0415 - of the tests, and loads scapy

    raw = frame(IP(src="192.0.2.1", dst="192.0.2.2"), TCP(dport=22, flags="S"))  # type: ignore[no-untyped-call]
    made = [pcap(folder / "a", [(0, raw), (1, raw)]), pcapng(folder / "b", [(0, raw, 0)])]  # type: ignore[no-untyped-call]
    return tuple(path.read_bytes() for path in made)
