# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from support.office import Office


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.console.close()


async def test_accounts_are_kept_by_command(office):
    first = await office.do("accounts.add", name="an", role="administrator")
    second = await office.do("accounts.add", name="binh", role="analyst")

    await office.do("accounts.role", name="binh", role="administrator")
    await office.do("accounts.person", name="binh", person="an")
    await office.do("accounts.disable", name="an")
    again = await office.do("accounts.reset", name="binh")
    listed = {one["name"]: (one["role"], one["disabled"], one["person"]) for one in await office.do("accounts.list")}
    await office.do("accounts.enable", name="an")

    assert len({first["secret"], second["secret"], again["secret"]}) == 3
    assert listed == {"an": ("administrator", True, "an"), "binh": ("administrator", False, "an")}
    assert not any(one["disabled"] or "secret" in one for one in await office.do("accounts.list"))


async def test_the_last_administrator_stays(office):
    await office.do("accounts.add", name="an", role="administrator")

    with pytest.raises(RefusedError, match="last administrator"):
        await office.do("accounts.disable", name="an")
