"""The pages of help exist in every language, say the same things, and name every fault that the dial has."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import fields
from pathlib import Path

import pytest

from printers.profile_files import load_profile
from station.chip.content import CARD_NAMES, HOLDER_NAMES
from station.chip.content import FUNCTIONS as CHIP_FUNCTIONS
from station.chip.profiles import shipped_profile, shipped_profiles
from station.domain.expression_functions import FUNCTIONS
from station.domain.layout import FIELD_NAMES, compiled, names_in
from station.ports.faults import KINDS
from station.render.layout_file import bundled_names
from station.render.layout_schema import parse_document
from station.resources import asset
from station.settings import Settings, settings_from

LANGUAGES = ("en", "lv")
PAGES = tuple(sorted(page.name for page in asset("help", "en").glob("*.md")))


def page(language: str, name: str) -> str:
    return asset("help", language, name).read_text("utf-8")


def shape(text: str) -> list[str]:
    """Return what kind each line begins: headings, table rows, items; flowing text may break elsewhere."""
    found = (re.match(r"(#+ |\| |- |\d+\. )", line) for line in text.splitlines())
    return [re.sub(r"\d+", "1", mark[0]) for mark in found if mark]


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_headings_rows_and_items(name: str) -> None:
    english, latvian = (shape(page(language, name)) for language in LANGUAGES)
    assert len(english) > 10
    assert english == latvian


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_link_leads_to_a_page_of_the_same_language(language: str, name: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", page(language, name))
    assert set(links) <= set(PAGES) - {name}
    assert sorted(links) == sorted(re.findall(r"\]\(([^)]+)\)", page("en", name)))


def test_every_page_for_it_can_be_reached_from_setting_up() -> None:
    links = {name: set(re.findall(r"\]\(([^)]+)\)", page("en", name))) for name in PAGES}
    reached, rest = {"setup.md"}, {"setup.md"}
    while rest:
        rest = set().union(*(links[name] for name in rest)) - reached
        reached |= rest
    assert reached >= set(PAGES) - {"desk.md"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_the_dial_is_explained(language: str) -> None:
    text = page(language, "demo-bench.md")
    for kinds in KINDS.values():
        for kind in kinds:
            assert f"`{kind}`" in text
    assert "station sandbox fault" in text


@pytest.mark.parametrize("name", PAGES)
def test_keys_and_commands_are_the_same_in_both(name: str) -> None:
    keys = re.compile(r"`([/N+−]|Esc|F\d+|station [a-z0-9 -]+)`")
    assert sorted(keys.findall(page("en", name))) == sorted(keys.findall(page("lv", name)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_on_a_page_and_is_normalised(language: str, name: str) -> None:
    text = page(language, name)
    assert unicodedata.is_normalized("NFC", text)
    assert len(text.split()) < 700
    assert text.startswith("# ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_profile_in_the_help_is_one_that_works(language: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", page(language, "setup.md"), re.DOTALL)
    settings = settings_from(tomllib.loads(example), tmp_path / "station.toml")
    assert set(tomllib.loads(example)) | {
        "demo",
        "store",
        "register",
        "card_types",
        "more_printers",
        "allowed_drivers",
        "carry",
    } == {field.name for field in fields(Settings)}
    assert settings.institution.escn_prefix == 2
    assert load_profile(settings.printer.profile).name == settings.printer.profile
    assert settings.chip.profile in shipped_profiles()
    assert settings.layout.name in bundled_names()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_keepers_in_the_help_are_those_of_the_profile(language: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", page(language, "keys.md"), re.DOTALL)
    whole = tomllib.loads(page(language, "setup.md").split("```toml\n")[1].split("```")[0])
    for keeper in ("keyring", "pkcs11", "sam"):
        said = re.sub(r'keeper = "\w+"', f'keeper = "{keeper}"', re.sub(r"(?m)^# ", "", example))
        secrets = settings_from(whole | tomllib.loads(said), tmp_path / "station.toml").secrets
        assert (secrets.keeper, secrets.sam_keys) == (keeper, {"deuinfo-base": 5})


@pytest.mark.parametrize("language", LANGUAGES)
def test_layouts_are_explained_with_profiles_and_layouts_that_work(language: str, tmp_path: Path) -> None:
    text = page(language, "layouts.md")
    whole = tomllib.loads(page(language, "setup.md").split("```toml\n")[1].split("```")[0])
    for example in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        settings = settings_from(whole | tomllib.loads(example), tmp_path / "station.toml")
        assert settings.layout.signers or settings.card_types
        assert all(compiled(part.when) for part in settings.card_types)
    (derived,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert parse_document(derived.encode(), "help")["extends"] == "ours/3"
    for example in re.findall(r"^\| `(\{.*\}\.?)` \|", text, re.MULTILINE):
        assert names_in(example)
    assert {name for name in FIELD_NAMES if re.search(rf"(?<![a-z_]){name}(?![a-z_])", text)} == set(FIELD_NAMES)


def test_no_page_exists_in_one_language_only() -> None:
    folders = [asset("help", language) for language in LANGUAGES]
    names = [{file.name for file in Path(folder).glob("*.md")} for folder in folders]
    assert names[0] == names[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chip_profile_is_explained(language: str) -> None:
    text = page(language, "chip-profiles.md")
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \|.*\| `([A-Z_]+)` \|$", text, re.MULTILINE))
    assert rows == {name: shipped_profile(name).card_type.value for name in shipped_profiles()}
    for name in (*CARD_NAMES, *HOLDER_NAMES, *FUNCTIONS, *CHIP_FUNCTIONS):
        assert re.search(rf"`{re.escape(name)}[`(]", text), name
