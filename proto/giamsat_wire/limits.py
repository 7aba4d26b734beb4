# SPDX-License-Identifier: Apache-2.0
"""Every bound both ends keep to: the sender stays below it, the receiver refuses above it."""

from typing import Final

MESSAGE_BYTES: Final = 1 << 20
"""The largest gRPC message either end receives."""
FRAME_BYTES: Final = 256 << 10
"""The largest payload of one frame, as stored and sent."""
INFLATED_BYTES: Final = 1 << 20
"""The largest payload once decompressed."""
INFLATION_RATIO: Final = 200
"""The most a payload may grow by decompression."""
FRAMES_PER_MESSAGE: Final = 64
"""Frames of a backlog that go in one message."""
EVENTS_PER_FRAME: Final = 1_000
SETS_PER_FRAME: Final = 4
SERIES_PER_AGENT: Final = 5_000
"""Series beyond this are dropped and counted, so one host cannot exhaust the collector."""
SERIES_CHARACTERS: Final = 1 << 20
"""Names and labels of all series of one agent together; what is beyond is dropped and counted likewise."""
LABELS_PER_SERIES: Final = 16
FIELDS_PER_EVENT: Final = 64
NAME_CHARACTERS: Final = 200
LABEL_CHARACTERS: Final = 512
TEXT_CHARACTERS: Final = 8_192
"""The longest text of one field; longer text is cut and marked with a trailing ellipsis."""
TEXTS_PER_FIELD: Final = 64
METADATA_BYTES: Final = 8 << 10
NUMBER: Final = 1 << 62
"""The largest epoch or sequence number: databases keep both as signed 64-bit integers, with room to count on."""
EPOCH: Final = 1 << 56
"""The latest epoch that a host is taken to have begun by itself: those of the year 2262 are below 1 << 54."""
KEYFRAME_EVERY: Final = 60
"""A metric chain begins anew at least this often (frames), so a lost frame costs at most one chain."""
STALE_PERIODS: Final = 2.5
"""What is older than this many of its periods is stale: a host's page, what a device or a check said last."""
