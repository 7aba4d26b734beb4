from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Lane(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LANE_UNSPECIFIED: _ClassVar[Lane]
    LANE_URGENT: _ClassVar[Lane]
    LANE_EVENT: _ClassVar[Lane]
    LANE_METRIC: _ClassVar[Lane]
    LANE_BULK: _ClassVar[Lane]
LANE_UNSPECIFIED: Lane
LANE_URGENT: Lane
LANE_EVENT: Lane
LANE_METRIC: Lane
LANE_BULK: Lane

class Up(_message.Message):
    __slots__ = ("hello", "frame", "heartbeat", "bye", "frames")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    BYE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    frame: Frame
    heartbeat: Heartbeat
    bye: Bye
    frames: Frames
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., frame: _Optional[_Union[Frame, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., bye: _Optional[_Union[Bye, _Mapping]] = ..., frames: _Optional[_Union[Frames, _Mapping]] = ...) -> None: ...

class Down(_message.Message):
    __slots__ = ("hello_ack", "ack", "nack", "credit")
    HELLO_ACK_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    NACK_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    hello_ack: HelloAck
    ack: Ack
    nack: Nack
    credit: Credit
    def __init__(self, hello_ack: _Optional[_Union[HelloAck, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., nack: _Optional[_Union[Nack, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("protocol", "boot_id", "instance_nonce", "lanes", "wall_ns", "mono_ns", "agent_version", "frame_period_ms", "hostname")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_NONCE_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    WALL_NS_FIELD_NUMBER: _ClassVar[int]
    MONO_NS_FIELD_NUMBER: _ClassVar[int]
    AGENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    FRAME_PERIOD_MS_FIELD_NUMBER: _ClassVar[int]
    HOSTNAME_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    boot_id: str
    instance_nonce: int
    lanes: _containers.RepeatedCompositeFieldContainer[LaneState]
    wall_ns: int
    mono_ns: int
    agent_version: str
    frame_period_ms: int
    hostname: str
    def __init__(self, protocol: _Optional[int] = ..., boot_id: _Optional[str] = ..., instance_nonce: _Optional[int] = ..., lanes: _Optional[_Iterable[_Union[LaneState, _Mapping]]] = ..., wall_ns: _Optional[int] = ..., mono_ns: _Optional[int] = ..., agent_version: _Optional[str] = ..., frame_period_ms: _Optional[int] = ..., hostname: _Optional[str] = ...) -> None: ...

class LaneState(_message.Message):
    __slots__ = ("lane", "epoch", "first", "next", "since")
    LANE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    lane: Lane
    epoch: int
    first: int
    next: int
    since: int
    def __init__(self, lane: _Optional[_Union[Lane, str]] = ..., epoch: _Optional[int] = ..., first: _Optional[int] = ..., next: _Optional[int] = ..., since: _Optional[int] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("lane", "epoch", "seq", "flags", "payload", "crc")
    LANE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    lane: Lane
    epoch: int
    seq: int
    flags: int
    payload: bytes
    crc: int
    def __init__(self, lane: _Optional[_Union[Lane, str]] = ..., epoch: _Optional[int] = ..., seq: _Optional[int] = ..., flags: _Optional[int] = ..., payload: _Optional[bytes] = ..., crc: _Optional[int] = ...) -> None: ...

class Frames(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[Frame]
    def __init__(self, frames: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("wall_ns", "mono_ns", "lanes")
    WALL_NS_FIELD_NUMBER: _ClassVar[int]
    MONO_NS_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    wall_ns: int
    mono_ns: int
    lanes: _containers.RepeatedCompositeFieldContainer[LaneCounters]
    def __init__(self, wall_ns: _Optional[int] = ..., mono_ns: _Optional[int] = ..., lanes: _Optional[_Iterable[_Union[LaneCounters, _Mapping]]] = ...) -> None: ...

class LaneCounters(_message.Message):
    __slots__ = ("lane", "produced", "committed", "acked", "declared_lost", "spooled_bytes")
    LANE_FIELD_NUMBER: _ClassVar[int]
    PRODUCED_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    ACKED_FIELD_NUMBER: _ClassVar[int]
    DECLARED_LOST_FIELD_NUMBER: _ClassVar[int]
    SPOOLED_BYTES_FIELD_NUMBER: _ClassVar[int]
    lane: Lane
    produced: int
    committed: int
    acked: int
    declared_lost: int
    spooled_bytes: int
    def __init__(self, lane: _Optional[_Union[Lane, str]] = ..., produced: _Optional[int] = ..., committed: _Optional[int] = ..., acked: _Optional[int] = ..., declared_lost: _Optional[int] = ..., spooled_bytes: _Optional[int] = ...) -> None: ...

class Bye(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class HelloAck(_message.Message):
    __slots__ = ("committed", "server_wall_ns", "heartbeat_ms", "frames_at_once")
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    SERVER_WALL_NS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    FRAMES_AT_ONCE_FIELD_NUMBER: _ClassVar[int]
    committed: _containers.RepeatedCompositeFieldContainer[Committed]
    server_wall_ns: int
    heartbeat_ms: int
    frames_at_once: int
    def __init__(self, committed: _Optional[_Iterable[_Union[Committed, _Mapping]]] = ..., server_wall_ns: _Optional[int] = ..., heartbeat_ms: _Optional[int] = ..., frames_at_once: _Optional[int] = ...) -> None: ...

class Committed(_message.Message):
    __slots__ = ("lane", "epoch", "seq", "crc")
    LANE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    lane: Lane
    epoch: int
    seq: int
    crc: int
    def __init__(self, lane: _Optional[_Union[Lane, str]] = ..., epoch: _Optional[int] = ..., seq: _Optional[int] = ..., crc: _Optional[int] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("committed", "credit_bytes")
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    CREDIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    committed: Committed
    credit_bytes: int
    def __init__(self, committed: _Optional[_Union[Committed, _Mapping]] = ..., credit_bytes: _Optional[int] = ...) -> None: ...

class Nack(_message.Message):
    __slots__ = ("lane", "epoch", "seq", "code", "retry_after_ms")
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNKNOWN: _ClassVar[Nack.Code]
        OUT_OF_ORDER: _ClassVar[Nack.Code]
        QUARANTINED: _ClassVar[Nack.Code]
        TOO_BIG: _ClassVar[Nack.Code]
        POLICY: _ClassVar[Nack.Code]
        OVERLOAD: _ClassVar[Nack.Code]
    UNKNOWN: Nack.Code
    OUT_OF_ORDER: Nack.Code
    QUARANTINED: Nack.Code
    TOO_BIG: Nack.Code
    POLICY: Nack.Code
    OVERLOAD: Nack.Code
    LANE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    lane: Lane
    epoch: int
    seq: int
    code: Nack.Code
    retry_after_ms: int
    def __init__(self, lane: _Optional[_Union[Lane, str]] = ..., epoch: _Optional[int] = ..., seq: _Optional[int] = ..., code: _Optional[_Union[Nack.Code, str]] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("lane", "bytes")
    LANE_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    lane: Lane
    bytes: int
    def __init__(self, lane: _Optional[_Union[Lane, str]] = ..., bytes: _Optional[int] = ...) -> None: ...
