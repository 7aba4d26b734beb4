from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RedeemRequest(_message.Message):
    __slots__ = ("token_id", "secret", "csr_der", "bound_spki_der", "bound_signature", "evidence", "takes_roots")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    CSR_DER_FIELD_NUMBER: _ClassVar[int]
    BOUND_SPKI_DER_FIELD_NUMBER: _ClassVar[int]
    BOUND_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    TAKES_ROOTS_FIELD_NUMBER: _ClassVar[int]
    token_id: str
    secret: str
    csr_der: bytes
    bound_spki_der: bytes
    bound_signature: bytes
    evidence: Evidence
    takes_roots: bool
    def __init__(self, token_id: _Optional[str] = ..., secret: _Optional[str] = ..., csr_der: _Optional[bytes] = ..., bound_spki_der: _Optional[bytes] = ..., bound_signature: _Optional[bytes] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., takes_roots: bool = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("hostname", "machine_id", "os")
    HOSTNAME_FIELD_NUMBER: _ClassVar[int]
    MACHINE_ID_FIELD_NUMBER: _ClassVar[int]
    OS_FIELD_NUMBER: _ClassVar[int]
    hostname: str
    machine_id: str
    os: str
    def __init__(self, hostname: _Optional[str] = ..., machine_id: _Optional[str] = ..., os: _Optional[str] = ...) -> None: ...

class RedeemReply(_message.Message):
    __slots__ = ("agent_id", "unit", "chain_der", "roots_der", "carrier_der", "enrolment")
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    CHAIN_DER_FIELD_NUMBER: _ClassVar[int]
    ROOTS_DER_FIELD_NUMBER: _ClassVar[int]
    CARRIER_DER_FIELD_NUMBER: _ClassVar[int]
    ENROLMENT_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    unit: str
    chain_der: _containers.RepeatedScalarFieldContainer[bytes]
    roots_der: _containers.RepeatedScalarFieldContainer[bytes]
    carrier_der: _containers.RepeatedScalarFieldContainer[bytes]
    enrolment: str
    def __init__(self, agent_id: _Optional[str] = ..., unit: _Optional[str] = ..., chain_der: _Optional[_Iterable[bytes]] = ..., roots_der: _Optional[_Iterable[bytes]] = ..., carrier_der: _Optional[_Iterable[bytes]] = ..., enrolment: _Optional[str] = ...) -> None: ...

class RenewRequest(_message.Message):
    __slots__ = ("agent_id", "generation", "csr_der", "bound_spki_der", "bound_signature", "evidence", "takes_roots")
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    CSR_DER_FIELD_NUMBER: _ClassVar[int]
    BOUND_SPKI_DER_FIELD_NUMBER: _ClassVar[int]
    BOUND_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    TAKES_ROOTS_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    generation: int
    csr_der: bytes
    bound_spki_der: bytes
    bound_signature: bytes
    evidence: Evidence
    takes_roots: bool
    def __init__(self, agent_id: _Optional[str] = ..., generation: _Optional[int] = ..., csr_der: _Optional[bytes] = ..., bound_spki_der: _Optional[bytes] = ..., bound_signature: _Optional[bytes] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., takes_roots: bool = ...) -> None: ...

class RenewReply(_message.Message):
    __slots__ = ("generation", "chain_der", "carrier_der", "roots_der")
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    CHAIN_DER_FIELD_NUMBER: _ClassVar[int]
    CARRIER_DER_FIELD_NUMBER: _ClassVar[int]
    ROOTS_DER_FIELD_NUMBER: _ClassVar[int]
    generation: int
    chain_der: _containers.RepeatedScalarFieldContainer[bytes]
    carrier_der: _containers.RepeatedScalarFieldContainer[bytes]
    roots_der: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, generation: _Optional[int] = ..., chain_der: _Optional[_Iterable[bytes]] = ..., carrier_der: _Optional[_Iterable[bytes]] = ..., roots_der: _Optional[_Iterable[bytes]] = ...) -> None: ...

class EmergencyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EmergencyReply(_message.Message):
    __slots__ = ("statement", "signatures")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    statement: bytes
    signatures: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, statement: _Optional[bytes] = ..., signatures: _Optional[_Iterable[bytes]] = ...) -> None: ...
