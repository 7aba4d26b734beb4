# SPDX-License-Identifier: Apache-2.0
"""Asks a device that does not accept a user why: unknown user, wrong digest or privacy, or not in its time window."""

import contextlib
import socket
from collections.abc import Callable

from giamsat_agent.devices import usm
from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.errors import DeviceError, RefusedError, SilentError, UserError

DATAGRAM = 65_507


def explained(host: str, port: int, user: User, timeout_s: float, *, signed: Callable[[User], None]) -> DeviceError:
    """The error that says what is wrong. `signed` asks once as a user and raises what comes of it."""
    address = f"{host}:{port}"
    first = _asked(host, port, usm.question(1), timeout_s)
    if first is None or not first.engine:
        return SilentError(
            f"{address}: quá thời gian, không trả lời SNMPv3; xem lại địa chỉ và cổng / "
            "timeout: no answer to SNMPv3; check the address and the port"
        )
    second = _asked(host, port, usm.question(2, engine=first.engine, user=user.name), timeout_s)
    if second is not None and second.report == usm.UNKNOWN_USER:
        return UserError(
            f"{address}: thiết bị không có người dùng này, xem lại tên / "
            f"unknown user: the device has no user {user.name!r}; check the name"
        )
    if not user.authentication:
        return UserError(
            f"{address}: thiết bị đòi xác thực; đặt authentication và auth_key / "
            f"the device wants user {user.name!r} to authenticate; set authentication and auth_key"
        )
    return _keys(address, user, signed)


def _keys(address: str, user: User, signed: Callable[[User], None]) -> DeviceError:
    """What is wrong with a user whom the device knows."""
    outcome = _outcome(signed, User(user.name, user.authentication, "", user.auth_key, ""))
    if isinstance(outcome, UserError):
        return UserError(
            f"{address}: sai auth_key hoặc thuật toán {user.authentication}, xem lại cả hai / "
            f"wrong digest: the device knows user {user.name!r}, but neither this auth_key nor "
            f"{user.authentication} fits it; check both"
        )
    if user.privacy and _outcome(signed, user) is not None:
        return UserError(
            f"{address}: sai priv_key hoặc thuật toán {user.privacy}, xem lại cả hai / "
            f"wrong privacy: the auth_key of user {user.name!r} is right, but neither this priv_key nor "
            f"{user.privacy} fits it; check both"
        )
    if outcome is None or user.privacy:
        return RefusedError(
            f"{address}: thiết bị đã khởi động lại, lần hỏi sau sẽ mở phiên mới / "
            f"not in time window: the session of user {user.name!r} was older than the device's restart; "
            "a new session is made at the next poll"
        )
    return RefusedError(
        f"{address}: người dùng đúng nhưng không được xem mục này / "
        f"user {user.name!r} is known, but may not see this: {outcome}"
    )


def _outcome(signed: Callable[[User], None], user: User) -> DeviceError | None:
    try:
        signed(user)
    except DeviceError as error:
        return error
    return None


def _asked(host: str, port: int, message: bytes, timeout_s: float) -> usm.Said | None:
    with contextlib.suppress(OSError, BerError):
        family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.settimeout(timeout_s)
            asked.connect((host, port))
            asked.send(message)
            return usm.said(asked.recv(DATAGRAM))
    return None
