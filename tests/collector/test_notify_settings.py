# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.config import Config
from giamsat_collector.errors import ConfigError
from giamsat_collector.notifiers import targets
from giamsat_collector.notify_settings import What

MAIL = '[[notify]]\nname = "a"\nkind = "email"\nserver = "mail.example:587"\nsender = "g@x.vn"\nto = ["b@x.vn"]\n'
HOOK = '[[notify]]\nname = "hook"\nkind = "webhook"\nurl = "https://x.example/"\n'


def load(text):
    return Config.parse(text, "collector.toml")


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

    found = targets(load(text))

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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MAIL + MAIL, "'a' stands twice"),
        (MAIL.replace("587", "smtp"), "no HOST:PORT"),
        (MAIL.replace("b@x.vn", "b@x.vn\\nBcc: c@x.vn"), "no address of a mailbox"),
        (MAIL + 'user = "u"\n', "go together"),
        (MAIL + 'user = "u"\npassword_file = "/p"\ntls = "none"\n', "not sent in the open"),
        (MAIL.replace('"email"', '"pigeon"'), "notify.0"),
        (MAIL + 'colour = "red"\n', "no such key"),
        (MAIL + "what = []\n", "notify.0.email.what"),
        (HOOK.replace("https://x", "https://u:p@x"), "token_file"),
        (HOOK.replace("https", "file"), "no http"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text, said):
    with pytest.raises(ConfigError, match=said):
        load(text)
