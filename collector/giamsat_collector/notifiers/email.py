# SPDX-License-Identifier: Apache-2.0
"""Tells people by e-mail: one message for all that came together, so that a storm of alerts is not one of messages."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from email.header import Header
from email.mime.text import MIMEText
from email.utils import formatdate
from typing import Final

import structlog

from giamsat_collector.notifier import Notice, NotToldError
from giamsat_collector.notify_settings import Email
from giamsat_collector.notifying import words
from giamsat_collector.notifying.http_post import secret
from giamsat_collector.notifying.trust import trusting
from giamsat_wire.clock import SECOND_NS

log = structlog.get_logger()

TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class EmailNotifier:
    """Implements Notifier, by SMTP (RFC 5321), submission with STARTTLS or TLS from the first byte."""

    settings: Email
    zone: tzinfo

    def tell(self, notices: Sequence[Notice]) -> None:
        """Send one message."""
        said = self.settings
        try:
            with self._server() as server:
                if said.user:
                    server.login(said.user, secret(said.password_file))
                refused = server.send_message(self._message(notices))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            reason = words.one_line(error) or type(error).__name__
            raise NotToldError(
                f"{said.server}: {reason}; see server, tls, user and ca_file in collector.toml"
            ) from error
        if refused:
            # The others have it, and would get it again and again.
            log.warning("mailboxes_refused", notifier=said.name, to=sorted(refused))

    def _server(self) -> smtplib.SMTP:
        said = self.settings
        context = trusting(said.ca_file)
        here = _domain(said.sender)  # else the library asks a name server who this host is
        if said.tls == "immediate":
            return smtplib.SMTP_SSL(said.host, said.port, here, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(said.host, said.port, here, timeout=TIMEOUT_S)
        if said.tls == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, notices: Sequence[Notice]) -> MIMEText:
        said, last = self.settings, notices[-1]
        message = MIMEText(words.text(notices, said.language, self.zone), "plain", "utf-8")
        message["From"] = said.sender
        message["To"] = ", ".join(said.to)
        # Header, since EmailMessage loses the space between two words that need encoding (Python 3.11 and 3.12).
        subject = Header(f"[giamsat] {words.heading(notices, said.language)}", "utf-8")
        message["Subject"] = subject  # type: ignore[assignment]  # the stubs know str alone
        message["Date"] = formatdate(last.at_ns / SECOND_NS, localtime=False)
        # The same notices told again are the same message to whoever keeps it.
        message["Message-ID"] = f"<{notices[0].number}-{last.number}.{said.name}@{_domain(said.sender)}>"
        message["Auto-Submitted"] = "auto-generated"
        return message


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2]
