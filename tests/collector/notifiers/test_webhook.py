# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.alerts import shape
from giamsat_collector.notifiers.webhook import WebhookNotifier
from giamsat_collector.notify_settings import What
from giamsat_collector.notifying.http_post import Post
from support.notices import notice, taking


def test_all_arrive_in_one_list_in_the_shape_of_the_command_line():
    notices = [notice(7), notice(9, What.CLOSE)]
    with taking() as (url, taken):
        WebhookNotifier(Post(url)).tell(notices)

    ((_, _, body),) = taken
    assert [(one["number"], one["what"]) for one in body] == [(7, "open"), (9, "close")]
    assert body[0]["alert"] == shape.as_json(notices[0].alert)
    assert (body[0]["host"], body[0]["unit_name"], body[0]["url"]) == (
        "máy-chủ-1",
        "Thành phố Vinh",
        notices[0].address,
    )
