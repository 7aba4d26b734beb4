# SPDX-License-Identifier: Apache-2.0
import asyncio

import grpc
import pytest

from giamsat_agent.errors import RejectedError, SpoolError, TransportError
from giamsat_agent.uplink.failure import AWAY, translated

ADDRESS = "10.0.0.1:7443"


def status(code, details=""):
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details)


def told(*errors):
    with pytest.raises(Exception) as caught, translated(ADDRESS):
        raise BaseExceptionGroup("streams", [BaseExceptionGroup("both", list(errors))])
    return caught.value


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT]
)
def test_a_refusal_is_told_apart_and_carries_the_collectors_reason(code):
    error = told(status(code, "revoked: stolen machine"))

    assert type(error) is RejectedError
    assert str(error) == "10.0.0.1:7443: revoked: stolen machine"


def test_any_other_status_means_to_try_again():
    error = told(status(grpc.StatusCode.UNAVAILABLE))

    assert type(error) is TransportError
    assert str(error) == f"10.0.0.1:7443: {AWAY}unavailable"


def test_who_cannot_prove_to_be_the_collector_is_not_called_a_fault_of_the_line():
    details = "SSL_ERROR_SSL: CERTIFICATE_VERIFY_FAILED: self signed certificate in certificate chain"

    error = told(status(grpc.StatusCode.UNAVAILABLE, details))

    assert type(error) is TransportError
    assert "cannot prove to be the collector" in str(error)
    assert "firewall" not in str(error)


def test_silence_and_a_write_to_a_closed_stream_mean_to_try_again():
    assert type(told(TimeoutError())) is TransportError
    assert type(told(asyncio.InvalidStateError("RPC already finished."))) is TransportError


def core():
    """What grpc.aio says of a write that a broken connection did not take."""
    return status(grpc.StatusCode.INTERNAL, "Internal error from Core")


@pytest.mark.parametrize("write", [asyncio.InvalidStateError, core])
def test_a_status_says_more_than_the_write_that_failed_with_it(write):
    error = told(write(), status(grpc.StatusCode.PERMISSION_DENIED, "revoked"))

    assert type(error) is RejectedError


def test_a_write_that_a_broken_connection_did_not_take_is_no_fault_of_a_program():
    assert str(told(core())).endswith(" / the connection ended while something was sent")


@pytest.mark.parametrize(
    "error",
    [
        core(),
        TimeoutError(),
        status(grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses"),
        status(grpc.StatusCode.UNKNOWN, "certificate has expired"),
    ],
)
def test_what_is_wrong_with_a_connection_is_said_in_vietnamese_and_english(error):
    vietnamese, _, english = str(told(error)).removeprefix(f"{ADDRESS}: ").partition(" / ")

    assert not vietnamese.isascii()
    assert english.isascii()
    assert english


def test_our_own_errors_go_on_as_they_are():
    own = SpoolError("the disk")

    assert told(status(grpc.StatusCode.CANCELLED), own) is own


def test_a_fault_of_the_program_is_not_hidden():
    assert type(told(KeyError("x"))) is KeyError


def test_words_of_a_hostile_collector_move_no_terminal_and_fill_no_screen():
    error = told(status(grpc.StatusCode.PERMISSION_DENIED, "\x1b[2J revoked\nCONNECTED " + "x" * 5_000))

    assert str(error).startswith("10.0.0.1:7443: \\x1b[2J revoked CONNECTED")
    assert len(str(error)) < 600
