"""The texts: every one is in the catalogue, in Latvian too, with the same places; numbers, dates and switching."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import re
import string
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from station.domain.errors import CardAbsentError, WorkflowError
from station.domain.message import Message as OurMessage
from station.i18n import LANGUAGES, MIRROR_LANGUAGES, Translator

ROOT = Path(__file__).resolve().parents[2]


@cache
def tool() -> ModuleType:
    """Return packaging/make-translations as a module."""
    path = str(ROOT / "packaging" / "make-translations")
    loader = importlib.machinery.SourceFileLoader("make_translations", path)
    spec = importlib.util.spec_from_loader("make_translations", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@cache
def latvian() -> Catalog:
    with (ROOT / "assets/translations/lv/LC_MESSAGES/station.po").open("rb") as file:
        return read_po(file, locale="lv")


def texts(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def marked_in(file: Path) -> set[str]:
    """Return every text that a file marks by N_, found by the grammar, which sees into f-strings too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
            (argument,) = node.args
            assert isinstance(argument, ast.Constant), f"{file}:{node.lineno}: N_ needs a plain text"
            found.add(str(argument.value))
    return found


def test_the_catalogues_are_fresh() -> None:
    stale = [file.name for file, data in tool().outputs().items() if file.read_bytes() != data]
    assert not stale, f"run packaging/make-translations: {stale}"


def test_every_marked_text_is_extracted() -> None:
    known = {text for message in tool().extract() if message.id for text in texts(message)}
    for top in ("station", "printers"):
        for file in (ROOT / top).rglob("*.py"):
            assert marked_in(file) <= known, file


def test_latvian_has_every_text() -> None:
    missing = []
    for message in tool().extract():
        if message.id:
            found = latvian().get(message.id, message.context)
            forms = (found.string,) if found and isinstance(found.string, str) else tuple(found.string if found else ())
            if not forms or not all(forms):
                missing.append(message.id)
    assert not missing


def test_latvian_keeps_the_places() -> None:
    wrong = []
    for message in latvian():
        if not message.id:
            continue
        wanted = set().union(*(places(text) for text in texts(message)))
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        wrong += [(message.id, form) for form in forms if places(form) != wanted]
    assert not wrong


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1, "1 diena"),
        (2, "2 dienas"),
        (11, "11 dienas"),
        (21, "21 diena"),
        (0, "0 dienu"),
        (111, "111 dienas"),
        (101, "101 diena"),
    ],
)
def test_latvian_plurals(n: int, said: str) -> None:
    assert Translator("lv").plural("{n} day", "{n} days", n) == said


def test_english_needs_no_catalogue() -> None:
    tr = Translator("en")
    assert tr.plural("{n} day", "{n} days", 1) == "1 day"
    assert tr.plural("{n} day", "{n} days", 5) == "5 days"
    assert tr.text("Next: {name}", name="Ģirts") == "Next: Ģirts"


def test_an_unknown_language_becomes_english() -> None:
    assert Translator("xx").language == "en"


def test_switching_tells_the_listeners_until_they_leave() -> None:
    tr, heard = Translator("lv"), []
    leave = tr.listen(lambda: heard.append(tr.language))
    tr.set_language("en")
    tr.set_language("en")
    leave()
    leave()
    tr.set_language("lv")
    assert heard == ["en"]


def test_an_error_is_translated_with_its_details() -> None:
    what, todo = Translator("lv").error(WorkflowError(detail="the portrait comes first"))
    assert "portrait" not in what
    assert "{" not in what + todo
    what, _ = Translator("lv").error(CardAbsentError(device="Stopped."))
    assert "Stopped." in what, "a device's name is never looked up in a catalogue"


def test_a_message_fills_values_of_many_kinds() -> None:
    message = OurMessage("issued {date}, valid until {until}", {"date": date(2026, 9, 1), "until": "—"})
    assert Translator("en").message(message) == "issued 1 Sep 2026, valid until —"
    nested = OurMessage("{shown}, {level}", {"shown": "IT", "level": OurMessage("bachelor")})
    assert Translator("lv").message(nested) == "IT, bakalaurs"
    assert Translator("lv").text("") == ""


