from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.documents import http
from migrator.formats.tree import Assign, Call, EnvRef, Join, Module, Name, RegionKind, Str
from tests.formats.probing import assert_spans, source, walk

TEXT = (
    "@base = https://openrouter.ai/api/v1\r\n"
    "### é\r\n"
    "POST {{base}}/chat/completions HTTP/1.1\r\n"
    "Authorization: Bearer {{$processEnv OPENROUTER_API_KEY}}\r\n"
    "X-Title: {{ $dotenv T }}\r\n"
    "\r\n"
    '{"model": "x/y",\r\n'
    ' "a": 1}\r\n'
    "\r\n"
    "###\r\n"
    "# c\r\n"
    "https://openrouter.ai/api/v1/models\r\n"
    "  ?a=b\r\n"
)


def lowered(text: str) -> Module:
    module = http.lower(source(text, "a.http"))
    assert_spans(module, text)
    return module


def test_requests_are_calls() -> None:
    module = lowered(TEXT)
    assert [type(node) for node in module.body] == [Assign, Call, Call]
    post, get = (node for node in module.body if isinstance(node, Call))
    assert isinstance(post.func, Name)
    assert post.func.id == "POST"
    assert [arg.name for arg in post.args] == [None, "Authorization", "X-Title", None]
    url, key, _, body = (arg.value for arg in post.args)
    assert isinstance(url, Join)
    assert [TEXT[slice(*part.span)] for part in url.parts] == ["{{base}}", "/chat/completions"]
    assert isinstance(key, Join)
    assert isinstance(body, Str)
    assert body.value == '{"model": "x/y",\r\n "a": 1}'
    assert [TEXT[slice(*arg.span)] for arg in get.args] == ["https://openrouter.ai/api/v1/models", "?a=b"]


def test_the_environment_is_read() -> None:
    found = [node for node in walk(lowered(TEXT)) if isinstance(node, EnvRef)]
    assert [(node.name, TEXT[slice(*node.span)]) for node in sorted(found, key=lambda node: node.span)] == [
        ("OPENROUTER_API_KEY", "{{$processEnv OPENROUTER_API_KEY}}"),
        ("T", "{{ $dotenv T }}"),
    ]


def test_file_variables() -> None:
    [base] = [node for node in lowered(TEXT).body if isinstance(node, Assign)]
    assert isinstance(base.targets[0], Name)
    assert TEXT[slice(*base.targets[0].span)] == "base"
    assert isinstance(base.value, Str)
    assert base.value.value == "https://openrouter.ai/api/v1"


def test_comments_are_regions() -> None:
    found = [TEXT[slice(*region.span)] for region in lowered(TEXT).regions if region.kind is RegionKind.COMMENT]
    assert found == ["### é", "###", "# c"]


TOKENS = [
    "POST ",
    "https://a/b",
    "\n",
    "\r\n",
    "\n\n",
    "###",
    "#",
    "@a = ",
    "{{",
    "}}",
    "$processEnv X",
    "{{$dotenv X}}",
    "A: b",
    " HTTP/1.1",
    "é",
    " ",
]


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)))
def test_any_text_is_read(text: str) -> None:
    lowered(text.encode("utf-8", "replace").decode().removeprefix("\ufeff"))
