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
    Log,
    Mysql,
    Ntp,
    Oracle,
    Postgresql,
    Process,
    Service,
    Smtp,
    Sqlserver,
    Tcp,
    Tls,
)
from giamsat_agent.checks.backup import BackupCheck
from giamsat_agent.checks.certificate_file import CertificateFileCheck
from giamsat_agent.checks.dns import DnsCheck
from giamsat_agent.checks.http import HttpCheck
from giamsat_agent.checks.imap import ImapCheck
from giamsat_agent.checks.ldap import LdapCheck
from giamsat_agent.checks.log import LogCheck
from giamsat_agent.checks.mysql import MysqlCheck
from giamsat_agent.checks.ntp import NtpCheck
from giamsat_agent.checks.oracle import OracleCheck
from giamsat_agent.checks.postgresql import PostgresqlCheck
from giamsat_agent.checks.process import ProcessCheck
from giamsat_agent.checks.service import ServiceCheck
from giamsat_agent.checks.smtp import SmtpCheck
from giamsat_agent.checks.sqlserver import SqlserverCheck
from giamsat_agent.checks.tcp import TcpCheck
from giamsat_agent.checks.tls import TlsCheck

BUILT_BY: Final[Mapping[type[CheckSettings], Callable[[Any], Check]]] = {
    Backup: BackupCheck,
    CertificateFile: CertificateFileCheck,
    Dns: DnsCheck,
    Http: HttpCheck,
    Imap: ImapCheck,
    Ldap: LdapCheck,
    Log: LogCheck,
    Mysql: MysqlCheck,
    Ntp: NtpCheck,
    Oracle: OracleCheck,
    Postgresql: PostgresqlCheck,
    Process: ProcessCheck,
    Service: ServiceCheck,
    Smtp: SmtpCheck,
    Sqlserver: SqlserverCheck,
    Tcp: TcpCheck,
    Tls: TlsCheck,
}


def build(its: AnyCheck) -> Check:
    """The check the configuration describes."""
    return BUILT_BY[type(its)](its)
