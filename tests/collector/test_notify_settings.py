# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.config import Config
from giamsat_collector.errors import ConfigError

MAIL = '[[notify]]\nname = "a"\nkind = "email"\nserver = "mail.example:587"\nsender = "g@x.vn"\nto = ["b@x.vn"]\n'
HOOK = '[[notify]]\nname = "hook"\nkind = "webhook"\nurl = "https://x.example/"\n'


def load(text):
    return Config.parse(text, "collector.toml")


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
        (HOOK.replace("x.example/", "x.example/đường"), "ASCII"),
        (HOOK.replace("x.example/", "x.example:99999/"), "no http"),
        (HOOK.replace("x.example/", "a..b/"), "no http"),
        (HOOK.replace("https", "http") + 'token_file = "/t"\n', "not sent in the open"),
        (MAIL.replace("mail.example:587", "a..b:587"), "no HOST:PORT"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text, said):
    with pytest.raises(ConfigError, match=said):
        load(text)


@pytest.mark.parametrize("place", ["localhost", "127.0.0.1:9093", "[::1]:9093"])
def test_a_token_stays_on_this_machine_without_tls(place):
    (hook,) = load(HOOK.replace("https://x.example", f"http://{place}") + 'token_file = "/t"\n').notify

    assert hook.token_file == "/t"


def test_what_has_no_token_may_be_told_in_the_open():
    (hook,) = load(HOOK.replace("https", "http")).notify

    assert hook.url == "http://x.example/"
