"""Which part of a tree shares a variable, and who holds it outside."""

from __future__ import annotations

import pytest

from migrator.analysis.variables.variable_scopes import inside, space_of, spaces
from migrator.facts.model import EnvFact
from migrator.model import Span
from migrator.resolve.environment import VariableRole

NAME = "OPENROUTER_API_KEY"
TREE = ("a/package.json", "a/.env.example", "a/x.ts", "b/pyproject.toml", "b/.env", "b/x.py", "c/requirements.txt", "c/x.py")


def _fact(path: str, how: str = "os.getenv", role: VariableRole = VariableRole.READ) -> EnvFact:
    return EnvFact(path=path, name=NAME, span=Span(0, 1), role=role, how=how)


OWN = [
    _fact("a/.env.example", "dotenv", VariableRole.DEFINE),
    _fact("a/x.ts"),
    _fact("b/.env", "dotenv", VariableRole.DEFINE),
    _fact("b/x.py"),
]


def test_two_projects_with_an_env_file_each_are_two_contracts() -> None:
    assert spaces(TREE, OWN) == {NAME: ("a", "b")}


@pytest.mark.parametrize(
    "shared",
    [
        _fact(".env", "dotenv", VariableRole.DEFINE),
        _fact("compose.yaml", "compose-map", VariableRole.FORWARD),
        _fact(".github/workflows/ci.yml", "actions-env", VariableRole.DEFINE),
        _fact("tests/test_all.py"),
        _fact("c/x.py"),
    ],
)
def test_a_place_outside_both_makes_them_one(shared: EnvFact) -> None:
    assert spaces(TREE, [*OWN, shared]) == {}


def test_one_project_alone_is_the_trees_own_contract() -> None:
    assert spaces(TREE, OWN[:2]) == {}
    assert spaces(("package.json", ".env"), [_fact(".env", "dotenv", VariableRole.DEFINE)]) == {}


def test_the_order_of_facts_does_not_matter() -> None:
    assert spaces(TREE, OWN) == spaces(reversed(TREE), reversed(OWN))


@pytest.mark.parametrize(("path", "space"), [("a/x.ts", "a"), ("a/deep/y.ts", "a"), ("ab/x.ts", ""), ("x.ts", ""), ("b", "b")])
def test_a_path_has_one_space(path: str, space: str) -> None:
    assert space_of(path, ("a", "b")) == space


def test_inside_is_by_folders_not_by_letters() -> None:
    assert inside("a/b", "a")
    assert not inside("ab", "a")
