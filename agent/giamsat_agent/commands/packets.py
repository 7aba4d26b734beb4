# SPDX-License-Identifier: Apache-2.0
"""Captures on the command line."""

import contextlib
import json
import math
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.status import Status

from giamsat_agent.commands.options import JsonOption, say
from giamsat_agent.packets.anomaly import Anomaly, Kind
from giamsat_agent.packets.errors import EvidenceError
from giamsat_agent.packets.telling import anomaly_event
from giamsat_agent.packets.telling.report import found as reported
from giamsat_wire.printable import visible

if TYPE_CHECKING:
    from giamsat_agent.packets.chunk import Damage
    from giamsat_agent.packets.reading import Findings

app = typer.Typer(no_args_is_help=True, help="Gói tin mạng. / Network packets.")

PARTLY: Final = 2
"""Exit code: a file could be read in part only."""
RING_MIB: Final = 8
PAUSE_S: Final = 0.05


class Language(StrEnum):
    """In which language the sentences are."""

    VI = "vi"
    EN = "en"


@app.command("read")
def packets_read(
    files: Annotated[
        list[Path],
        typer.Argument(help="Tệp pcap hoặc pcapng, có thể nén gzip. / pcap or pcapng files, gzip around them or not."),
    ],
    as_json: JsonOption = False,
    lang: Annotated[Language, typer.Option(help="Ngôn ngữ của các câu. / Language of the sentences.")] = Language.VI,
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục; gói tin của mỗi bất thường được ghi vào đó thành tệp pcap. "
            "/ A folder; the packets of each anomaly are written there as a pcap."
        ),
    ] = None,
    policy: Annotated[
        bool,
        typer.Option(
            "--policy",
            help="Cả điều thông thường mà chính sách có thể cấm: TLS yếu, chứng thư sai, mật khẩu không mã hóa. "
            "/ Also what is ordinary but may be forbidden: weak TLS, bad certificates, open passwords.",
        ),
    ] = False,
    known_bad: Annotated[
        list[Path] | None,
        typer.Option(
            help="Tệp chứa địa chỉ, tên miền, dấu vân JA4 xấu, mỗi dòng một mục. "
            "/ A file of evil addresses, domains and JA4 fingerprints, one a line."
        ),
    ] = None,
) -> None:
    """Tìm bất thường trong tệp bắt gói. / Find anomalies in capture files. Exit code 2: a file was read in part."""
    from giamsat_agent.packets import indicator_lists as listing  # noqa: PLC0415 - numpy, which nothing else here needs
    from giamsat_agent.packets.reading import read  # noqa: PLC0415
    from giamsat_agent.packets.sources.captures import opened  # noqa: PLC0415

    partly = False
    listed = listing.read(known_bad or ())
    for path in files:
        with opened(path) as source, say.status(f"{path}: …") as status:
            found = read(source, _telling(status, path), listed)
        files_of = _written(evidence, path, found.anomalies) if evidence else [""] * len(found.anomalies)
        for anomaly, file in zip(found.anomalies, files_of, strict=True):
            _show(anomaly, lang, as_json=as_json, file=file)
        for breach in found.breaches if policy else ():
            _show(breach, lang, as_json=as_json)
        if found.beyond:
            say.print(f"{path}: {found.beyond} điều nữa chỉ được đếm / more were only counted")
        if found.fault is not None:
            partly = True
            say.print(
                f"{path}: một bộ dò gặp lỗi của chương trình, các bộ khác vẫn đọc hết / a detector failed, the others "
                f"read everything; please report: {type(found.fault).__name__}: {found.fault}",
            )
        if found.damage is not None:
            partly = True
            say.print(
                f"{path}: byte {found.damage.offset}: {found.damage.reason}; "
                f"{found.frames} khung trước đó đã đọc / frames before it were read",
            )
        elif not as_json:
            _summed(path, found, told=policy)
    raise typer.Exit(PARTLY if partly else 0)


