"""The project keeps its shape: what must not be there is not there, and every module has its tests."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "packaging").glob("*.txt"))
MODULES = sorted(
    path
    for top in ("station", "printers")
    for path in (ROOT / top).rglob("*.py")
    if "versions" not in path.parts  # migrations: tests/fixtures has a database of each
)
# Modules of the inner floors that a test file of their own would tell nothing about.
NO_TEST_OF_THEIR_OWN: dict[str, str] = {}
# The inner floors have a test file each, at the same place in tests/unit. The outer ones are also tested by the suites
# of their port, over their real interface or in the window, so a test anywhere that imports them is enough.
INNER = ("domain", "chip", "photo", "render", "services")


def name_of(path: Path) -> str:
    """Return a file's name below the root, with slashes on every system."""
    return path.relative_to(ROOT).as_posix()


def test_packaging_and_the_tests_are_no_python_packages() -> None:
    # packaging/__init__.py would hide the library of the same name from pip, pytest and others.
    assert not (ROOT / "packaging" / "__init__.py").exists()
    assert [name_of(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


def test_assets_hold_no_python() -> None:
    assert [name_of(path) for path in (ROOT / "assets").rglob("*.py")] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_name_no_address_and_hash_everything(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "http" not in re.sub(r"^httpx?(core)?==|# .*", "", text, flags=re.MULTILINE)
    assert "://" not in text
    requirements = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(requirements) > 3
    for each in requirements:
        assert re.match(r"[a-z0-9-]+==\S+", each), f"not a pinned package: {each}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", each), f"not hashed: {each}"


def test_the_locks_agree_with_each_other_and_with_the_project() -> None:
    pins = {
        lock.stem: dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE)) for lock in LOCKS
    }
    run, test, build = pins["requirements-run"], pins["requirements-test"], pins["requirements-build"]
    assert {name: test.get(name) for name in run} == run
    assert {name: test.get(name) for name in build} == build
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=\[;]", each)[0].strip().lower() for each in wanted}
    assert names <= set(run)


def test_every_dependency_says_why_it_is_here() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    blocks = re.findall(r"^(?:dependencies|build|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    lines = [line for block in blocks for line in block.splitlines() if not line.strip().startswith(("#", "{"))]
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r'",? +# \S', line)] == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text("utf-8"))), f"{name_of(module)} has no docstring"


def _has_code(module: Path) -> bool:
    """Tell whether there is something to test: a function or method with more than a docstring in it."""
    tree = ast.parse(module.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    bodies = [[line for line in each.body if not isinstance(line, ast.Expr)] for each in functions]
    return any(bodies)


def _own_test_files(module: Path) -> list[Path]:
    """Return where the tests of an inner module may lie: its mirror, or that of a package that it is part of."""
    places, inside = [], module.relative_to(ROOT / "station").with_suffix("")
    while len(inside.parts) > 1:
        places += list((ROOT / "tests" / "unit" / inside.parent).glob(f"test_{inside.name}*.py"))
        inside = inside.parent
    return places


def _is_inner(module: Path) -> bool:
    inside = module.relative_to(ROOT).parts
    return inside[0] == "station" and inside[1] in INNER


INNER_MODULES = [path for path in MODULES if _is_inner(path) and path.name != "__init__.py" and _has_code(path)]
OUTER_MODULES = [path for path in MODULES if not _is_inner(path) and path.name != "__init__.py" and _has_code(path)]


@pytest.mark.parametrize("module", INNER_MODULES, ids=name_of)
def test_every_inner_module_has_a_test_file(module: Path) -> None:
    if name_of(module) in NO_TEST_OF_THEIR_OWN:
        return
    assert _own_test_files(module), f"{name_of(module)} has no tests/unit/…/test_{module.stem}.py"


@pytest.fixture(scope="module")
def all_tests() -> str:
    """Return the text of all tests and their helpers."""
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "tests").rglob("*.py")))


@pytest.mark.parametrize("module", OUTER_MODULES, ids=name_of)
def test_every_outer_module_is_imported_by_a_test_or_has_a_test_file(module: Path, all_tests: str) -> None:
    parts = module.relative_to(ROOT).with_suffix("").parts
    # Inside a package below the floor (sandbox/router, adapters/store) the tests of the package are those of its parts.
    names = [".".join(parts), *([".".join(parts[:-1])] if len(parts) > 3 else [])]
    pattern = "|".join(rf"{re.escape(name)}\b" for name in names)
    pattern += rf"|from {re.escape('.'.join(parts[:-1]))} import [^\n]*\b{parts[-1]}\b"
    imported = re.search(pattern, all_tests) is not None
    assert imported, f"no test imports {names[0]}"


def test_the_exceptions_still_exist() -> None:
    assert [name for name in NO_TEST_OF_THEIR_OWN if not (ROOT / name).exists()] == []


def test_the_makefile_names_scripts_that_exist_and_can_be_run() -> None:
    text = (ROOT / "Makefile").read_text("utf-8") + (ROOT / "packaging" / "check").read_text("utf-8")
    scripts = set(re.findall(r"packaging/[a-z-]+(?=[\s\"]|$)", text, re.MULTILINE))
    assert {"packaging/bootstrap", "packaging/in-namespace", "packaging/check"} <= scripts
    assert [name for name in sorted(scripts) if not os.access(ROOT / name, os.X_OK)] == []
