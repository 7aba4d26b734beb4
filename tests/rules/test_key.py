# SPDX-License-Identifier: Apache-2.0
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from giamsat_rules.errors import BundleError
from giamsat_rules.key import private_key, public_key
from support.signing import key_pair


def test_a_pair_of_files_is_a_pair_of_keys(tmp_path):
    private, public = key_pair(tmp_path)

    assert private_key(private).public_key().public_bytes_raw() == public_key(public)


def test_a_key_of_another_kind_is_refused_with_what_to_give(tmp_path):
    key = generate_private_key(SECP256R1())
    (tmp_path / "k").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "p").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    with pytest.raises(BundleError, match="ed25519"):
        private_key(tmp_path / "k")
    with pytest.raises(BundleError, match="Ed25519"):
        public_key(tmp_path / "p")


@pytest.mark.parametrize("read", [private_key, public_key])
@pytest.mark.parametrize("text", [None, b"nonsense", b""])
def test_a_file_that_holds_no_key_is_refused(tmp_path, read, text):
    if text is not None:
        (tmp_path / "k").write_bytes(text)

    with pytest.raises(BundleError, match="key that can be read"):
        read(tmp_path / "k")
