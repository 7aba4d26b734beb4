# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.credential import Community, User, community, user
from giamsat_agent.devices.errors import CredentialError


def written(folder, text):
    path = folder / "secret"
    path.write_text(text)
    return path


def test_a_community_is_the_first_line_of_its_file(tmp_path):
    for text in ("bimat\nrest\n", "\ufeffbimat\r\n"):
        assert community(written(tmp_path, text), 2) == Community(2, "bimat")


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_file_is_refused_with_what_to_do(tmp_path, text):
    with pytest.raises(CredentialError, match="write it into the file"):
        community(written(tmp_path, text), 2)


def test_a_user_has_the_keys_of_its_file(tmp_path):
    text = 'name="an"\nauthentication="SHA256"\nauth_key="k1-k1-k1"\nprivacy="AES128"\npriv_key="k2-k2-k2"\n'

    assert user(written(tmp_path, text)) == User("an", "SHA256", "AES128", "k1-k1-k1", "k2-k2-k2")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name", "the keys are"),
        ('nam="an"', "the keys are"),
        ("", "the keys are"),
        ('name="an"\nauthentication="SHA3"', "SHA3.*not one of"),
        ('name="an"\nauthentication="MD5"\nprivacy="AES"', "'AES' .*is not one of"),
        ('name="an"\nauthentication="MD5"', "auth_key has fewer than 8"),
        ('name="an"\nauthentication="MD5"\nauth_key="12345678"\nprivacy="DES"\npriv_key="short"', "priv_key has fewer"),
        ('name="an"\nprivacy="AES128"', "privacy needs an authentication"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(tmp_path, text, why):
    with pytest.raises(CredentialError, match=why):
        user(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CredentialError, match=r"nowhere: không đọc được.* / cannot be read"):
        user(tmp_path / "nowhere")


def test_no_secret_shows_when_a_credential_is_printed():
    shown = f"{Community(2, 'bimat')} {User('an', auth_key='xacthuc', priv_key='baomat')}"

    assert "an" in shown
    assert not any(secret in shown for secret in ("bimat", "xacthuc", "baomat"))
