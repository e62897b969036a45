from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.config import ini
from migrator.formats.tree import EnvRef, Item, Module, Node, Obj, Other, RegionKind, Str
from tests.formats.probing import assert_spans, definitions, source, walk


def lowered(text: str, path: str = "a.ini") -> Module:
    module = ini.lower(source(text, path))
    assert_spans(module, text)
    return module


def entry(module: Module, *names: str) -> Node:
    node: Node = module.body[0]
    for name in names:
        assert isinstance(node, Obj)
        [item] = [item for item in node.items if isinstance(item.key, Str) and item.key.value == name]
        node = item.value
    return node


def test_sections_and_keys() -> None:
    text = "a = 1\r\n[s.t]\r\nurl: https://openrouter.ai/api/v1 ; c\r\nkey = 'é'\r\n# d\r\nlong = a\r\n  b\r\n"
    module = lowered(text)
    assert isinstance(entry(module, "a"), Str)
    url, key = entry(module, "s.t", "url"), entry(module, "s.t", "key")
    assert isinstance(url, Str)
    assert text[slice(*url.inner)] == "https://openrouter.ai/api/v1"
    assert isinstance(key, Str)
    assert (key.value, text[slice(*key.span)]) == ("é", "'é'")
    long = entry(module, "s.t", "long")
    assert isinstance(long, Str)
    assert long.value == "a\r\n  b"
    comments = [text[slice(*region.span)] for region in module.regions if region.kind is RegionKind.COMMENT]
    assert comments == ["; c", "# d"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.service", '[Service]\nEnvironment=X=v "Y=a b" \\\n  Z=1\nPassEnvironment=P Q\n',
         [("X", "systemd-env", "X=v"), ("Y", "systemd-env", '"Y=a b"'), ("Z", "systemd-env", "Z=1"), ("P", "systemd-env", "P"), ("Q", "systemd-env", "Q")]),
        ("a.service", "[Service]\n# Environment=X=v\n", [("X", "systemd-env", "X=v")]),
        ("supervisord.conf", '[program:a]\nenvironment=X="1,2",Y=%(ENV_Z)s\n', [("X", "supervisord-env", 'X="1,2"'), ("Y", "supervisord-env", "Y=%(ENV_Z)s")]),
        ("tox.ini", "[testenv]\nsetenv =\n  X = v\n  # c\n  Y=w\n", [("X", "tox-setenv", "X = v"), ("Y", "tox-setenv", "Y=w")]),
        ("pytest.ini", "[pytest]\nenv =\r\n    D:X=v\r\n    Y=w\r\n", [("X", "pytest-env", "X=v"), ("Y", "pytest-env", "Y=w")]),
        ("nginx.conf", "env X;\n", [("X", "nginx-env", "env X;")]),
        ("a.ini", "[a]\nX=v\n", []),
    ],
)  # fmt: skip
def test_definitions(path: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    found = definitions(lowered(text, path))
    assert [(node.name, node.how, text[slice(*node.span)]) for node in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = ${X} ${Y:d} %(Z)s $HOME", [("X", "placeholder"), ("Y", "placeholder"), ("Z", "ini"), ("HOME", "placeholder")]),
        ("a = %(ENV_X)s", [("X", "supervisord")]),
        ("a = {env:X:d}", [("X", "tox")]),
        ("[t]\npassenv = X, Y\n  Z\n", [("X", "tox-passenv"), ("Y", "tox-passenv"), ("Z", "tox-passenv")]),
        ("# ${X}", []),
    ],
)
def test_references(text: str, expected: list[tuple[str, str]]) -> None:
    found = [node for node in walk(lowered(text)) if isinstance(node, EnvRef)]
    assert [(node.name, node.how) for node in sorted(found, key=lambda node: node.span)] == expected


def test_properties() -> None:
    text = "! c\nopenrouter.url=https://openrouter.ai/api/v1#x\nopenrouter.key: ${X:none}\n"
    module = lowered(text, "application.properties")
    url = entry(module, "openrouter.url")
    assert isinstance(url, Str)
    assert url.value == "https://openrouter.ai/api/v1#x"
    key = entry(module, "openrouter.key")
    assert isinstance(key, EnvRef)
    assert isinstance(key.default, Str)
    assert key.default.value == "none"


def test_other_lines_keep_their_words() -> None:
    text = "location /x {\n  proxy_pass https://openrouter.ai/api/v1; # c\n}\n"
    lines = [node for node in lowered(text, "nginx.conf").body if isinstance(node, Other)]
    assert [part.value for part in lines[1].children if isinstance(part, Str)] == ["proxy_pass", "https://openrouter.ai/api/v1"]


def test_a_list_of_variables_is_said_once() -> None:
    module = lowered("[testenv]\nsetenv = X=v\n", "tox.ini")
    assert isinstance(entry(module, "testenv", "setenv"), Other)
    assert not [node for node in walk(module) if isinstance(node, Item) and isinstance(node.value, Str)]


TOKENS = ["[a]", "x = ", "environment=", "setenv =", "X=v", "${X}", "%(X)s", "\n", "\r\n", "  ", '"', "'", "#", ";", ":", "\\", "é", "env =", "[Service]\n", "Environment="]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)),
    st.sampled_from(["a.ini", "a.service", "a.properties", "a.conf", "tox.ini"]),
)
def test_any_text_is_read(text: str, path: str) -> None:
    text = text.encode("utf-8", "replace").decode().removeprefix("\ufeff")
    lowered(text, path)
