# SPDX-License-Identifier: Apache-2.0
"""An alert of a real host goes out of the console: to a mailbox by a real SMTP server, and to a program by HTTP."""

import email
import email.policy
import subprocess

import pytest

from support.notices import mail_server, taking
from support.ports import free_ports
from support.site import BIN, site


def subject(path):
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["Subject"]


@pytest.mark.peer("aiosmtpd")
def test_what_happens_is_told_once_to_each_and_what_was_not_taken_after_a_kill(tmp_path):
    (down,) = free_ports(1)
    (tmp_path / "mail").mkdir()
    with taking() as (url, taken), mail_server(tmp_path / "mail") as (port, messages):
        settings = (
            f'[[notify]]\nname = "hook"\nkind = "webhook"\nurl = "{url}"\npriority = 5\n'
            f'[[notify]]\nname = "truc-ban"\nkind = "email"\nserver = "127.0.0.1:{port}"\ntls = "none"\n'
            'sender = "giamsat@soc.example"\nto = ["truc@soc.example"]\npriority = 5\npause_s = 1\n'
            f'[[notify]]\nname = "siem"\nkind = "syslog"\naddress = "127.0.0.1:{down}"\ntransport = "tcp"\n'
            "priority = 5\n"
        )
        with site(tmp_path, settings) as here:
            here.ask("rules.use_configured", dry_run=False)
            here.until(lambda: here.alerts(rule="monitoring_rules_exchanged"), 60, "the exchange of rules is an alert")
            hidden = {"source.ip": "192.0.2.7"}
            here.ask("suppress.add", rules=[], fields=hidden, reason="máy quét", document="12/QĐ", expires="8h")
            here.until(lambda: here.alerts(rule="alerts_hidden"), 60, "that something is hidden is an alert")
            here.ask("accounts.add", name="an", role="administrator")
            here.ask("accounts.add", name="binh", role="analyst")
            here.until(lambda: here.alerts(rule="console_administrator_made"), 60, "a new administrator is an alert")
            here.until(lambda: here.alerts(rule="console_account_changed"), 60, "a new analyst is an alert")
            here.until(lambda: taken and messages(), 60, "both were told of it")
            here.until(
                lambda: here.ask("notify.show")[0]["told"] == len(here.alerts()), 60, "and that it was is written down"
            )
            here.until(lambda: here.ask("notify.show")[2]["problem"], 60, "the third takes nothing")
            here.kill()
            here.start()
            here.until(lambda: here.ask("notify.show")[2]["waiting"], 60, "it still has to be told")
            words = [BIN / "giamsat-collector", "notify", "test", "siem", "--config", here.config]
            tried = subprocess.run(words, capture_output=True, text=True, check=False)

    numbers = [one["number"] for _, _, body in taken for one in body]
    assert len(numbers) == len(set(numbers))
    assert {one["alert"]["asset"] for _, _, body in taken for one in body} == {"collector"}
    assert subject(messages()[0]).startswith("[giamsat] P")
    assert (tried.returncode, f"127.0.0.1:{down}: " in tried.stderr) == (1, True), tried.stderr
