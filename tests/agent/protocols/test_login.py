# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.check import UnusableError
from giamsat_agent.protocols import login


def test_a_login_is_read_and_its_password_does_not_print(tmp_path):
    path = tmp_path / "login.toml"
    path.write_text('\ufeffuser = "giamsat"\r\npassword = "bí mật"\r\n')
    path.chmod(0o640)

    found = login.read(path)

    assert (found.user, found.password) == ("giamsat", "bí mật")
    assert "bí mật" not in repr(found)


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ('user = "a"\npassword = "b"\n', 0o644, "everybody on this host can read it; chmod o="),
        ('user = "a"\n', 0o600, "the keys are user and password"),
        ('user = "a"\npassword = 1\n', 0o600, "the keys are user and password"),
        ("user", 0o600, "not TOML"),
    ],
)
def test_other_files_are_refused_with_a_remedy(tmp_path, text, mode, said):
    path = tmp_path / "login.toml"
    path.write_text(text)
    path.chmod(mode)

    with pytest.raises(UnusableError, match=said):
        login.read(path)


def test_no_file_is_said(tmp_path):
    with pytest.raises(UnusableError, match="cannot be read: No such file or directory; make it"):
        login.read(tmp_path / "none")
