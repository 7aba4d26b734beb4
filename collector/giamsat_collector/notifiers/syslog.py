# SPDX-License-Identifier: Apache-2.0
"""Tells another collection of logs (a SIEM, a national centre): CEF in RFC 5424 messages over TLS, TCP or UDP."""

import contextlib
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from giamsat_collector.alerts import shape
from giamsat_collector.event_time import instant
from giamsat_collector.notifier import Notice, NotToldError
from giamsat_collector.notify_settings import Syslog
from giamsat_collector.notifying.trust import trusting
from giamsat_collector.notifying.words import one_line

TIMEOUT_S: Final = 15.0
GOODBYE_S: Final = 3.0
PRIORITY: Final = 13 * 8 + 4
"""RFC 5424: facility 13 (log alert), severity 4 (warning)."""
SEVERITIES: Final[Mapping[str, int]] = {"informational": 1, "low": 3, "medium": 5, "high": 8, "critical": 10}
"""CEF: 0 to 10."""


@dataclass(frozen=True, slots=True)
class SyslogNotifier:
    """Implements Notifier; `here` is the collector's name.

    Syslog has no acknowledgement: what the receiver's system took off the line counts as told.
    """

    settings: Syslog
    here: str

    def tell(self, notices: Sequence[Notice]) -> None:
        """Send a message for each; over UDP not even a receiver that is down is noticed."""
        said = self.settings
        messages = [line(notice, self.here).encode() for notice in notices]
        try:
            with contextlib.closing(self._line()) as sending:
                if said.transport == "udp":
                    for message in messages:
                        sending.send(message)
                else:
                    # RFC 6587 3.4.1, octet counting.
                    sending.sendall(b"".join(b"%d %s" % (len(message), message) for message in messages))
                    _finish(sending)
        except OSError as error:
            raise NotToldError(f"{said.address}: {error}; is it up, and are transport and ca_file right?") from error

    def _line(self) -> socket.socket:
        said = self.settings
        if said.transport == "udp":
            (family, *_, where), *_ = socket.getaddrinfo(said.host, said.port, type=socket.SOCK_DGRAM)
            found = socket.socket(family, socket.SOCK_DGRAM)
            try:
                found.connect(where)
            except OSError:
                found.close()
                raise
            return found
        plain = socket.create_connection((said.host, said.port), TIMEOUT_S)
        if said.transport == "tcp":
            return plain
        try:
            return trusting(said.ca_file).wrap_socket(plain, server_hostname=said.host)
        except BaseException:
            plain.close()
            raise


def line(notice: Notice, here: str) -> str:
    """One message: header of RFC 5424, then ArcSight's Common Event Format, version 0."""
    alert = notice.alert
    head = ("giamsat", "giamsat-collector", version("giamsat-collector"), alert.rule, alert.title_en)
    fields = {
        "rt": str(notice.at_ns // 1_000_000),
        "start": str(alert.first_ns // 1_000_000),
        "end": str(alert.last_ns // 1_000_000),
        "externalId": alert.id,
        "act": notice.what.value,
        "cnt": str(alert.count),
        "dvchost": notice.host,
        "deviceExternalId": alert.asset,
        "src": shape.main_source(alert) or "",
        "cs1Label": "unit",
        "cs1": f"{alert.unit} {notice.unit}".strip(),
        "cs2Label": "system",
        "cs2": alert.system or "",
        "cn1Label": "protectionLevel",
        "cn1": "" if alert.level is None else str(alert.level),
        "cn2Label": "priority",
        "cn2": str(alert.priority),
        "cs3Label": "attack",
        "cs3": " ".join(alert.techniques),
        "msg": alert.title_vi,
        "request": notice.address,
    }
    lone = {name for name in fields if name.endswith("Label") and not fields[name.removesuffix("Label")]}
    extension = " ".join(f"{name}={_value(said)}" for name, said in fields.items() if said and name not in lone)
    header = "|".join(one_line(said).replace("\\", "\\\\").replace("|", "\\|") for said in head)
    severity = SEVERITIES.get(alert.severity, SEVERITIES["high"])
    stamp = instant(notice.at_ns)
    return f"<{PRIORITY}>1 {stamp} {here} giamsat-collector - alert - CEF:0|{header}|{severity}|{extension}"


def _value(said: str) -> str:
    return one_line(said).replace("\\", "\\\\").replace("=", "\\=")


def _finish(sending: socket.socket) -> None:
    """Wait a little for the other end's goodbye: an error that comes late is not overheard."""
    sending.settimeout(GOODBYE_S)
    if isinstance(sending, ssl.SSLSocket):
        # Many receivers close without a goodbye of their own.
        with contextlib.suppress(TimeoutError, ssl.SSLEOFError):
            sending.unwrap()
        return
    sending.shutdown(socket.SHUT_WR)
    with contextlib.suppress(TimeoutError):
        sending.recv(1)
