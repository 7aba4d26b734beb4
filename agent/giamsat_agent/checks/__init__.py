# SPDX-License-Identifier: Apache-2.0
"""One file per protocol spoken or thing looked at; BUILT_BY says which configuration makes which check."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from giamsat_agent.check import Check
from giamsat_agent.check_settings import (
    AnyCheck,
    Backup,
    CertificateFile,
    CheckSettings,
    Dns,
    Http,
    Imap,
    Ldap,
    Ntp,
    Postgresql,
    Smtp,
    Tcp,
    Tls,
)
from giamsat_agent.checks.backup import BackupCheck
from giamsat_agent.checks.certificate_file import CertificateFileCheck
from giamsat_agent.checks.dns import DnsCheck
from giamsat_agent.checks.http import HttpCheck
from giamsat_agent.checks.imap import ImapCheck
from giamsat_agent.checks.ldap import LdapCheck
from giamsat_agent.checks.ntp import NtpCheck
from giamsat_agent.checks.postgresql import PostgresqlCheck
from giamsat_agent.checks.smtp import SmtpCheck
from giamsat_agent.checks.tcp import TcpCheck
from giamsat_agent.checks.tls import TlsCheck

BUILT_BY: Final[Mapping[type[CheckSettings], Callable[[Any], Check]]] = {
    Backup: BackupCheck,
    CertificateFile: CertificateFileCheck,
    Dns: DnsCheck,
    Http: HttpCheck,
    Imap: ImapCheck,
    Ldap: LdapCheck,
    Ntp: NtpCheck,
    Postgresql: PostgresqlCheck,
    Smtp: SmtpCheck,
    Tcp: TcpCheck,
    Tls: TlsCheck,
}


def build(its: AnyCheck) -> Check:
    """The check the configuration describes."""
    return BUILT_BY[type(its)](its)
