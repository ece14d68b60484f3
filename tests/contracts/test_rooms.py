"""The import contract names what exists, and every module that is pure is held to it."""

from configparser import ConfigParser
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def contract() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def graph(contract: ConfigParser) -> grimp.ImportGraph:
    rooms = contract["importlinter"]["root_packages"].split()
    return grimp.build_graph(*rooms, include_external_packages=True, cache_dir=None)


def holds_code(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.name != "__init__.py"


class TestContract:
    def test_names_no_room_that_is_not_there(
        self, contract: ConfigParser, graph: grimp.ImportGraph
    ) -> None:
        absent = [
            f"{rooms['containers']}.{name}"
            for rooms in contract.values()
            if "containers" in rooms
            for name in rooms["layers"].translate(str.maketrans("()|", "   ")).split()
            if f"{rooms['containers']}.{name}" not in graph.modules
        ]
        assert absent == []

    def test_holds_every_pure_module_to_it(
        self, contract: ConfigParser, graph: grimp.ImportGraph
    ) -> None:
        core = contract["importlinter:contract:pure-core"]
        named = core["source_modules"].split()
        frameworks = set(core["forbidden_modules"].split())
        rooms = {f"{room}." for room in contract["importlinter"]["root_packages"].split()}
        # What imports a framework at all imports Django, but for the libraries that wrap one.
        frameworks |= {"drf_spectacular", "django_structlog", "csp", "kombu"}
        pure = {
            module
            for module in graph.modules
            if any(module.startswith(room) for room in rooms)
            and holds_code(module)
            and not graph.find_upstream_modules(module) & frameworks
        }
        unheld = {
            module
            for module in pure
            if not any(module == name or module.startswith(f"{name}.") for name in named)
        }
        assert unheld == set()

    def test_loads_what_speaks_to_buckets_only_where_one_is_used(
        self, graph: grimp.ImportGraph
    ) -> None:
        # A settings' string names the module: without one, nothing brings it in.
        assert graph.find_modules_that_directly_import("certificates.bucket") == set()
        for library in ("storages", "botocore"):
            assert graph.find_modules_that_directly_import(library) == {"certificates.bucket"}
        assert "boto3" not in graph.modules
