# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.webpath import path_of

HEAD = b"GET %s HTTP/1.1\r\nHost: shop.example\r\n%s\r\n"


def asked(path, extra=b""):
    return path_of(path, HEAD % (path.encode(), extra))


def test_a_path_is_known_by_its_folder_its_first_folder_and_what_is_below_that():
    one, other = asked("/a/b/c?x=1"), asked("/z/b/c")

    assert (one.leaf, asked("/A/b/C").whole, asked("/a/b/d").parent) == (other.leaf, one.whole, one.parent)
    assert one.first != other.first
    assert asked("/a").leaf == 0
    assert asked("/x").parent == asked("/y").parent


@pytest.mark.parametrize(("path", "is_probe"), [("/.env", True), ("/wp-login.php", True), ("/news/.env", False)])
def test_what_should_not_be_there_is_known_at_the_top(path, is_probe):
    assert bool(asked(path).probe) is is_probe


@pytest.mark.parametrize(
    ("referer", "came"),
    [(b"http://shop.example/a", True), (b"https://SHOP.example", True), (b"http://other.example/", False)],
)
def test_what_a_page_of_the_same_site_named_came_from_there(referer, came):
    assert asked("/a", b"Referer: " + referer + b"\r\n").came is came
    assert asked("/a").came is False
