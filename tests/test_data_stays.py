"""After a run every YAML, JSON and TOML file loads to the same data as before, but for what the plan says.

The loaders here are not the tool's own. With MIGRATOR_TREES set to a folder of trees, the same is asked of each of them.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from migrator.catalog import targets
from migrator.model import Edit, Plan
from migrator.options import Options
from migrator.plan.pipeline import make_plan
from migrator.text.splice import splice
from tests.harness import Case, cases, planned

TREES = os.environ.get("MIGRATOR_TREES", "")
_SUFFIXES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".jsonc": "json", ".toml": "toml", ".ipynb": "json"}
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_NOTHING = object()


class _Loader(yaml.SafeLoader):
    """Tags of other programs are kept beside their values, and dates stay text."""


def _tagged(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return tag, node.value
        case yaml.SequenceNode():
            return tag, loader.construct_sequence(node, deep=True)
        case _:
            return tag, loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]


_Loader.add_multi_constructor("", _tagged)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _loader, node: node.value)


def load(path: str, text: str) -> Any:
    """The data of a file, or a marker where no strict loader takes it."""
    kind = _SUFFIXES.get(Path(path.removesuffix(".example")).suffix)
    try:
        match kind:
            case "yaml":
                return list(yaml.load_all(text, Loader=_Loader))
            case "json":
                return json.loads(
                    _JSON_TOKEN.sub(lambda found: found[0] if found[0].startswith('"') else "", text), object_pairs_hook=list
                )
            case "toml":
                return tomllib.loads(text.replace("\r\n", "\n"))
            case _:
                return _NOTHING
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return _NOTHING


def changes(plan: Plan) -> Iterator[tuple[str, str, str, tuple[Edit, ...]]]:
    """Each file with data that the plan edits: path, text before and after, edits."""
    for path, edits in plan.edits().items():
        before = plan.sources[path].text
        yield path, before, splice(before, edits), edits


def complaints(plan: Plan) -> list[str]:
    found = []
    routed = {finding.path for finding in plan.findings if finding.rule in ("routing", "dependency") and finding.edits}
    for path, before, after, edits in changes(plan):
        if path in routed:
            continue  # options in a new form and other packages are new data; the fixtures say which
        old, new = load(path, before), load(path, after)
        if old is _NOTHING:
            continue
        if new is _NOTHING:
            found.append(f"{path}: loaded before and does not any more")
            continue
        said = sorted({pair for edit in edits if edit.old for pair in _read(edit)}, key=lambda pair: -len(pair[0]))
        switched = any(not edit.old for edit in edits)
        found += [f"{path}: {complaint}" for complaint in _differences(old, new, said, switched, "$")]
    return found


def _read(edit: Edit) -> Iterator[tuple[str, str]]:
    """The old and the new text of an edit as they stand, and as they are read inside a text of JSON."""
    yield edit.old, edit.new
    with suppress(ValueError):
        yield json.loads(f'"{edit.old}"'), json.loads(f'"{edit.new}"')


def _differences(old: Any, new: Any, said: list[tuple[str, str]], switched: bool, at: str) -> Iterator[str]:
    """Where two data differ by more than the edits say. `switched`: lines may have been switched off and others added."""
    match old, new:
        case dict(), dict():
            yield from _differences(list(old.items()), list(new.items()), said, switched, at)
        case ((list() | tuple()), (list() | tuple())) if len(old) == len(new):
            for index, (left, right) in enumerate(zip(old, new, strict=True)):
                yield from _differences(left, right, said, switched, f"{at}[{index}]")
        case str(), str():
            if old != new and not _follows(old, new, said) and not switched:
                yield f"{at}: a value changed that no edit speaks of"
        case _ if old != new or type(old) is not type(new):
            if not switched:
                yield f"{at}: the shape changed"


def _follows(old: str, new: str, said: list[tuple[str, str]]) -> bool:
    """Does `new` come from `old` by replacing some of what the edits name, and nothing else?"""
    open_ends, seen = [(0, 0)], set()
    while open_ends:
        i, j = end = open_ends.pop()
        if i == len(old) and j == len(new):
            return True
        if end in seen:
            continue
        seen.add(end)
        if i < len(old) and j < len(new) and old[i] == new[j]:
            open_ends.append((i + 1, j + 1))
        open_ends += [(i + len(a), j + len(b)) for a, b in said if old.startswith(a, i) and new.startswith(b, j)]
    return False


@pytest.mark.parametrize("case", [case for case in cases() if not case.refusal], ids=lambda case: case.id)
def test_fixture_loads_to_the_same_data(case: Case, tmp_path: Path) -> None:
    plan, _ = planned(case, tmp_path / "root")
    assert not complaints(plan)


@pytest.mark.skipif(not TREES, reason="MIGRATOR_TREES names no folder of trees")
@pytest.mark.parametrize("tree", sorted(Path(TREES).iterdir()) if TREES else [], ids=lambda tree: tree.name)
def test_tree_loads_to_the_same_data(tree: Path) -> None:
    plan = make_plan(tree, [tree], Options(target=targets.chosen(None, None, None, None), unsafe=True))
    assert not complaints(plan)


def test_a_changed_shape_would_be_seen() -> None:
    said = [("OPENROUTER_API_KEY", "MG_KEY")]
    assert not list(_differences({"OPENROUTER_API_KEY": [1]}, {"MG_KEY": [1]}, said, False, "$"))
    for other in ({"MG_KEY": [2]}, {"MG_KEY": [1], "x": 1}, {"OTHER": [1]}, {"MG_KEY": ["1"]}):
        assert list(_differences({"OPENROUTER_API_KEY": [1]}, other, said, False, "$"))


@pytest.mark.parametrize(
    ("path", "text", "data"),
    [
        ("a.jsonc", '{"a": "//x", /* y */ "b": [1,],}', [("a", "//x"), ("b", [1])]),
        ("a.yaml", "a: !Ref B\n---\nb: 2024-01-01\n", [{"a": ("!Ref", "B")}, {"b": "2024-01-01"}]),
        ("a.toml.example", "a = 1\r\n", {"a": 1}),
        ("a.json", "{", _NOTHING),
    ],
)
def test_loaders_take_what_people_write(path: str, text: str, data: Any) -> None:
    assert load(path, text) == data
