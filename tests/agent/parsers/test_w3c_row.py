# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.w3c_row import parse


@pytest.mark.parametrize(
    "row",
    [
        "10.1.0.5 GET /a.php x=1 443 - 203.0.113.9 curl/8+(x) - 404 0 2 15",
        "10.1.0.5 GET /a.php x=1 443 - 203.0.113.9 curl/8+(x) https://x.example/?s=200+1+2 404 0 2 15",
        "10.1.0.5 GET /a.php x=1 443 - 203.0.113.9 curl/8+(x) 404 0 2",
        "W3SVC1 WEB1 10.1.0.5 GET /a.php x=1 443 - 203.0.113.9 HTTP/1.1 curl/8+(x) - - x.example 404 0 2 1245 300 15",
    ],
)
def test_a_row_of_iis_is_told_by_its_columns_alone(row):
    fields = parse(row).fields

    assert (fields["source.ip"], fields["destination.ip"], fields["destination.port"]) == (
        "203.0.113.9",
        "10.1.0.5",
        443,
    )
    assert (fields["http.response.status_code"], fields["url.original"]) == (404, "/a.php?x=1")
    assert fields["user_agent.original"] == "curl/8 (x)"
    assert "user.name" not in fields


@pytest.mark.parametrize(
    "row",
    ["", "10.1.0.5 GET /a.php - 443 - 203.0.113.9 curl/8 -", "10.1.0.5 GET /a.php - 443 - nobody curl/8 - 404 0 2 15"],
)
def test_what_lacks_a_peer_or_a_status_is_no_row(row):
    assert parse(row) is None
