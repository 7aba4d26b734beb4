# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.notifier import NotToldError
from giamsat_collector.notifying.http_post import Post
from support.notices import taking
from support.ports import free_ports


def test_a_document_arrives_whole_with_the_token_of_the_file(tmp_path):
    (tmp_path / "token").write_text("abc123\n")
    with taking() as (url, taken):
        Post(f"{url}/hook?a=1", str(tmp_path / "token")).send({"ten": "Nghệ An"})

    ((path, headers, body),) = taken
    assert (path, body, headers["Authorization"]) == ("/hook?a=1", {"ten": "Nghệ An"}, "Bearer abc123")


@pytest.mark.parametrize("status", [301, 400, 503])
def test_whatever_is_not_a_yes_is_a_fault_that_says_what_was_answered_and_no_redirect_is_followed(status):
    with taking(status, b"not\x1b[2J here") as (url, taken), pytest.raises(NotToldError, match=f"{status}.*not.*here"):
        Post(url).send([])

    assert [path for path, _, _ in taken] == ["/"]


def test_nobody_there_is_one_message_with_what_to_look_at(tmp_path):
    (port,) = free_ports(1)
    with pytest.raises(NotToldError, match="is it up"):
        Post(f"http://127.0.0.1:{port}/").send([])
    with pytest.raises(NotToldError, match=r"token: cannot be read.*has to be able to"), taking() as (url, _):
        Post(url, str(tmp_path / "token")).send([])


@pytest.mark.parametrize("held", ["geheim\nzwei", "mật", "a\x00b"])
def test_a_token_that_no_header_takes_is_refused_and_not_quoted(tmp_path, held):
    (tmp_path / "token").write_text(held)
    with taking() as (url, taken), pytest.raises(NotToldError, match="one line of ASCII") as refused:
        Post(url, str(tmp_path / "token")).send([])

    assert (taken, held.split()[0] in str(refused.value)) == ([], False)


def test_a_certificate_nobody_trusts_is_refused(tmp_path):
    with taking() as (url, _), pytest.raises(NotToldError, match=r"(?i)ssl"):
        Post(url.replace("http:", "https:")).send([])
