# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.config import Config
from giamsat_collector.notifiers import targets
from giamsat_collector.notify_settings import What

MAIL = '[[notify]]\nname = "a"\nkind = "email"\nserver = "mail.example:587"\nsender = "g@x.vn"\nto = ["b@x.vn"]\n'
HOOK = '[[notify]]\nname = "hook"\nkind = "webhook"\nurl = "https://x.example/"\n'


def test_each_kind_becomes_one_that_is_told():
    text = (
        MAIL
        + HOOK
        + (
            '[[notify]]\nname = "am"\nkind = "alertmanager"\nurl = "http://127.0.0.1:9093"\n'
            '[[notify]]\nname = "siem"\nkind = "syslog"\naddress = "[2001:db8::1]:6514"\n'
            'priority = 5\nunits = ["40.412"]\n'
        )
    )

    found = targets(Config.parse(text, "collector.toml"))

    assert [(one.name, one.kind, type(one.notifier).__name__) for one in found] == [
        ("a", "email", "EmailNotifier"),
        ("hook", "webhook", "WebhookNotifier"),
        ("am", "alertmanager", "AlertmanagerNotifier"),
        ("siem", "syslog", "SyslogNotifier"),
    ]
    assert (found[0].pause_s, found[0].wanted.priority, found[0].wanted.what) == (60, 2, {What.OPEN, What.REOPEN})
    assert found[2].wanted.what == set(What)
    assert (found[3].wanted.priority, found[3].wanted.units) == (5, {"40.412"})
    assert (found[3].notifier.settings.host, found[3].notifier.settings.port) == ("2001:db8::1", 6514)
