from giamsat.v1 import ingest_pb2 as _ingest_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ParcelHead(_message.Message):
    __slots__ = ("format", "agent_id", "sealed_ns", "bound_spki_der", "carrier_sha256", "ephemeral_spki_der")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEALED_NS_FIELD_NUMBER: _ClassVar[int]
    BOUND_SPKI_DER_FIELD_NUMBER: _ClassVar[int]
    CARRIER_SHA256_FIELD_NUMBER: _ClassVar[int]
    EPHEMERAL_SPKI_DER_FIELD_NUMBER: _ClassVar[int]
    format: int
    agent_id: str
    sealed_ns: int
    bound_spki_der: bytes
    carrier_sha256: bytes
    ephemeral_spki_der: bytes
    def __init__(self, format: _Optional[int] = ..., agent_id: _Optional[str] = ..., sealed_ns: _Optional[int] = ..., bound_spki_der: _Optional[bytes] = ..., carrier_sha256: _Optional[bytes] = ..., ephemeral_spki_der: _Optional[bytes] = ...) -> None: ...

class ParcelPiece(_message.Message):
    __slots__ = ("lane", "acked", "frames")
    LANE_FIELD_NUMBER: _ClassVar[int]
    ACKED_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    lane: _ingest_pb2.LaneState
    acked: int
    frames: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.Frame]
    def __init__(self, lane: _Optional[_Union[_ingest_pb2.LaneState, _Mapping]] = ..., acked: _Optional[int] = ..., frames: _Optional[_Iterable[_Union[_ingest_pb2.Frame, _Mapping]]] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("format", "agent_id", "written_ns", "committed")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_NS_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    format: int
    agent_id: str
    written_ns: int
    committed: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.Committed]
    def __init__(self, format: _Optional[int] = ..., agent_id: _Optional[str] = ..., written_ns: _Optional[int] = ..., committed: _Optional[_Iterable[_Union[_ingest_pb2.Committed, _Mapping]]] = ...) -> None: ...
