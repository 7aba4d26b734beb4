# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules bundle`: make a signed bundle of rules and packs, or open one after its signatures were checked."""

from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from giamsat_rules.bundle import BYTES, Bundle, Trust, believed, signed
from giamsat_rules.bundle import opened as open_bundle
from giamsat_rules.commands.given import Pack, Rules, give_up
from giamsat_rules.errors import BundleError, RulesError
from giamsat_rules.load import bundled, shipped
from giamsat_wire.clock import SystemClock

DAY_NS: Final = 24 * 3600 * 10**9

app = typer.Typer(help="Gói luật có chữ ký số. / Signed bundles of rules and level packs.", no_args_is_help=True)

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
) -> None:
    """Đóng gói và ký luật. / Make and sign a bundle of rules and a level pack."""
    now_ns = SystemClock().wall_ns()
    try:
        files = bundled(rules or shipped().detections, pack or shipped().pack)
        keys = [_private(file) for file in key]
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
        trust = Trust([_public(each) for each in key], threshold, audience)
        before = believed(_read(last), trust) if last else None
        bundle = open_bundle(_read(file), trust, last=before, now_ns=now_ns)
    except RulesError as error:
        give_up(error)
    if into:
        _unpack(bundle, into)
    typer.echo(f"{file}: serial {bundle.serial}, {len(bundle.files)} files, signatures are in order", err=True)


def _unpack(bundle: Bundle, into: Path) -> None:
    """Write the files into a folder that must not exist yet."""
    try:
        into.mkdir(parents=True)
        for name, text in bundle.files.items():
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        give_up(BundleError(f"{into}: {error.strerror}; name a folder that does not exist yet"))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(BYTES + 1)
    except OSError as error:
        raise BundleError(f"{file}: {error.strerror}; give the file of a bundle") from error


def _private(file: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BundleError(f"{file}: no private key that can be read; give an Ed25519 key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError(f"{file}: not an Ed25519 key; make one with `openssl genpkey -algorithm ed25519`")
    return key


def _public(file: Path) -> bytes:
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BundleError(f"{file}: no public key that can be read; give an Ed25519 key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BundleError(f"{file}: not an Ed25519 key; give the public half of a signing key")
    return key.public_bytes_raw()
