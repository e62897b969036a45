"""Of the values that a name is given one after the other, those are seen that can be the one read at a place, and no others."""

from __future__ import annotations

import pytest

from migrator.formats import lower
from migrator.formats.tree import Arg, Call, Item, Name, Node, Param, children
from migrator.resolve.origins import From, origins
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope
from migrator.text.source import decode

PYTHON = {
    "given again": ("v = os.environ['A']\n    v = os.environ['B']\n    used(v)", "B"),
    "read between": ("v = os.environ['A']\n    used(v)\n    v = os.environ['B']", "A"),
    "made from itself": ("v = os.environ['A']\n    v = v.strip()\n    used(v)", "A"),
    "given in a branch": ("v = os.environ['A']\n    if p:\n        v = os.environ['B']\n    used(v)", "A B"),
    "given in both branches": ("if p:\n        v = os.environ['A']\n    else:\n        v = os.environ['B']\n    used(v)", "A B"),
    "read in the branch that gives it": ("v = os.environ['A']\n    if p:\n        v = os.environ['B']\n        used(v)", "B"),
    "read in the other branch": ("v = os.environ['A']\n    if p:\n        v = os.environ['B']\n    else:\n        used(v)", "A B"),
    "given in the test": ("v = os.environ['A']\n    if v := os.environ['B']:\n        used(v)", "B"),
    "given in a part of the test": ("v = os.environ['A']\n    if p and (v := os.environ['B']):\n        used(v)", "B"),
    "given in an alternative": ("v = os.environ['A']\n    if p or (v := os.environ['B']):\n        used(v)", "A B"),
    "given in a loop": ("v = os.environ['A']\n    for p in q:\n        used(v)\n        v = os.environ['B']", "A B"),
    "given in a loop before": ("v = os.environ['A']\n    for p in q:\n        v = os.environ['B']\n        used(v)", "B"),
    "given in a loop above": ("v = os.environ['A']\n    for p in q:\n        v = os.environ['B']\n    used(v)", "A B"),
    "tried": ("v = os.environ['A']\n    try:\n        v = os.environ['B']\n    except KeyError:\n        used(v)", "A B"),
    "read later by a function": ("v = os.environ['A']\n    w = lambda: used(v)\n    v = os.environ['B']\n    return w", "A B"),
    "replaced before a function": ("v = os.environ['A']\n    v = os.environ['B']\n    return lambda: used(v)", "B"),
    "read by a function with a name": (
        "v = os.environ['A']\n    def w():\n        used(v)\n    v = os.environ['B']\n    return w", "A B",
    ),
    "a parameter given again": ("v = os.environ['A']\n    p = v\n    used(p)", "A"),
}  # fmt: skip
OTHERS = {
    "go: declared before the test": (
        "main.go",
        'package main\n\nimport "os"\n\nfunc f() {\n\tv := os.Getenv("A")\n\tif v := os.Getenv("B"); v != "" {\n\t\tp = v\n\t}\n\tused(v)\n}\n',
        "A B",
    ),
    "go: read in the branch": (
        "main.go",
        'package main\n\nimport "os"\n\nfunc f() {\n\tif v := os.Getenv("A"); v != "" {\n\t\tp = v\n\t}\n\tif v := os.Getenv("B"); v != "" {\n\t\tused(v)\n\t}\n}\n',
        "B",
    ),
    "swift: bound in the test": (
        "main.swift",
        'func f() {\n    let e = ProcessInfo.processInfo.environment\n    if let v = e["A"] {\n        p = v\n    }\n'
        '    if let v = e["B"], !v.isEmpty {\n        used(v)\n    }\n}\n',
        "B",
    ),
    "rust: bound in the test": (
        "main.rs",
        'fn f() {\n    if let Ok(v) = std::env::var("A") {\n        p = v;\n    }\n    if let Ok(v) = std::env::var("B") {\n        used(v);\n    }\n}\n',
        "B",
    ),
    "rust: the other branch sees the outer one": (
        "main.rs",
        'fn f() {\n    let v = std::env::var("A").unwrap();\n    if let Ok(v) = std::env::var("B") {\n        p = v;\n    } else {\n'
        "        used(v);\n    }\n}\n",
        "A B",
    ),
    "javascript: in two blocks": (
        "app.js",
        "function f() {\n  if (p) {\n    const v = process.env.A;\n    q(v);\n  }\n  if (q) {\n    const v = process.env.B;\n    used(v);\n  }\n}\n",
        "B",
    ),
}


@pytest.mark.parametrize("case", PYTHON)
def test_values_that_reach_a_place(case: str) -> None:
    body, expected = PYTHON[case]
    assert _read("app.py", f"import os\n\ndef f(p, q):\n    {body}\n") == expected.split()


@pytest.mark.parametrize("case", OTHERS)
def test_values_that_reach_a_place_in_other_languages(case: str) -> None:
    path, text, expected = OTHERS[case]
    assert _read(path, text) == expected.split()


def _read(path: str, text: str) -> list[str]:
    """The variables that the argument of `used` may come from."""
    source = decode(path, text.encode())
    file = ParsedFile(source, lower(source))
    repository = Repository(files={path: file}, paths=frozenset((path,)))
    found: list[str] = []
    stack: list[tuple[Node | Arg | Item | Param, Scope]] = [(node, file.scopes.root) for node in file.module.body]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, Call) and isinstance(node.func, Name) and node.func.id == "used":
            given = origins(repository, node.args[0].value, scope)
            found += [origin.name for origin in given if origin.kind is From.ENV]
        inner = file.scopes.opened_by(node, scope)
        stack += [(child, inner) for child in children(node)]
    return found
