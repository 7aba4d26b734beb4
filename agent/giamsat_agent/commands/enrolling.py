# SPDX-License-Identifier: Apache-2.0
"""The three ways of `giamsat-agent enrol`: over a connection, and by hand out and back."""

import contextlib
import secrets
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from giamsat_agent import enrolment_by_hand as by_hand
from giamsat_agent import next_step
from giamsat_agent.commands.options import say
from giamsat_agent.enrolment import Token, ask_token, enrol, must_be_new, must_be_there, parse_token, read_token
from giamsat_agent.errors import AgentError, EnrolmentError
from giamsat_agent.privileges import become_owner
from giamsat_agent.uplink import host_binding
from giamsat_agent.uplink.host_binding import machine_id
from giamsat_agent.uplink.identity import Identity
from giamsat_wire.enrolment_file import FILE_BYTES, NONCE_BYTES


def connected(collector: str, token_file: Path, state: Path) -> Identity:
    """Enrol at the collector at HOST:PORT."""
    if _typed(token_file):
        must_be_new(state / "identity")
        must_be_there(collector)
    token = _token(token_file)
    become_owner(state)
    found = enrol(collector, token, state / "identity", hostname=socket.gethostname(), machine_id=machine_id())
    host_binding.settle(state / "identity", host_binding.here())
    return found


def exported(file: Path, token_file: Path, state: Path) -> None:
    """Write a request to a file that is carried to the collector."""
    if file.exists():
        raise EnrolmentError(
            f"{file}: đã có tệp này, yêu cầu không bao giờ ghi đè; xin đặt tên khác / "
            "exists already: requests are never written over; give another name"
        )
    must_be_new(state / "identity")
    token = _token(token_file)
    nonce = secrets.token_bytes(NONCE_BYTES)
    try:
        # Opened before rights are given up: the stick belongs to whoever sits here, the keys to the agent.
        with _made(file) as opened:
            become_owner(state)
            data = by_hand.request(token, state, nonce, hostname=socket.gethostname(), machine_id=machine_id())
            opened.write(data)
    except OSError as error:
        raise EnrolmentError(
            f"{file}: {error.strerror}; xin chỉ tệp trên USB còn chỗ / name a file on a stick with room"
        ) from error
    say.print(
        f"Bước sau, trên máy thu thập / next, at the collector: giamsat-collector enrol import {file.name}\n"
        f"rồi ở đây / then here: {next_step.enrolling(f'--import {file.name}.answer')}",
    )


@contextlib.contextmanager
def _made(file: Path) -> Iterator[BinaryIO]:
    """A new file, which is gone again after an error if the rights that are left allow it."""
    opened = file.open("xb")
    try:
        with opened:
            yield opened
    except (AgentError, OSError):
        with contextlib.suppress(OSError):
            file.unlink()
        raise


def imported(file: Path, state: Path) -> Identity:
    """Take the answer that was carried back."""
    try:
        with file.open("rb") as opened:
            data = opened.read(FILE_BYTES + 1)
    except OSError as error:
        raise EnrolmentError(
            f"{file}: không đọc được; xin chỉ tệp trả lời mang từ máy thu thập về / "
            f"cannot be read: {error.strerror}; name the answer that came back from the collector"
        ) from error
    become_owner(state)
    found = by_hand.take(data, state)
    host_binding.settle(state / "identity", host_binding.here())
    return found


def _typed(token_file: Path) -> bool:
    return str(token_file) == "-" and sys.stdin.isatty()


def _token(token_file: Path) -> Token:
    if _typed(token_file):
        return parse_token(ask_token(input, say.print))
    return parse_token(read_token(token_file))
