"""What may be wrong with a token; and that a wrong PIN is tried once, and never again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.errors import PasswordSetError

from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.token_session import TokenPlace, TokenSession, explained
from station.domain.errors import SecretError
from tests.helpers.keyrings import FakeKeyring, in_use
from tests.helpers.softhsm import PIN, SoftToken, new_token


@pytest.fixture
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    return new_token(tmp_path_factory.getbasetemp())


@pytest.fixture
def keyring() -> Iterator[KeyringSecrets]:
    with in_use(FakeKeyring()):
        yield KeyringSecrets()


def label_of(session: TokenSession) -> str:
    """Use the session."""
    return session.run(lambda opened: opened.token.label)


def was_asked(token: SoftToken) -> bool:
    """Tell whether the token has refused a PIN since the last right one."""
    import pkcs11

    found = next(iter(pkcs11.lib(str(token.place.module)).get_tokens(token_label=token.place.label)))
    return bool(found.flags & pkcs11.TokenFlag.USER_PIN_COUNT_LOW)


def test_a_wrong_pin_is_tried_once_and_never_again(token: SoftToken, keyring: KeyringSecrets) -> None:
    keyring.set(token.place.pin_name, b"00000000")
    with pytest.raises(SecretError, match="doesn't accept its PIN") as caught:
        label_of(TokenSession(token.place, keyring))
    assert token.place.pin_name in caught.value.todo.format(**caught.value.params)
    assert was_asked(token)
    token.session().close()  # the right PIN resets the token's counter
    assert not was_asked(token)
    again = TokenSession(token.place, keyring)
    for session in (again, again, TokenSession(token.place, keyring)):  # a restart forgets nothing either
        with pytest.raises(SecretError, match="doesn't accept its PIN"):
            label_of(session)
    assert not was_asked(token)
    keyring.set(token.place.pin_name, PIN.encode())
    assert label_of(again) == token.place.label
    again.close()
    with pytest.raises(SecretError):
        keyring.get(token.place.refused_name)


def test_without_a_pin_the_token_is_not_asked(token: SoftToken, keyring: KeyringSecrets) -> None:
    with pytest.raises(SecretError) as caught:
        label_of(TokenSession(token.place, keyring))
    assert token.place.pin_name in str(caught.value)
    assert not was_asked(token)


def test_a_token_that_was_away_is_used_again(token: SoftToken, keyring: KeyringSecrets) -> None:
    import pkcs11

    keyring.set(token.place.pin_name, PIN.encode())
    session = TokenSession(token.place, keyring)
    label_of(session)
    pkcs11.lib(str(token.place.module)).reinitialize()  # ends every session, as unplugging does
    token.put("base/v1", bytes(16))
    seen = session.run(lambda opened: [key.label for key in opened.get_objects()])  # type: ignore[attr-defined]
    assert seen == ["base/v1"]
    session.close()
    session.close()


def test_a_token_in_which_this_program_is_logged_in_already_is_used(token: SoftToken, keyring: KeyringSecrets) -> None:
    keyring.set(token.place.pin_name, PIN.encode())
    with token.session():
        session = TokenSession(token.place, keyring)
        assert label_of(session) == token.place.label
        session.close()


def test_a_module_that_is_none_is_told(tmp_path: Path, keyring: KeyringSecrets) -> None:
    pytest.importorskip("pkcs11")
    file = tmp_path / "module.so"
    with pytest.raises(SecretError, match="is not on this computer"):
        label_of(TokenSession(TokenPlace(file, "desk"), keyring))
    file.write_text("no library", "utf-8")
    with pytest.raises(SecretError, match="can't be loaded"):
        label_of(TokenSession(TokenPlace(file, "desk"), keyring))


def test_a_token_that_is_not_there_is_told(token: SoftToken, keyring: KeyringSecrets) -> None:
    with pytest.raises(SecretError, match="elsewhere is not there"):
        label_of(TokenSession(TokenPlace(token.place.module, "elsewhere"), keyring))


def test_a_station_without_pkcs11_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keyring: KeyringSecrets
) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(SecretError, match="installed without"):
        label_of(TokenSession(TokenPlace(tmp_path, "desk"), keyring))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("PinLocked", "is locked"),
        ("PinExpired", "has expired"),
        ("UserPinNotInitialized", "no PIN yet"),
        ("TokenNotPresent", "is not there"),
        ("DeviceRemoved", "is not there"),
        ("MechanismInvalid", "MechanismInvalid"),
    ],
)
def test_each_refusal_is_said_in_plain_words(name: str, said: str) -> None:
    pkcs11 = pytest.importorskip("pkcs11")
    assert said in str(explained(getattr(pkcs11, name)(), TokenPlace(Path("module"), "desk")))


class ReadOnlyKeyring(FakeKeyring):
    """A keyring that gives and takes nothing, once it is ``full``."""

    full = False

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.full:
            raise PasswordSetError("no more")
        super().set_password(service, username, password)


def test_a_wrong_pin_is_not_tried_again_where_the_keyring_takes_no_note_of_it(token: SoftToken) -> None:
    backend = ReadOnlyKeyring()
    with in_use(backend):
        keyring = KeyringSecrets()
        keyring.set(token.place.pin_name, b"00000000")
        backend.full = True
        session = TokenSession(token.place, keyring)
        with pytest.raises(SecretError):
            label_of(session)
        token.session().close()  # the right PIN resets the token's counter
        for _ in range(3):
            with pytest.raises(SecretError, match="doesn't accept its PIN"):
                label_of(session)
        assert not was_asked(token)
