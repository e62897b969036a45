from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.config import hcl
from migrator.formats.tree import Attr, Call, Join, Module, Name, Node, Obj, Other, RegionKind, Seq, Str
from tests.formats.probing import assert_spans, definitions, source, walk


def lowered(text: str) -> Module:
    module = hcl.lower(source(text, "main.tf"))
    assert_spans(module, text)
    return module


def entry(module: Module, *names: str) -> Node:
    node: Node = module.body[0]
    for name in names:
        assert isinstance(node, Obj)
        node = next(item.value for item in node.items if isinstance(item.key, Str) and item.key.value == name)
    return node


def defined(text: str) -> list[tuple[str, str]]:
    return [(node.name, text[slice(*node.span)]) for node in definitions(lowered(text)) if node.how == "hcl-env"]


def test_blocks_nest_their_labels() -> None:
    text = 'resource "a" "é" {\r\n  url = "https://openrouter.ai/api/v1" # c\r\n  n = 3\r\n}\r\n'
    url = entry(lowered(text), "resource", "a", "é", "url")
    assert isinstance(url, Str)
    assert text[slice(*url.inner)] == url.value == "https://openrouter.ai/api/v1"


def test_names_of_variables_are_kept_as_names() -> None:
    text = 'variable "openrouter_api_key" {}\nkey = var.openrouter_api_key\n'
    module = lowered(text)
    assert isinstance(entry(module, "variable", "openrouter_api_key"), Obj)
    key = entry(module, "key")
    assert isinstance(key, Attr)
    assert text[slice(*key.name_span)] == "openrouter_api_key"
    assert definitions(module) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('environment {\n  variables = {\n    X = var.x\n    "Y" = "v"\n  }\n}', [("X", "X = var.x"), ("Y", '"Y" = "v"')]),
        ('environment = [{ name = "X", value = "v" }]', [("X", '{ name = "X", value = "v" }')]),
        ('container_definitions = jsonencode([{ secrets = [{ name = "X", valueFrom = a.b }] }])', [("X", '{ name = "X", valueFrom = a.b }')]),
        ('env {\n  name = "X"\n  value = "v"\n}', [("X", '{\n  name = "X"\n  value = "v"\n}')]),
        ('env {\n  X = "v"\n}', [("X", 'X = "v"')]),
        ('config_vars = {\n  X = "v"\n}', [("X", 'X = "v"')]),
        ('resource "vercel_project_environment_variable" "k" {\n  key = "X"\n  value = var.x\n}', [("X", 'key = "X"')]),
        ('resource "github_actions_secret" "k" {\n  secret_name = "X"\n}', [("X", 'secret_name = "X"')]),
        ('locals {\n  TF_VAR_x = "v"\n}', [("TF_VAR_x", 'TF_VAR_x = "v"')]),
        ('variables = {\n  X = "v"\n}', []),
        ('tags = {\n  Name = "X"\n}', []),
        ('environment = "prod"', []),
    ],
)  # fmt: skip
def test_environments(text: str, expected: list[tuple[str, str]]) -> None:
    assert defined(text) == expected


def test_templates_calls_and_lists() -> None:
    text = 'a = "Bearer ${var.key}!"\nb = [f("x"), "y"]\nc = x ? "p" : "q"\n'
    module = lowered(text)
    a, b, c = (entry(module, name) for name in "abc")
    assert isinstance(a, Join)
    assert [type(part) for part in a.parts] == [Str, Other, Str]
    assert isinstance(b, Seq)
    assert [type(part) for part in b.items] == [Call, Str]
    assert isinstance(c, Other)
    assert [part.value for part in c.children if isinstance(part, Str)] == ["p", "q"]
    assert any(isinstance(node, Name) and node.id == "var" for node in walk(module))


def test_heredocs_are_strings() -> None:
    text = "a = <<-EOT\n  X=é\n  EOT\nb = 1\n"
    module = lowered(text)
    a = entry(module, "a")
    assert isinstance(a, Str)
    assert a.value == "  X=é\n"
    assert text[slice(*a.inner)] == a.value
    assert entry(module, "b") is not None


def test_comments_and_strings_are_regions() -> None:
    text = '# a\nb = "c" // d\n/* e\n*/ f = 1\n'
    assert [(region.kind, text[slice(*region.span)]) for region in lowered(text).regions] == [
        (RegionKind.COMMENT, "# a"),
        (RegionKind.STRING, '"c"'),
        (RegionKind.COMMENT, "// d"),
        (RegionKind.COMMENT, "/* e\n*/"),
    ]


@pytest.mark.parametrize("piece", ["a {", "[", "(", "{", '"${', "f(", "a.", "a[", "<<A\n"])
def test_deep_nesting_is_read(piece: str) -> None:
    lowered("x = " + piece * 3000)


TOKENS = ["a ", "= ", '"', "${", "}", "{", "[", "]", "(", ")", ",", "\n", "\r\n", "#", "//", "/*", "*/", "<<E\n", "E\n", "env ", "name = ", '"X"', "é", "\\", ".b", ":", "1"]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)))
def test_any_text_is_read(text: str) -> None:
    lowered(text.encode("utf-8", "replace").decode().removeprefix("\ufeff"))