def _summed(path: Path, found: "Findings", *, told: bool) -> None:
    if not found.anomalies:
        say.print(f"{path}: {found.frames} khung, không thấy bất thường / frames, nothing unusual")
    if found.breaches and not told:
        many = len(found.breaches)
        say.print(f"{path}: {many} điều chính sách có thể cấm; xem bằng / things a policy may forbid: --policy")


@app.command("flows")
def packets_flows(
    files: Annotated[
        list[Path],
        typer.Argument(help="Tệp pcap hoặc pcapng, có thể nén gzip. / pcap or pcapng files, gzip around them or not."),
    ],
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Mỗi dòng một JSON, dòng cuối là phần còn lại. / One JSON object a line, the rest of all others last.",
        ),
    ] = False,
    top: Annotated[
        int,
        typer.Option(
            min=1,
            max=65_536,
            help="Ghi chi tiết bao nhiêu luồng lớn nhất. / How many of the largest are told one by one.",
        ),
    ] = 20,
) -> None:
    """Ai trao đổi với ai, bao nhiêu. / Who talked with whom, and how much. Exit code 2: a file was read in part."""
    from giamsat_agent.packets.columns.addresses import Addresses  # noqa: PLC0415 - numpy, which nothing else here needs
    from giamsat_agent.packets.columns.headers import decode  # noqa: PLC0415
    from giamsat_agent.packets.flows import Flows  # noqa: PLC0415
    from giamsat_agent.packets.sources.captures import opened  # noqa: PLC0415

    partly = False
    for path in files:
        flows, addresses = Flows(), Addresses()
        with opened(path) as source, say.status(f"{path}: …"):
            for chunk in source.chunks():
                flows.take(decode(chunk, addresses))
        largest, rest = flows.top(top)
        for flow in largest:
            typer.echo(json.dumps(flow.as_json()) if as_json else _flow_line(flow.as_json()))
        if as_json:
            typer.echo(json.dumps(rest.as_json()))
        elif rest.flows or rest.other:
            counted = f"{rest.flows} luồng, {rest.packets} gói, {rest.size} byte; không phải IP {rest.other}"
            typer.echo(f"còn lại / the rest: {counted} / flows, packets, bytes; not IP")
        partly |= _damaged(path, source.damage)
    raise typer.Exit(PARTLY if partly else 0)


def _damaged(path: Path, damage: "Damage | None") -> bool:
    if damage is not None:
        say.print(f"{path}: byte {damage.offset}: {damage.reason}; đã đọc phần trước / what is before was read")
    return damage is not None


def _flow_line(flow: dict[str, Any]) -> str:
    near, far, network = flow["source"], flow["destination"], flow["network"]
    ends = f"{_end(near)} → {_end(far)}"
    seconds = flow["event"]["duration"] / 1e9
    flags = flow.get("tcp", {}).get("flags", "")
    return (
        f"{flow['event']['start']}  {network['transport']:<9}  {ends:<47}  "
        f"{near['bytes']:>12} ↑ {far['bytes']:>12} ↓ byte  {network['packets']:>8} gói  {seconds:>9.3f} s  {flags}"
    )


def _end(end: dict[str, Any]) -> str:
    if not end["port"]:
        return str(end["ip"])
    return f"[{end['ip']}]:{end['port']}" if ":" in end["ip"] else f"{end['ip']}:{end['port']}"


