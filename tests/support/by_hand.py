# SPDX-License-Identifier: Apache-2.0
"""An enrolled agent whose every message is written by a test; its certificate, its TLS and its stream are real."""

import contextlib
import queue
import time
from pathlib import Path

import grpc

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.uplink import identity as identities
from giamsat_wire.codec import Encoded, FrameFlag, encode_happenings
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, FieldValue

EPOCH = 5
LASTS_S = 60


class Stream:
    """One stream on the event lane, open since its Hello was answered."""

    def __init__(self, channel, wall_ns):
        self._said: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.seq = 0
        self._call = ingest_pb2_grpc.IngestStub(channel).Push(iter(self._said.get, None), timeout=LASTS_S)
        lane = ingest_pb2.LaneState(lane=ingest_pb2.LANE_EVENT, epoch=EPOCH, first=1, next=1)
        hello = ingest_pb2.Hello(protocol=1, hostname="máy", lanes=[lane], wall_ns=wall_ns, frame_period_ms=15_000)
        self.say(ingest_pb2.Up(hello=hello))
        self.answer("hello_ack")

    def say(self, message):
        """Send one message."""
        self._said.put(message)

    def frame(self, encoded):
        """Send the next frame, with the checksum it should have."""
        self.seq += 1
        flags = int(encoded.flags)
        self.say(
            ingest_pb2.Up(
                frame=ingest_pb2.Frame(
                    lane=ingest_pb2.LANE_EVENT,
                    epoch=EPOCH,
                    seq=self.seq,
                    flags=flags,
                    payload=encoded.payload,
                    crc=checksum(flags=flags, lane=Lane.EVENT, seq=self.seq, payload=encoded.payload),
                )
            )
        )

    def events(self, *events):
        """Send events, and wait until they are durable."""
        for encoded in encode_happenings(events):
            self.frame(encoded)
            self.durable()

    def bytes(self, payload):
        """Send a frame that holds these bytes."""
        self.frame(Encoded(FrameFlag(0), payload))

    def claims(self, *, acked):
        """Say that so many frames were given a number, and that the last of them was acknowledged."""
        lane = ingest_pb2.LaneCounters(lane=ingest_pb2.LANE_EVENT, produced=acked, committed=acked, acked=acked)
        self.say(ingest_pb2.Up(heartbeat=ingest_pb2.Heartbeat(wall_ns=time.time_ns(), lanes=[lane])))

    def durable(self):
        """Wait until the last frame sent is acknowledged."""
        while self.answer("ack").committed.seq < self.seq:
            pass

    def answer(self, kind):
        """The next answer of this kind."""
        while (message := next(self._call)).WhichOneof("message") != kind:
            pass
        return getattr(message, kind)

    def end(self):
        """How the collector ended this stream: the status code and what it said."""
        try:
            while True:
                next(self._call)
        except grpc.RpcError as error:
            return error.code(), error.details()
        except StopIteration:
            return grpc.StatusCode.OK, ""

    def close(self):
        """Leave without a word."""
        self._said.put(None)
        self._call.cancel()


@contextlib.contextmanager
def stream(here, config, *, wall_ns=None):
    """A stream of the host with this configuration to the collector of a site."""
    own = identities.load(Path(str(config).removesuffix(".toml")) / "identity")
    credentials = grpc.ssl_channel_credentials(own.roots, own.key, own.chain)
    with grpc.secure_channel(f"127.0.0.1:{here.ingest}", credentials) as channel:
        opened = Stream(channel, time.time_ns() if wall_ns is None else wall_ns)
        try:
            yield opened
        finally:
            opened.close()


def failed_login(number, wall_ns):
    """A refused login over SSH."""
    fields: dict[str, FieldValue] = {
        "event.action": "user-login",
        "event.category": ("authentication",),
        "event.outcome": "failure",
        "event.id": f"{number:032x}",
        "event.provider": "auth_log",
        "process.name": "sshd",
        "user.name": "root",
        "source.ip": "192.0.2.7",
    }
    return Event("user-login", wall_ns, number, fields)


def attack(here, config, times, *, clock_off_ns=0, event_off_ns=0):
    """So many failed logins on a host whose clock, or whose log, is off."""
    with stream(here, config, wall_ns=time.time_ns() + clock_off_ns) as opened:
        now = time.time_ns() + clock_off_ns + event_off_ns
        opened.events(*(failed_login(number, now) for number in range(times)))
