"""A real PKCS#11 module with tokens of its own: SoftHSM2, whose tokens live in a folder of the test run."""

from __future__ import annotations

import itertools
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from station.adapters.secrets.token_session import TokenPlace
from station.ports.secrets import KeyKind
from tests.helpers.namespace import require_program

if TYPE_CHECKING:
    from pkcs11 import Session

_PLACES = ("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib/aarch64-linux-gnu/softhsm", "/usr/lib64")
PIN, SO_PIN = "24681357", "97531864"
KINDS = {"base": KeyKind.AES128, "other": KeyKind.AES128, "two": KeyKind.TDES2K, "three": KeyKind.TDES3K}
_numbers = itertools.count(1)


def softhsm_module() -> Path:
    """Return the module's file, or skip the calling test."""
    require_program("softhsm2-util", package="softhsm2")
    pytest.importorskip("pkcs11")
    for place in _PLACES:
        if (module := Path(place, "libsofthsm2.so")).is_file():
            return module
    pytest.skip("the PKCS#11 module of SoftHSM is not here (Debian package: softhsm2)")


@dataclass
class SoftToken:
    """A token that was just set up, empty."""

    place: TokenPlace

    def session(self) -> Session:
        """Open a session that may write; for the test, not for the keeper."""
        import pkcs11

        token = next(iter(pkcs11.lib(str(self.place.module)).get_tokens(token_label=self.place.label)))
        return token.open(rw=True, user_pin=PIN)

    def put(self, label: str, key: bytes, kind: KeyKind = KeyKind.AES128, **changed: object) -> None:
        """Put a master key there as a real token holds it: sensitive, and never extractable."""
        from pkcs11 import Attribute, KeyType, ObjectClass

        types = {KeyKind.AES128: KeyType.AES, KeyKind.TDES2K: KeyType.DES2, KeyKind.TDES3K: KeyType.DES3}
        attributes = {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: types[kind],
            Attribute.VALUE: bytes(key),
            Attribute.LABEL: label,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.ENCRYPT: True,
        }
        attributes |= {Attribute[name.upper()]: value for name, value in changed.items()}
        with self.session() as session:
            session.create_object(attributes)

    def put_signing_key(self, label: str, key: ec.EllipticCurvePrivateKey) -> None:
        """Put a signing key there."""
        from pkcs11 import Attribute
        from pkcs11.util.ec import decode_ec_private_key

        der = key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        attributes = decode_ec_private_key(der) | {
            Attribute.LABEL: label,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.SIGN: True,
        }
        with self.session() as session:
            session.create_object(attributes)

    def put_certificate(self, label: str, der: bytes) -> None:
        """Put a certificate there."""
        from pkcs11 import Attribute
        from pkcs11.util.x509 import decode_x509_certificate

        with self.session() as session:
            session.create_object(decode_x509_certificate(der) | {Attribute.LABEL: label, Attribute.TOKEN: True})


def new_token(folder: Path) -> SoftToken:
    """Set up a token of its own below ``folder``, which is the same for the whole run."""
    import pkcs11

    module = softhsm_module()
    (folder / "tokens").mkdir(exist_ok=True)
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", "utf-8")
    os.environ["SOFTHSM2_CONF"] = str(config)
    label = f"desk {next(_numbers)}"
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN]
    subprocess.run(command, check=True, capture_output=True)
    pkcs11.lib(str(module)).reinitialize()  # it looks for tokens only then
    return SoftToken(TokenPlace(module, label))


def token_files() -> list[Path]:
    """Return the files in which the module keeps all tokens of this run."""
    folder = Path(os.environ["SOFTHSM2_CONF"]).parent / "tokens"
    return [file for file in folder.rglob("*") if file.is_file()]
