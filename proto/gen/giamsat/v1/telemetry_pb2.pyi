from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Payload(_message.Message):
    __slots__ = ("metrics", "events", "gap")
    METRICS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    metrics: MetricFrame
    events: EventFrame
    gap: Gap
    def __init__(self, metrics: _Optional[_Union[MetricFrame, _Mapping]] = ..., events: _Optional[_Union[EventFrame, _Mapping]] = ..., gap: _Optional[_Union[Gap, _Mapping]] = ...) -> None: ...

class MetricFrame(_message.Message):
    __slots__ = ("series", "sets", "chain")
    SERIES_FIELD_NUMBER: _ClassVar[int]
    SETS_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    series: _containers.RepeatedCompositeFieldContainer[Series]
    sets: _containers.RepeatedCompositeFieldContainer[SampleSet]
    chain: int
    def __init__(self, series: _Optional[_Iterable[_Union[Series, _Mapping]]] = ..., sets: _Optional[_Iterable[_Union[SampleSet, _Mapping]]] = ..., chain: _Optional[int] = ...) -> None: ...

class Series(_message.Message):
    __slots__ = ("name", "labels", "type", "decimals")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNTYPED: _ClassVar[Series.Type]
        GAUGE: _ClassVar[Series.Type]
        COUNTER: _ClassVar[Series.Type]
    UNTYPED: Series.Type
    GAUGE: Series.Type
    COUNTER: Series.Type
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DECIMALS_FIELD_NUMBER: _ClassVar[int]
    name: str
    labels: _containers.RepeatedScalarFieldContainer[str]
    type: Series.Type
    decimals: int
    def __init__(self, name: _Optional[str] = ..., labels: _Optional[_Iterable[str]] = ..., type: _Optional[_Union[Series.Type, str]] = ..., decimals: _Optional[int] = ...) -> None: ...

class SampleSet(_message.Message):
    __slots__ = ("wall_ns", "mono_ns", "changed", "delta", "real", "real_value", "gone")
    WALL_NS_FIELD_NUMBER: _ClassVar[int]
    MONO_NS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    REAL_VALUE_FIELD_NUMBER: _ClassVar[int]
    GONE_FIELD_NUMBER: _ClassVar[int]
    wall_ns: int
    mono_ns: int
    changed: _containers.RepeatedScalarFieldContainer[int]
    delta: _containers.RepeatedScalarFieldContainer[int]
    real: _containers.RepeatedScalarFieldContainer[int]
    real_value: _containers.RepeatedScalarFieldContainer[float]
    gone: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, wall_ns: _Optional[int] = ..., mono_ns: _Optional[int] = ..., changed: _Optional[_Iterable[int]] = ..., delta: _Optional[_Iterable[int]] = ..., real: _Optional[_Iterable[int]] = ..., real_value: _Optional[_Iterable[float]] = ..., gone: _Optional[_Iterable[int]] = ...) -> None: ...

class PackedPayload(_message.Message):
    __slots__ = ("metrics",)
    METRICS_FIELD_NUMBER: _ClassVar[int]
    metrics: PackedFrame
    def __init__(self, metrics: _Optional[_Union[PackedFrame, _Mapping]] = ...) -> None: ...

class PackedFrame(_message.Message):
    __slots__ = ("sets", "chain")
    SETS_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    sets: _containers.RepeatedCompositeFieldContainer[PackedSet]
    chain: int
    def __init__(self, sets: _Optional[_Iterable[_Union[PackedSet, _Mapping]]] = ..., chain: _Optional[int] = ...) -> None: ...

class PackedSet(_message.Message):
    __slots__ = ("wall_ns", "mono_ns", "changed", "delta", "real", "real_value")
    WALL_NS_FIELD_NUMBER: _ClassVar[int]
    MONO_NS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    REAL_VALUE_FIELD_NUMBER: _ClassVar[int]
    wall_ns: int
    mono_ns: int
    changed: bytes
    delta: bytes
    real: bytes
    real_value: bytes
    def __init__(self, wall_ns: _Optional[int] = ..., mono_ns: _Optional[int] = ..., changed: _Optional[bytes] = ..., delta: _Optional[bytes] = ..., real: _Optional[bytes] = ..., real_value: _Optional[bytes] = ...) -> None: ...

class EventFrame(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("kind", "wall_ns", "mono_ns", "fields")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    KIND_FIELD_NUMBER: _ClassVar[int]
    WALL_NS_FIELD_NUMBER: _ClassVar[int]
    MONO_NS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    wall_ns: int
    mono_ns: int
    fields: _containers.MessageMap[str, Value]
    def __init__(self, kind: _Optional[str] = ..., wall_ns: _Optional[int] = ..., mono_ns: _Optional[int] = ..., fields: _Optional[_Mapping[str, Value]] = ...) -> None: ...

class Value(_message.Message):
    __slots__ = ("text", "integer", "real", "flag", "texts")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    text: str
    integer: int
    real: float
    flag: bool
    texts: Texts
    def __init__(self, text: _Optional[str] = ..., integer: _Optional[int] = ..., real: _Optional[float] = ..., flag: bool = ..., texts: _Optional[_Union[Texts, _Mapping]] = ...) -> None: ...

class Texts(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, items: _Optional[_Iterable[str]] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("source", "cursor")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    source: str
    cursor: bytes
    def __init__(self, source: _Optional[str] = ..., cursor: _Optional[bytes] = ...) -> None: ...

class Gap(_message.Message):
    __slots__ = ("lane", "epoch", "first", "last", "reason", "frames")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNKNOWN: _ClassVar[Gap.Reason]
        SPOOL_FULL: _ClassVar[Gap.Reason]
        CORRUPT: _ClassVar[Gap.Reason]
        SEQUENCE_REGRESSED: _ClassVar[Gap.Reason]
        SERVER_ROLLBACK: _ClassVar[Gap.Reason]
        HOST_PRESSURE: _ClassVar[Gap.Reason]
        THINNED: _ClassVar[Gap.Reason]
    UNKNOWN: Gap.Reason
    SPOOL_FULL: Gap.Reason
    CORRUPT: Gap.Reason
    SEQUENCE_REGRESSED: Gap.Reason
    SERVER_ROLLBACK: Gap.Reason
    HOST_PRESSURE: Gap.Reason
    THINNED: Gap.Reason
    LANE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    lane: int
    epoch: int
    first: int
    last: int
    reason: Gap.Reason
    frames: int
    def __init__(self, lane: _Optional[int] = ..., epoch: _Optional[int] = ..., first: _Optional[int] = ..., last: _Optional[int] = ..., reason: _Optional[_Union[Gap.Reason, str]] = ..., frames: _Optional[int] = ...) -> None: ...
