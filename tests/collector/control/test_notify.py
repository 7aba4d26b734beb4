# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.notifier import NotToldError
from giamsat_collector.notifying.delivery import Target
from giamsat_collector.notifying.wanted import Wanted
from support.office import Office


class Deaf:
    """Implements Notifier; takes nothing when it is `deaf`."""

    def __init__(self, *, deaf):
        self.deaf, self.heard = deaf, []

    def tell(self, notices):
        if self.deaf:
            raise NotToldError("mail.example: down")
        self.heard += notices


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    made.telling.targets = [Target(name, "email", Deaf(deaf=name == "down"), Wanted(), 1) for name in ("up", "down")]
    return made


async def test_each_is_shown_with_what_it_was_told_and_what_is_wrong(office):
    office.telling.targets[1].problem = "mail.example: down"
    office.telling.targets[0].told_ns = 0

    up, down = await office.do("notify.show")

    assert (up["name"], up["priority"], up["what"], up["problem"]) == ("up", 2, ["open", "reopen"], None)
    assert (up["last_told"], down["last_told"]) == ("1970-01-01T00:00:00.000Z", None)
    assert down["problem"] == "mail.example: down"


async def test_a_trial_says_that_nothing_happened(office):
    await office.do("notify.test", name="up")

    (notice,) = office.telling.targets[0].notifier.heard
    assert "Thử thông báo" in notice.alert.title_vi
    assert (notice.alert.priority, notice.host) == (5, "giamsat-collector")


async def test_a_trial_that_does_not_arrive_says_why_and_a_name_nobody_has_gets_its_neighbour(office):
    with pytest.raises(NotToldError, match="down"):
        await office.do("notify.test", name="down")
    with pytest.raises(RefusedError, match=r"dwon.*down"):
        await office.do("notify.test", name="dwon")
