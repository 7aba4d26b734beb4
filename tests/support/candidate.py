# SPDX-License-Identifier: Apache-2.0
"""Rulebooks that differ a little from the shipped one."""

import shutil

from giamsat_rules.load import Folders, shipped

NEW_RULE = """\
title: A program was heard of
name: heard_of
logsource: {product: linux}
detection:
  selection: {event.action: user-login, source.ip: 192.0.2.9}
  condition: selection
level: low
giamsat:
  version: 1
  title: {vi: Nghe thấy, en: Heard of}
  description: {vi: Nghe thấy., en: Heard of.}
  runbook: {vi: Xem., en: Look.}
falsepositives: [none]
"""
NEW_CASES = """\
fires: [{why: heard, events: [{event.action: user-login, source.ip: 192.0.2.9}]}]
near_misses: [{why: another, events: [{event.action: user-login, source.ip: 192.0.2.8}]}]
"""


def candidate(folder, *, with_rule=False, **values):
    """The shipped rulebook in a folder of its own; `values` are set anew at level 3, `with_rule` adds one rule."""
    ours = shipped()
    folders = Folders(folder / "detections", folder / "levels" / ours.pack.name)
    shutil.copytree(ours.detections, folders.detections)
    shutil.copytree(ours.pack.parent, folders.pack.parent)
    if with_rule:
        (folders.detections / "accounts" / "heard_of.yml").write_text(NEW_RULE)
        (folders.detections / "accounts" / "heard_of.cases.yml").write_text(NEW_CASES)
        first = folders.pack / "level-1.yml"
        first.write_text(first.read_text().replace("include:\n", "include:\n  - heard_of\n", 1))
    level = folders.pack / "level-3.yml"
    for name, value in values.items():
        lines = [line for line in level.read_text().splitlines() if not line.startswith(f"  {name}:")]
        level.write_text("\n".join([*lines, f"  {name}: {value}", ""]))
    return folders


def edited(folders, rule, before, after):
    """Replace a text in one of its rules."""
    (file,) = folders.detections.rglob(f"{rule}.yml")
    text = file.read_text()
    assert before in text, f"{rule} does not say {before!r}"
    file.write_text(text.replace(before, after))


def newer(folders, rule):
    """Count the version of one of its rules up, whichever that is."""
    edited(folders, rule, "\n  version: ", "\n  version: 1")
