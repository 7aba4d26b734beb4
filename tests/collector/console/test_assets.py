# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import json
import re
from importlib import resources

import pytest

from giamsat_collector.console.assets import Assets

STATIC = resources.files("giamsat_collector.console").joinpath("static")
VENDOR = STATIC.joinpath("vendor")
LOCK = json.loads(VENDOR.joinpath("vendor.lock.json").read_text(encoding="utf-8"))


def own_scripts():
    return [entry for entry in STATIC.iterdir() if entry.name.endswith(".js")]


@pytest.mark.parametrize("package", LOCK, ids=lambda package: package["name"])
def test_vendored_files_are_what_the_lock_says(package):
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])
    for name, file in package["files"].items():
        digest = hashlib.sha512(VENDOR.joinpath(name).read_bytes()).digest()

        assert file["integrity"] == f"sha512-{base64.b64encode(digest).decode()}", name


def test_every_vendored_file_is_locked_and_its_licence_kept():
    notices = VENDOR.joinpath("THIRD_PARTY_NOTICES").read_text(encoding="utf-8")
    locked = {name for package in LOCK for name in package["files"]}

    assert {entry.name for entry in VENDOR.iterdir()} == locked | {"vendor.lock.json", "THIRD_PARTY_NOTICES"}
    assert all(f"{package['name']} {package['version']}" in notices for package in LOCK)


def test_our_scripts_are_small_and_never_turn_text_into_markup():
    assert sum(len(script.read_bytes()) for script in own_scripts()) <= 12 << 10
    for script in own_scripts():
        text = script.read_text(encoding="utf-8")

        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function", text), script


def test_templates_never_switch_escaping_off_nor_style_or_script_inline():
    folder = resources.files("giamsat_collector.console").joinpath("templates")
    for template in folder.iterdir():
        text = template.read_text(encoding="utf-8")

        assert not re.search(r"\|\s*safe|autoescape|Markup|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", text), template


def test_an_address_changes_with_the_files_and_nothing_else_is_served():
    assets = Assets()
    address = assets.address("console.css")

    assert address == f"/static/{assets.edition}/console.css"
    assert assets.find(assets.edition, "console.css").media_type.startswith("text/css")
    assert assets.find("old", "console.css") is None
    assert assets.find(assets.edition, "vendor/vendor.lock.json") is None
    assert assets.find(assets.edition, "../app.py") is None


def test_a_template_that_names_a_missing_file_fails():
    with pytest.raises(KeyError):
        Assets().address("no-such.css")


def test_what_scrolls_is_reached_by_keyboard_and_has_a_name():
    folder = resources.files("giamsat_collector.console").joinpath("templates")
    opened = [tag for part in folder.iterdir() for tag in re.findall(r"<div [^>]*\bscroll\b[^>]*>", part.read_text())]

    assert len(opened) > 5
    assert [tag for tag in opened if not re.search(r'role="region" tabindex="-?\d" aria-label(ledby)?="', tag)] == []
