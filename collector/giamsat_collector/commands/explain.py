# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector rules explain`: why a rule judges a system the way it does, and what is hidden from it now."""

from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.asking import ConfigOption, load, out, request, say
from giamsat_collector.commands.offering import in_force
from giamsat_collector.commands.registered import Registered
from giamsat_collector.errors import RefusedError
from giamsat_collector.preconditions import must_be_registered
from giamsat_rules.errors import RulesError
from giamsat_rules.explain import about, explain, lines
from giamsat_rules.library import open_library
from giamsat_rules.override import Override
from giamsat_rules.suppression import SYSTEM, UNIT
from giamsat_rules.verdict import Subject
from giamsat_wire.clock import SystemClock

app = typer.Typer(add_completion=False)


@app.command("explain")
def explain_rule(
    system: Annotated[str, typer.Argument(help="Mã hệ thống, hoặc mã tài sản. / The id of a system, or of an asset.")],
    rule: Annotated[str, typer.Argument(help="Tên quy tắc. / A rule's name.")],
    config: ConfigOption = None,
) -> None:
    """Quy tắc xét hệ thống này bằng ngưỡng nào. / By which numbers RULE judges SYSTEM, from which file and line."""
    subject, name = _asked(system, config)
    at_ns = SystemClock().wall_ns()
    try:
        library = open_library(in_force(request(config, "rules.show")), load(config).console.zone)
        standards = library.standards
        pack, level = standards.pack(subject.pack), standards.base(subject).level
        known = subject.pack in standards.packs and subject.level is not None
        profile = standards.profile_of(subject, at_ns)
        found = explain(library.rules, pack, rule, level if known else None, profile)
    except RulesError as error:
        raise RefusedError(str(error)) from error
    out.print(f"{system}  {name}", markup=False, soft_wrap=True)
    for line in (*about(library.rules.rules[rule].header), *lines(found)):
        typer.echo(line)
    standing = standards.standing(subject, at_ns)
    for one in standards.concerning(subject):
        typer.echo(_decided(one, now=one in standing))
    if subject.pack is not None and subject.pack not in standards.packs:
        say.print(
            f"không có gói {subject.pack} mà hồ sơ dẫn chiếu: xét như chưa phân loại / there is no level pack "
            f"{subject.pack}, which the dossier refers to: judged as unclassified; "
            "'giamsat-collector registry repack' corrects it",
            markup=False,
            soft_wrap=True,
        )
    for each in request(config, "suppress.list"):
        if _touches(each, rule, subject):
            out.print(f"tạm ẩn / hidden: {each['number']}  {each['reason']} ({each['document']})", markup=False)


def _asked(name: str, config: Path | None) -> tuple[Subject, str]:
    """A system as its hosts are judged, or an asset; and what it is called."""
    systems = {each["id"]: each for each in request(config, "registry.systems")}
    if name in systems:
        one = systems[name]
        return Subject("", one["level"], one["unit"], one["id"], one["pack"]), one["name"]
    assets = {each["asset"]: each for each in request(config, "registry.placements")}
    must_be_registered("system", name, {*systems, *assets})
    return Registered(assets).subject(name), assets[name]["name"]


def _decided(one: Override, *, now: bool) -> str:
    """An override in a line: whether it counts, from when to when, who answers for it, and why."""
    first = f"{one.first} → " if one.first else "→ "
    counts = "đang áp dụng / in force" if now else "không áp dụng nay / not now"
    signed = f"{one.document}  {one.owner}: {one.reason}  {one.origin}"
    return f"ngoại lệ / override {one.name}: {counts}, {first}{one.last}  {signed}"


def _touches(each: dict[str, Any], rule: str, subject: Subject) -> bool:
    """Whether a suppression that stands can hide something of the system from the rule."""
    return (
        each["state"] != "over"
        and (not each["rules"] or rule in each["rules"])
        and each["fields"].get(SYSTEM, subject.system) == subject.system
        and each["fields"].get(UNIT, subject.unit) == subject.unit
    )
