# SPDX-License-Identifier: Apache-2.0
"""gRPC's errors in our words: whether trying again helps, and what the other end said."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from typing import Final

import grpc

from giamsat_agent.errors import AgentError, RejectedError, TransportError
from giamsat_wire import printable

_MEANING: Final[Mapping[grpc.StatusCode, type[TransportError]]] = {
    grpc.StatusCode.PERMISSION_DENIED: RejectedError,
    grpc.StatusCode.UNAUTHENTICATED: RejectedError,
    grpc.StatusCode.INVALID_ARGUMENT: RejectedError,
}

AWAY: Final = (
    "chưa tới được bộ thu thập, agent tự thử lại; nếu kéo dài, xem lại đường mạng và tường lửa / "
    "not reached, it is tried again by itself; if it lasts, check the line and the firewall: "
)
CHARACTERS: Final = 500
"""Of what the other end says, so much is told on."""
_WRONG_TIME: Final = ("certificate is not yet valid", "certificate has expired")
_STRANGER: Final = "CERTIFICATE_VERIFY_FAILED"


@contextlib.contextmanager
def translated(address: str) -> Iterator[None]:
    """Raise our errors in place of gRPC's, the most telling one of a group.

    Raises:
        TransportError: the connection is lost, refused or silent.
        AgentError: one of ours came out of the group; it goes on as it is.
    """
    try:
        yield
    except BaseExceptionGroup as group:
        raise _ours(address, list(_leaves(group))) from group


def said(details: str) -> str:
    """What gRPC says of a failure; of one that comes of a wrong clock or of a stranger's certificate, what to do.

    The other end chose the words: they are shown to people, and may be meant to harm.
    """
    if any(sign in details for sign in _WRONG_TIME):
        return (
            "chứng thư của nó không hợp lệ theo giờ máy này: chỉnh lại giờ máy này (timedatectl, chronyd), hoặc báo "
            "đầu mối rằng giờ của bộ thu thập sai / "
            "its certificate is not good at this host's time; set this host's clock right (timedatectl, chronyd), or "
            "tell the SOC that the collector's clock is wrong"
        )
    if _STRANGER in details:
        return (
            "nơi trả lời không chứng minh được là bộ thu thập mà máy này đã ghi danh: hỏi đầu mối xem bộ thu thập có "
            "bị cài lại mà thiếu khóa cũ không, hoặc có gì chen giữa đường mạng / "
            "who answers cannot prove to be the collector this host was enrolled at; ask the SOC whether it was set up "
            "anew without its old keys, or what stands in between on the line"
        )
    return printable.visible(details[:CHARACTERS]).replace("\n", " ")


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _ours(address: str, errors: list[BaseException]) -> BaseException:
    for kind in (RejectedError, AgentError):
        for error in errors:
            if isinstance(error, kind):
                return error
    for error in errors:
        if isinstance(error, grpc.aio.AioRpcError) and error.code() is not grpc.StatusCode.INTERNAL:
            told = error.details() or error.code().name.lower()
            details = said(told)
            answered = any(sign in told for sign in (*_WRONG_TIME, _STRANGER))
            away = AWAY if error.code() is grpc.StatusCode.UNAVAILABLE and not answered else ""
            return _MEANING.get(error.code(), TransportError)(f"{address}: {away}{details}")
    for error in errors:
        if isinstance(error, TimeoutError):
            return TransportError(f"{address}: bộ thu thập chưa đáp lời chào / no answer to the greeting in time")
        if isinstance(error, asyncio.InvalidStateError | grpc.aio.UsageError | grpc.aio.AioRpcError):
            # What a write says when the stream ended in between, the last one as "Internal error from Core".
            return TransportError(
                f"{address}: kết nối đứt khi đang gửi / the connection ended while something was sent"
            )
    return errors[0]