def test_dates_and_times_are_those_of_the_place() -> None:
    assert Translator("lv").date(date(2028, 6, 30)) == "30.06.2028"
    assert Translator("lv").date(None) == "–"
    at = datetime(2026, 9, 1, 12, 5, tzinfo=UTC)
    assert Translator("lv").time(at) == f"{at.astimezone():%H:%M}"


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=3), "3 days"),
        (timedelta(seconds=-5), "less than a minute"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(age: timedelta, said: str) -> None:
    assert Translator("en").age(age) == said


def of_the_mirror(language: str) -> Catalog:
    with (ROOT / f"assets/translations/{language}/LC_MESSAGES/mirror.po").open("rb") as file:
        return read_po(file, locale=language)


MIRROR_ONLY = sorted(set(MIRROR_LANGUAGES) - set(LANGUAGES))


@pytest.mark.parametrize("language", MIRROR_ONLY)
def test_every_language_of_the_mirror_has_all_its_texts(language: str) -> None:
    catalogue, wanted = of_the_mirror(language), {m.id for m in tool().extract_mirror() if m.id}
    assert {m.id for m in catalogue if m.id} == wanted, "its own texts, and no others"
    assert len(wanted) > 10
    for message in catalogue:
        if message.id:
            assert message.string, message.id
            assert places(str(message.string)) == places(str(message.id))
            assert re.search("[а-яіїєґё]", str(message.string), re.IGNORECASE)


@pytest.mark.parametrize(("language", "foreign"), [("uk", "ыэъё"), ("ru", "іїєґ")])
def test_neither_language_has_letters_of_the_other(language: str, foreign: str) -> None:
    for message in of_the_mirror(language):
        assert not set(str(message.string).lower()) & set(foreign) or not message.id, message.string


def test_the_mirrors_texts_are_those_of_its_files() -> None:
    marked = set().union(*(marked_in(ROOT / name) for name in tool().MIRROR))
    assert marked <= {m.id for m in tool().extract_mirror()}


def test_the_mirror_speaks_its_languages_and_the_window_does_not() -> None:
    said = {language: Translator(language, MIRROR_LANGUAGES).text("Yes") for language in MIRROR_LANGUAGES}
    assert said == {"lv": "Jā", "en": "Yes", "uk": "Так", "ru": "Да"}
    assert Translator("uk").language == "en"
    assert Translator("uk", MIRROR_LANGUAGES).date(date(2028, 6, 30)) == "30.06.2028"


def test_every_language_has_its_own_name() -> None:
    assert set(MIRROR_LANGUAGES) == {"lv", "en", "uk", "ru"}
    assert LANGUAGES == {"lv": "Latviešu", "en": "English"}


HELP = sorted((ROOT / "assets/help/lv").glob("*.md"))


def latvian_words() -> dict[str, str]:
    """Return every Latvian text by where it is from: its message id, or the page and line of the help."""
    found = {
        str(m.id): " ".join(m.string) if isinstance(m.string, tuple | list) else m.string for m in latvian() if m.id
    }
    for page in HELP:
        in_code = False
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            in_code ^= line.startswith("```")
            if not in_code:
                found[f"{page.name}:{number}"] = line
    return found


def test_latvian_quotation_marks_are_latvian() -> None:
    for place, text in latvian_words().items():
        assert "“" not in text, place
        assert text.count("„") == text.count("”"), place


def test_one_word_for_the_card_in_latvian() -> None:
    """The card is „karte”; „apliecība” is only in the name of the student number, as the institutions print it."""
    for place, text in latvian_words().items():
        for word in re.findall(r"apliecīb\w*(?: \w+)?", text.lower()):
            assert word.startswith(("apliecības nr", "apliecības numur")), f"{place}: {word}"


def test_people_queue_and_data_are_sent() -> None:
    """„Rinda” is of people, lines and print jobs; what goes to ESC-Router are „sūtījumi”."""
    for place, text in latvian_words().items():
        assert not re.search(r"rind\w* uz ESC|kartes.* gaida rindā|rindā spiediet", text, re.IGNORECASE), place
