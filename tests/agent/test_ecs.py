# SPDX-License-Identifier: Apache-2.0
from giamsat_agent import ecs


def test_an_event_carries_what_the_catalogue_says_of_its_kind():
    event = ecs.event("group-created", wall_ns=1, mono_ns=2, fields={"group.name": "g"})

    assert (event.kind, event.wall_ns, event.mono_ns) == ("group-created", 1, 2)
    assert event.fields["event.action"] == "group-created"
    assert event.fields["event.category"] == ("iam",)
    assert event.fields["event.type"] == ("group", "creation")
    assert event.fields["group.name"] == "g"


def test_a_kind_nobody_declared_is_carried():
    event = ecs.event("something-new", wall_ns=1, mono_ns=2, fields={})

    assert event.fields == {"event.action": "something-new"}
