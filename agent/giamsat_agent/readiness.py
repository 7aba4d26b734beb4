# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of a configured check or device before anything is asked: files, names and rights here."""

import glob
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from giamsat_agent.address import plain, split
from giamsat_agent.check import CheckError
from giamsat_agent.check_settings import (
    AnyCheck,
    Backup,
    CertificateFile,
    Encrypted,
    Http,
    Ldap,
    Log,
    Mysql,
    Postgresql,
    Process,
    Service,
    Sqlserver,
)
from giamsat_agent.config import Device
from giamsat_agent.devices import credential
from giamsat_agent.devices.errors import CredentialError
from giamsat_agent.protocols import certificate, login

RESOLVED_WITHIN_S: Final = 5.0
BUS: Final = Path("/run/dbus/system_bus_socket")


def problems(its: AnyCheck) -> Iterator[str]:
    """Each thing that would make a check fail, with what to do about it; nothing is asked but the name service."""
    if isinstance(its, Ldap | Mysql | Postgresql | Sqlserver) and its.credential_file:
        try:
            login.read(Path(its.credential_file))
        except CheckError as error:
            yield str(error)
    if isinstance(its, Encrypted) and its.ca_file:
        try:
            certificate.trusting(its.ca_file, verify=its.verify)
        except CheckError as error:
            yield str(error)
    yield from _out_of_reach(its)


def collector_problems(address: str) -> Iterator[str]:
    """Why the collector at HOST:PORT cannot be reached from here; it is connected to, and nothing is said."""
    host, port = split(address, 7443)
    nameless = list(_nameless(host))
    yield from nameless
    if nameless:
        return
    try:
        socket.create_connection((host, port), timeout=RESOLVED_WITHIN_S).close()
    except OSError as error:
        said = error.strerror or error
        yield f"không kết nối được / no connection: {said}; xem đường mạng, tường lửa / look at the line, the firewall"


def device_problems(its: Device) -> Iterator[str]:
    """Likewise for a device that is asked by SNMP."""
    try:
        credential.of(its)
    except CredentialError as error:
        yield str(error)
    yield from nameless_device(its)


def nameless_device(its: Device) -> Iterator[str]:
    """What of that can be said where another user holds the secrets of devices."""
    yield from _nameless(split(its.address, 0)[0])


def _out_of_reach(its: AnyCheck) -> Iterator[str]:
    """Why its target cannot even be looked for."""
    if isinstance(its, Log):
        yield from _unreadable(its.target)
    elif isinstance(its, Backup | CertificateFile):
        if not glob.glob(its.target):  # noqa: PTH207 - a pattern may begin at the root
            yield (
                f"{its.target}: không tệp nào khớp, hoặc không được đọc thư mục; xem lại target "
                "/ no file fits, or its folder may not be read; look at target"
            )
    elif isinstance(its, Service):
        if not BUS.exists():
            yield (
                f"{BUS}: không có / there is none; apt install dbus, hoặc kiểm tra bằng / or check the program with "
                'what = "process"'
            )
    elif not isinstance(its, Process):
        host = (urlsplit(its.target).hostname or "") if isinstance(its, Http) else split(its.target, 0)[0]
        yield from _nameless(host)


def _unreadable(path: str) -> Iterator[str]:
    if not os.path.exists(path):  # noqa: PTH110 - one that may not be looked at is not there, either
        yield (
            f"{path}: không có tệp này, hoặc không được đọc thư mục; xem lại target "
            "/ there is no such file, or its folder may not be read; look at target"
        )
    elif not os.access(path, os.R_OK):
        yield (
            f"{path}: không được đọc / may not be read; setfacl -m u:USER:r {path}, "
            "USER là người dùng của agent / with the agent's user"
        )


def _nameless(host: str) -> Iterator[str]:
    """A host that has no address; a name server that is silent is waited for RESOLVED_WITHIN_S."""
    if plain(host) is not None:
        return
    found: list[str] = []

    def look() -> None:
        try:
            socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
            found.append("")
        except (OSError, UnicodeError) as error:
            found.append(str(getattr(error, "strerror", None) or error))

    asking = threading.Thread(target=look, daemon=True)
    asking.start()
    asking.join(RESOLVED_WITHIN_S)
    silent = f"máy chủ tên miền không trả lời / the name server did not answer, {RESOLVED_WITHIN_S:g} s"
    if said := found[0] if found else silent:
        yield (
            f"{host}: không có địa chỉ / {host} has no address: {said}; xem lại tên này và /etc/resolv.conf "
            "/ look at this name, and at /etc/resolv.conf"
        )