@app.command("watch")
def packets_watch(
    interfaces: Annotated[
        list[str], typer.Argument(help="Giao diện mạng, ví dụ eth0. / Network interfaces, e.g. eth0.")
    ],
    seconds: Annotated[
        float,
        typer.Option(min=0, help="Dừng sau bấy nhiêu giây; 0: không dừng. / Stop after so long; 0 for not at all."),
    ] = 0.0,
    promiscuous: Annotated[
        bool, typer.Option(help="Xem cả những gì không gửi cho máy này. / See what is not sent to this host, too.")
    ] = True,
    as_json: JsonOption = False,
    lang: Annotated[Language, typer.Option(help="Ngôn ngữ của các câu. / Language of the sentences.")] = Language.VI,
    policy: Annotated[
        bool,
        typer.Option(
            "--policy",
            help="Cả điều thông thường mà chính sách có thể cấm. / Also what is ordinary but may be forbidden.",
        ),
    ] = False,
) -> None:
    """Theo dõi giao diện mạng ngay tại đây. / Watch network interfaces here and now; needs CAP_NET_RAW."""
    from giamsat_agent.packets.sources import handshake_filter  # noqa: PLC0415
    from giamsat_agent.packets.sources.ring import Ring  # noqa: PLC0415 - numpy, which nothing else here needs
    from giamsat_agent.packets.watch import Watch  # noqa: PLC0415

    rings = [
        (Ring(name, megabytes=RING_MIB, promiscuous=promiscuous), handshake_filter.ring(name), Watch())
        for name in interfaces
    ]
    say.print("Đang theo dõi, dừng bằng Ctrl-C / watching, Ctrl-C stops")
    until = time.monotonic() + seconds if seconds else math.inf
    with contextlib.suppress(KeyboardInterrupt):
        while time.monotonic() < until:
            for ring, whole, watch in rings:
                for chunk in whole.turn(handshake_filter.HELLOS_A_TURN):
                    watch.hear(chunk)
                for chunk in ring.turn():
                    for anomaly in watch.take(chunk):
                        if policy or anomaly.kind is Kind.ANOMALY:
                            _show(anomaly, lang, as_json=as_json, interface=ring.interface)
                ring.count()
            time.sleep(PAUSE_S)
    for ring, whole, _ in rings:
        ring.count()
        ring.close()
        whole.close()
        say.print(f"{ring.interface}: {ring.seen} khung, mất {ring.dropped} / frames, {ring.dropped} dropped")


def _written(folder: Path, capture: Path, anomalies: Sequence[Anomaly]) -> list[str]:
    """Write the evidence of each anomaly; where it is, empty when there is none."""
    from giamsat_agent.packets.evidence import collected  # noqa: PLC0415
    from giamsat_agent.packets.sources.captures import opened  # noqa: PLC0415 - numpy, which nothing else here needs

    names: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with opened(capture) as source:
            for number, (anomaly, pcap) in enumerate(zip(anomalies, collected(source, anomalies), strict=True), 1):
                offender = (anomaly.source_ip or anomaly.source_mac).replace(":", "-")
                file = folder / f"{capture.stem}-{number:03}-{anomaly.name}-{offender}.pcap"
                if pcap:
                    file.write_bytes(pcap)
                names.append(str(file) if pcap else "")
    except OSError as error:
        raise EvidenceError(
            f"{folder}: không ghi được bằng chứng; xin chỉ thư mục của mình / "
            f"the evidence cannot be written: {error.strerror}; name a folder of yours"
        ) from error
    return names


def _show(anomaly: Anomaly, lang: Language, *, as_json: bool, file: str = "", interface: str = "") -> None:
    shape = anomaly.as_json(lang, file=file)
    if as_json:
        # What an agent on that network would have told: `giamsat-rules eval` judges it.
        event = anomaly_event.event(reported(interface, anomaly), wall_ns=anomaly.last_ns, mono_ns=0)
        typer.echo(json.dumps({**shape, "event": event.fields}, ensure_ascii=False))
    else:
        message = visible(shape["message"]).replace("\n", "\\n")
        typer.echo(f"{shape['first']}  {shape['severity']:<6}  {shape['class']:<20}  {message}")
        if file:
            typer.echo(f"    {file}")


def _telling(status: Status, path: Path) -> Callable[[int], None]:
    """Shows how far a file has been read."""
    return lambda frames: status.update(f"{path}: {frames} khung / frames")
