# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.incident import DONE, NAMES, SHOWN, TEXTS, TICKS, IncidentView
from giamsat_collector.incidents.incident import Change, Report, State
from giamsat_collector.incidents.lifecycle import JUDGED, OPENED, Action
from giamsat_collector.incidents.search import Whole
from giamsat_collector.incidents.wanted import FIELDS
from giamsat_collector.registry.snapshot import Registry
from support.incidents import HOUR, incident, sent


def reader(zone=UTC):
    return Reader(Languages().named("vi"), zone, 130 * HOUR)


def view(one, **whole):
    parts = {"alerts": (), "sent": (), "history": (), **whole}
    return IncidentView.of(Whole(one, **parts), Registry(), reader())


def told(action, **details):
    row = Change(7, HOUR, "an", action, State.OPEN, State.OPEN, details, "")
    (step,) = view(incident(), history=(row,)).history
    return step.what


def test_whatever_can_be_done_or_changed_has_a_word():
    assert set(DONE) == {OPENED, *Action}
    assert set(NAMES) == (set(FIELDS) - {"detected"}) | {"detected_ns", "level"}
    assert set(NAMES) >= JUDGED | set(TEXTS) | set(TICKS)


def test_the_history_says_what_was_changed_from_what_to_what():
    assert told("change", serious=[False, True], persons=[None, 5]) == (
        "sự cố nghiêm trọng: không → có, số người: — → 5"
    )
    assert told("change", group=["dos", "malware"]) == "loại: từ chối dịch vụ → mã độc"
    assert told("change", cause=["", "x" * 200]) == f"nguyên nhân: — → {'x' * SHOWN}…"
    assert told("open", alerts=["a", "b"], detected_ns=0) == ("2 cảnh báo, thời điểm phát hiện: 00:00:00 01/01/1970")
    assert told("sent", report="full", document="12/BC", sent_ns=HOUR) == (
        "Nguyên nhân, phạm vi, khắc phục, 12/BC, 01:00:00 01/01/1970"
    )


def test_persons_are_a_number_unknown_or_no_matter():
    assert view(incident(persons=5)).persons == ""
    assert view(incident(personal_data=True)).persons == "chưa rõ số người"
    assert view(incident(personal_data=True, persons=12_500)).persons == "12.500 người"


def test_the_report_that_is_due_next_is_chosen_and_what_is_recorded_can_be_withdrawn():
    found = view(incident(serious=True), sent=(sent(), sent(Report.FULL, withdrawn_ns=1)))

    assert [one.code for one in found.reports if one.current] == ["full"]
    assert [one.code for one in found.recorded] == ["initial"]


def test_what_was_written_and_refused_stays_in_its_form_and_what_hides_is_made_visible_on_the_page():
    whole = Whole(incident(cause="a\u202eb", title="t\u202e"), (), (), ())

    plain = IncidentView.of(whole, Registry(), reader())
    again = IncidentView.of(whole, Registry(), reader(), {"cause": "mới", "title": "khác"})

    assert [(one.shown, one.text) for one in plain.texts if one.name == "cause"] == [("a\\u202eb", "a\u202eb")]
    assert (plain.title, plain.title_field, plain.describing) == ("t\\u202e", "t\u202e", False)
    assert [one.text for one in again.texts if one.name == "cause"] == ["mới"]
    assert (again.title_field, again.describing) == ("khác", True)
