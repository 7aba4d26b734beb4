# SPDX-License-Identifier: Apache-2.0
import json

from support.console_line import line

TEXTS = {"vi": "máy chủ im lặng", "en": "host silent"}
FOUND = {
    "met": 1,
    "total": 2,
    "pack": "tcvn11930-2017 1.0.0",
    "by_level": {"1": {"met": 1}, "2": {}, "3": {"partly": 1}, "4": {}, "5": {}},
    "systems": [
        {
            "system": "S3",
            "name": "Thư điện tử",
            "unit_name": "Thành phố Vinh",
            "level": 3,
            "pack": "tcvn14423-2026 1.0.0",
            "pack_unknown": "tcvn2",
            "profile": "ab12",
            "state": "partly",
            "obligations": [
                {
                    "id": "monitor.hosts",
                    "clause": "7.2.2.3",
                    "state": "partly",
                    "title": TEXTS,
                    "reason": TEXTS,
                    "evidence": [TEXTS, {"vi": "nhịp gửi", "en": "period"}],
                    "step": {"vi": "xem trạng thái", "en": "see status"},
                },
                {
                    "id": "time.sync",
                    "clause": "7.2.2.3",
                    "state": "met",
                    "title": TEXTS,
                    "reason": {"vi": "2 trên 2 máy", "en": "2 of 2"},
                    "evidence": [TEXTS],
                    "step": None,
                },
            ],
        }
    ],
}
MET = {**FOUND, "systems": [{**FOUND["systems"][0], "state": "met"}]}


def test_totals_by_level_and_the_sum_are_shown(tmp_path):
    with line(tmp_path, coverage__show=FOUND) as here:
        result = here.run("coverage", "show")

    assert "1/2 hệ thống đạt" in result.stderr
    assert result.exit_code == 3


def test_what_fails_comes_with_its_reason_and_the_next_step_and_nothing_else(tmp_path):
    with line(tmp_path, coverage__show=FOUND) as here:
        result = here.run("coverage", "show", "--failing", "--unit", "40")

    assert "máy chủ im lặng" in result.stdout
    assert "xem trạng thái" in result.stdout
    assert "time.sync" not in result.stdout
    assert here.asked[0][1] == {"system": "", "unit": "40", "level": 0}


def test_one_thing_to_do_is_said_once_with_all_that_lacks_it(tmp_path):
    same = {**FOUND["systems"][0]["obligations"][0], "step": {"vi": "cài agent", "en": "x"}}
    lacking = [{**same, "id": name} for name in ("monitor.hosts", "log.host")]
    with line(tmp_path, coverage__show={**FOUND, "systems": [{**FOUND["systems"][0], "obligations": lacking}]}) as here:
        result = here.run("coverage", "show", "--failing")

    assert result.stdout.count("cài agent") == 1
    assert "monitor.hosts, log.host: " in result.stdout


def test_one_system_is_shown_obligation_by_obligation(tmp_path):
    with line(tmp_path, coverage__show=MET) as here:
        result = here.run("coverage", "show", "--system", "S3")

    assert "2 trên 2 máy" in result.stdout
    assert "level pack tcvn14423-2026 1.0.0  ab12" in result.stdout
    assert "tcvn2" in result.stderr
    assert result.exit_code == 0


def test_json_is_what_the_collector_said(tmp_path):
    with line(tmp_path, coverage__show=FOUND) as here:
        assert json.loads(here.run("coverage", "show", "--json").stdout) == FOUND


def test_nothing_that_fits_is_said(tmp_path):
    with line(tmp_path, coverage__show={**FOUND, "systems": []}) as here:
        assert "No system matches" in here.run("coverage", "show", "--system", "x").stderr


def test_an_attestation_names_what_it_is_about(tmp_path):
    words = ["--as", "met", "--document", "12/QĐ", "--text", "trực ca", "--expires", "2027-06-30"]
    with line(tmp_path, coverage__attest=FOUND) as here:
        here.run("coverage", "attest", "S3", "monitor.around_the_clock", *words)

    asked = here.asked[0][1]
    assert (asked["system"], asked["state"], asked["document"]) == ("S3", "met", "12/QĐ")


def test_what_is_attested_and_not_owed_is_said_to_count_for_nothing(tmp_path):
    words = ["--as", "met", "--document", "12/QĐ", "--text", "trực ca", "--expires", "2027-06-30"]
    owed = FOUND["systems"][0]["obligations"][0]["id"]
    with line(tmp_path, coverage__attest={**FOUND, "systems": FOUND["systems"][:1]}) as here:
        told = [here.run("coverage", "attest", "S3", name, *words).stderr for name in (owed, "not.owed")]

    assert ["counts for nothing yet" in said for said in told] == [False, True]


def test_a_statement_is_shown_and_a_chain_that_is_right_says_how_far_it_goes(tmp_path):
    shown = {"met": 1, "total": 2, "states": {"met": 1, "unknown": 1}, "sha256": "ab", "previous": "cd"}
    shown |= {"previous_day": "2026-11-27", "pack": "p 1"}
    right = {"day": "2026-11-28", "checked": 2, "first": "2026-11-27", "problems": []}
    answers = {"days": ["2026-11-27", "2026-11-28"], "show": shown, "verify": right, "key": "PEM\n"}
    with line(tmp_path, **{f"coverage__statement__{name}": answer for name, answer in answers.items()}) as here:
        assert here.run("coverage", "statement", "show").stdout.split() == ["2026-11-27", "2026-11-28"]
        assert "1/2" in here.run("coverage", "statement", "show", "2026-11-28").stderr
        checked = here.run("coverage", "statement", "verify", "2026-11-28")
        assert here.run("coverage", "statement", "key").stdout == "PEM\n"

    assert (checked.exit_code, checked.stdout.startswith("2 xác nhận từ 2026-11-27")) == (0, True)


def test_a_chain_that_is_broken_is_exit_code_3_with_every_problem(tmp_path):
    wrong = {"day": "2026-11-28", "checked": 2, "first": "2026-11-27", "problems": ["2026-11-27: altered"]}
    (tmp_path / "public.pem").write_text("PEM")
    with line(tmp_path, coverage__statement__verify=wrong) as here:
        checked = here.run("coverage", "statement", "verify", "2026-11-28", "--key", tmp_path / "public.pem")

    assert (checked.exit_code, checked.stderr.strip()) == (3, "2026-11-27: altered")
    assert here.asked[0][1] == {"day": "2026-11-28", "public_key": "PEM"}
