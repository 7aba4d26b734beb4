# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector rules explain`: why a rule judges a system the way it does, and what is hidden from it now."""

from pathlib import Path
from typing import Any

import typer

from giamsat_collector.commands.asking import ConfigOption, out, request, say
from giamsat_collector.errors import RefusedError
from giamsat_rules.errors import RulesError
from giamsat_rules.explain import explain, lines
from giamsat_rules.load import Folders, load_rules, load_standards
from giamsat_rules.suppression import SYSTEM, UNIT


def explain_rule(system: str, rule: str, config: ConfigOption = None) -> None:
    """Luật xét hệ thống này bằng ngưỡng nào. / By which numbers RULE judges SYSTEM, from which file and line."""
    registered = next((each for each in request(config, "registry.systems") if each["id"] == system), None)
    if registered is None:
        raise RefusedError(f"no such system: {system[:64]}; 'giamsat-collector registry systems' shows them")
    said = request(config, "rules.show")
    folders = Folders(Path(said["detections"]), Path(said["levels"]))
    try:
        standards, named = load_standards(folders), registered["pack"]
        level = registered["level"] if named in standards.packs else None
        found = explain(load_rules(folders.detections), standards.pack(named), rule, level)
    except RulesError as error:
        raise RefusedError(str(error)) from error
    out.print(f"{system}  {registered['name']}", markup=False, soft_wrap=True)
    for line in lines(found):
        typer.echo(line)
    if named not in standards.packs:
        say.print(
            f"không có gói {named} mà hồ sơ dẫn chiếu: xét như chưa phân loại / there is no level pack {named}, which "
            "the dossier refers to: judged as unclassified; 'giamsat-collector registry repack' corrects it",
            markup=False,
            soft_wrap=True,
        )
    for each in request(config, "suppress.list"):
        if _touches(each, rule, registered):
            out.print(f"tạm ẩn / hidden: {each['number']}  {each['reason']} ({each['document']})", markup=False)


def _touches(each: dict[str, Any], rule: str, system: dict[str, Any]) -> bool:
    """Whether a suppression that stands can hide something of the system from the rule."""
    return (
        each["state"] != "over"
        and (not each["rules"] or rule in each["rules"])
        and each["fields"].get(SYSTEM, system["id"]) == system["id"]
        and each["fields"].get(UNIT, system["unit"]) == system["unit"]
    )
