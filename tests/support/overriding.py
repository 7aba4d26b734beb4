# SPDX-License-Identifier: Apache-2.0
"""Overrides as people write them."""

OVERRIDE = """\
override: {name}
{scope}: {of}
owner: Văn phòng
document: {document}
reason: cổng có nhiều người dùng
expires: {expires}
{steps}
"""


def override(steps="set: {ssh_failed_logins: 12}", **words):
    """One document; by default for system S1, weaker than level 3 is."""
    given = {"name": "portal", "scope": "system", "of": "S1", "document": "12/QĐ", "expires": "2027-03-31"}
    return OVERRIDE.format(steps=steps, **given | words)


def written(folder, *texts):
    """A folder of overrides, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"o{number}.yml").write_text(text, encoding="utf-8")
    return folder
