# SPDX-License-Identifier: Apache-2.0
import email
import email.policy
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.notifier import NotToldError
from giamsat_collector.notifiers.email import EmailNotifier
from giamsat_collector.notify_settings import Email
from support.notices import mail_server, notice
from support.ports import free_ports
from support.web_server import Authority

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def settings(port, **more):
    said = {"tls": "none", "to": ("truc@soc.example", "truong@soc.example"), **more}
    return Email(name="truc-ban", kind="email", server=f"127.0.0.1:{port}", sender="giamsat@soc.example", **said)


def read(path):
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


@pytest.mark.peer("aiosmtpd")
def test_a_real_server_takes_one_message_for_all_that_came_together(tmp_path):
    with mail_server(tmp_path) as (port, messages):
        EmailNotifier(settings(port), ZONE).tell([notice(7), notice(8, priority=1, title_vi="Mã độc")])
        (path,) = messages()

    message = read(path)
    assert message["Subject"] == "[giamsat] P1 Mã độc: máy-chủ-1 (Thành phố Vinh) (+1)"
    assert (message["To"], message["Message-ID"]) == (
        "truc@soc.example, truong@soc.example",
        "<7-8.truc-ban@soc.example>",
    )
    text = message.get_content()
    assert text.index("P1 Mã độc") < text.index("P2 Dò mật khẩu SSH")


@pytest.mark.peer("aiosmtpd")
def test_with_starttls_nothing_is_sent_to_a_server_whose_certificate_is_not_trusted(tmp_path):
    authority = Authority(tmp_path)
    certificate, key = authority.issue("mail", days=30)
    with mail_server(tmp_path, "--tlscert", certificate, "--tlskey", key) as (port, messages):
        with pytest.raises(NotToldError, match=r"(?s)certificate.*ca_file"):
            EmailNotifier(settings(port, tls="starttls"), ZONE).tell([notice()])
        assert messages() == []

        EmailNotifier(settings(port, tls="starttls", ca_file=authority.ca_file), ZONE).tell([notice()])
        assert len(messages()) == 1


@pytest.mark.peer("aiosmtpd")
def test_a_server_without_starttls_gets_nothing_in_the_open(tmp_path):
    with mail_server(tmp_path) as (port, messages):
        with pytest.raises(NotToldError, match="STARTTLS"):
            EmailNotifier(settings(port, tls="starttls"), ZONE).tell([notice()])
        assert messages() == []


def test_a_server_that_is_down_is_one_message():
    (port,) = free_ports(1)
    with pytest.raises(NotToldError, match=f"127.0.0.1:{port}: .*refused"):
        EmailNotifier(settings(port), ZONE).tell([notice()])


def test_when_some_mailboxes_are_refused_the_others_do_not_get_it_again(monkeypatch, tmp_path):
    class Partly:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def send_message(self, message):
            return {"truong@soc.example": (550, b"no such user")}

    monkeypatch.setattr(EmailNotifier, "_server", lambda _: Partly())
    EmailNotifier(settings(25), ZONE).tell([notice()])
