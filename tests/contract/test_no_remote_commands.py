# SPDX-License-Identifier: Apache-2.0
"""Nothing a collector can send makes an agent act: the wire has no room for words.

What comes down a stream is acknowledgement, refusal and credit, and all of it is numbers. A command, a path, a rule
or a setting would need text or bytes, and there are none.
"""

import pytest
from google.protobuf.descriptor import FieldDescriptor

from giamsat.v1 import enrol_pb2, ingest_pb2

WORDS = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_GROUP}


def fields(message, seen=()):
    """Every field a message can hold, at any depth."""
    for field in message.fields:
        yield field
        if field.message_type is not None and field.message_type not in seen:
            yield from fields(field.message_type, (*seen, message))


def test_what_comes_down_a_stream_is_these_four_messages():
    assert {field.name for field in ingest_pb2.Down.DESCRIPTOR.fields} == {"hello_ack", "ack", "nack", "credit"}


def test_nothing_that_comes_down_a_stream_has_room_for_words():
    assert [field.full_name for field in fields(ingest_pb2.Down.DESCRIPTOR) if field.type in WORDS] == []


@pytest.mark.parametrize("module", [ingest_pb2, enrol_pb2])
def test_only_an_agent_begins_a_call_and_no_call_but_these_exists(module):
    calls = {
        (service.name, method.name)
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }

    known = {("Ingest", "Push"), ("Enrol", "Redeem"), ("Enrol", "Recover"), ("Renewal", "Renew")}
    assert calls <= known | {("Enrol", "Emergency")}


@pytest.mark.parametrize("reply", [enrol_pb2.RedeemReply, enrol_pb2.RenewReply])
def test_the_only_bytes_an_agent_takes_are_certificates(reply):
    """And `enrolment`, where it is carried by hand: a HOST:PORT, which test_carried.py tries to make more of."""
    taken = {field.name for field in fields(reply.DESCRIPTOR) if field.type in WORDS}

    assert taken <= {"agent_id", "unit", "chain_der", "roots_der", "carrier_der", "enrolment"}


def test_what_an_emergency_brings_are_roots_and_signatures():
    """The statement has room for a serial and roots alone: test_emergency.py tries to make more of it."""
    assert {field.name for field in fields(enrol_pb2.EmergencyReply.DESCRIPTOR)} == {"statement", "signatures"}
