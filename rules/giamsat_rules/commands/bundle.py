# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules bundle`: make a signed bundle of rules and packs, or open one after its signatures were checked."""

from pathlib import Path
from typing import Annotated, Final

import typer

from giamsat_rules.bundle import BYTES, Bundle, Trust, believed, signed
from giamsat_rules.bundle import opened as open_bundle
from giamsat_rules.commands.given import Overrides, Pack, Rules, give_up
from giamsat_rules.errors import BundleError, RulesError
from giamsat_rules.key import private_key, public_key
from giamsat_rules.load import Folders, bundled, shipped, unbundle
from giamsat_wire.clock import SystemClock

DAY_NS: Final = 24 * 3600 * 10**9

app = typer.Typer(help="Gói quy tắc có chữ ký số. / Signed bundles of rules and level packs.", no_args_is_help=True)

Keys = Annotated[
    list[Path], typer.Option("--key", help="Khóa Ed25519 dạng PEM, có thể lặp lại. / An Ed25519 key (PEM).")
]
Audience = Annotated[str, typer.Option("--audience", help="Gói dành cho ai. / Whom the bundle is for.")]


@app.command()
def make(
    out: Annotated[Path, typer.Argument(help="Tệp gói sẽ ghi. / The bundle to write.")],
    serial: Annotated[int, typer.Option("--serial", min=1, help="Số thứ tự, luôn tăng. / Always one more.")],
    key: Keys,
    audience: Audience,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Số ngày hiệu lực. / Days it counts.")] = 30,
    rules: Rules = None,
    pack: Pack = None,
    overrides: Overrides = None,
) -> None:
    """Đóng gói và ký quy tắc. / Make and sign a bundle of rules and a level pack."""
    now_ns = SystemClock().wall_ns()
    try:
        files = bundled(Folders(rules or shipped().detections, pack or shipped().pack, overrides))
        keys = [private_key(file) for file in key]
    except RulesError as error:
        give_up(error)
    text = signed(Bundle(audience, serial, now_ns, now_ns + days * DAY_NS, files), keys)
    out.write_bytes(text)
    typer.echo(f"{out}: serial {serial}, {len(files)} files, {len(keys)} signatures, {len(text)} bytes", err=True)


@app.command(name="open")
def check(
    file: Annotated[Path, typer.Argument(help="Tệp gói. / The bundle.")],
    key: Keys,
    audience: Audience,
    threshold: Annotated[int, typer.Option("--threshold", min=1, help="Số chữ ký cần có. / Signatures it needs.")] = 1,
    last: Annotated[
        Path | None, typer.Option("--last", help="Gói đang dùng. / The bundle in force; older ones are refused.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="Thư mục mới để giải gói. / A new folder for its files.")
    ] = None,
) -> None:
    """Kiểm tra chữ ký rồi mới giải gói. / Check a bundle, and only then unpack it."""
    now_ns = SystemClock().wall_ns()
    try:
        trust = Trust([public_key(each) for each in key], threshold, audience)
        before = believed(_read(last), trust) if last else None
        bundle = open_bundle(_read(file), trust, last=before, now_ns=now_ns)
        if into:
            unbundle(bundle.files, into)
    except RulesError as error:
        give_up(error)
    typer.echo(f"{file}: serial {bundle.serial}, {len(bundle.files)} files, signatures are in order", err=True)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(BYTES + 1)
    except OSError as error:
        raise BundleError(f"{file}: {error.strerror}; give the file of a bundle") from error
