# SPDX-License-Identifier: Apache-2.0
import base64
import json

import pytest

from support.office import Office
from support.reading import cells, words


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


async def test_a_report_travels_as_text_and_is_a_file_at_the_other_end(office):
    dossiers = {"name": "d.csv", "text": "id,owner\nS-A1,Ủy ban\n".encode().decode("latin-1")}

    form = await office.do("report.form08", format_="xlsx", dossiers=dossiers)
    half = await office.do("report.monitoring", format_="docx", half="2023-H2")
    alert = office.console.raise_alert()
    said = {"title": "Cổng", "group": "dos", "serious": True}
    number = (await office.console.services.incidents.open([alert.id], said, "an")).number
    letter = await office.do("report.incident", format_="docx", number=number, report="full", agency="SỞ X")
    bundle = await office.do("report.stix", number=number)
    month = await office.do("report.unit", format_="docx", unit="40.412", month="2023-11")

    assert any(row[2] == "Ủy ban" for row in cells(base64.b64decode(form))[0])
    assert any("GIÁM SÁT AN TOÀN" in line for line in words(base64.b64decode(half))[0])
    assert words(base64.b64decode(letter))[1][0][0][0].startswith("SỞ X")
    objects = json.loads(base64.b64decode(bundle))["objects"]
    assert [one["name"] for one in objects if one["type"] == "identity"] == ["Đơn vị 40.412", "Hệ thống A1"]
    assert any("ĐƠN VỊ 40.412" in line for line in words(base64.b64decode(month))[0])
