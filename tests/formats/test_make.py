from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.shell import make
from migrator.formats.tree import EnvRef, Module, Other, RegionKind, Str
from tests.formats.probing import assert_spans, definitions, source, walk


def lowered(text: str, path: str = "Makefile") -> Module:
    module = make.lower(source(text, path))
    assert_spans(module, text)
    return module


def defined(text: str, path: str = "Makefile") -> list[tuple[str, str, str]]:
    return [(node.name, node.how, text[slice(*node.span)]) for node in definitions(lowered(text, path))]


def referred(text: str, path: str = "Makefile") -> list[tuple[str, str, str]]:
    found = [node for node in walk(lowered(text, path)) if isinstance(node, EnvRef)]
    return [(node.name, node.how, text[slice(*node.span)]) for node in sorted(found, key=lambda node: node.span)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X = v # c\n", [("X", "make-assign", "X = v")]),
        ("X ?= v\r\nY := w\r\nZ += 1\r\n", [("X", "make-default", "X ?= v"), ("Y", "make-assign", "Y := w"), ("Z", "make-assign", "Z += 1")]),
        ("export X = v\n", [("X", "make-export", "export X = v")]),
        ("export X Y\n", [("X", "make-export", "X"), ("Y", "make-export", "Y")]),
        ("run: export X = v\nrun: a\n\tY=1 b\n", [("X", "make-export", "export X = v"), ("Y", "shell-prefix", "Y=1")]),
        ("a:\n\t@export X=1; b\n", [("X", "shell-export", "export X=1")]),
        ("a:\n\tdocker run -e X=$$X \\\n\t  -e Y i\n", [("X", "docker-run", "-e X=$$X"), ("Y", "docker-run", "-e Y")]),
        ("# X = v\n", [("X", "make-assign", "X = v")]),
        ("a: b:c\n", []),
    ],
)  # fmt: skip
def test_definitions_in_a_makefile(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert defined(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X = $(Y) ${Z}\n", [("Y", "make", "$(Y)"), ("Z", "make", "${Z}")]),
        ("ifndef X\n$(error set X)\nendif\n", [("X", "make", "X")]),
        ("ifeq ($(X),)\nendif\n", [("X", "make", "$(X)")]),
        ("a: $(D)\n\techo \"$$X $(Y)\" '$$Z' # $$W\n", [("D", "make", "$(D)"), ("X", "shell", "$$X"), ("Y", "make", "$(Y)")]),
        ("X := $(shell echo $$Y | grep ABC=)\n", [("Y", "shell", "$$Y"), ("ABC", "shell-pattern", "ABC")]),
        ("a:\n\tfor i in 1; do echo $$i; done\n", [("i", "shell", "$$i")]),
        ("unexport X\n", [("X", "shell-unset", "X")]),
        ("X = $(patsubst %,$(Y)/%,$(Z:.c=.o))\n", [("Y", "make", "$(Y)"), ("Z", "make", "$(Z:.c=.o)")]),
        ("a: ; echo $$X\n", [("X", "shell", "$$X")]),
        ("define D\n\techo $$X\nendef\nY = $(D)\n", [("X", "shell", "$$X"), ("D", "make", "$(D)")]),
    ],
)  # fmt: skip
def test_references_in_a_makefile(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert referred(text) == expected


def test_a_justfile() -> None:
    text = (
        'export X := env_var("X")\n'
        "url := env('U', \"https://openrouter.ai/api/v1\")  # c\n"
        "k := `pass $P`\n"
        'run $Q a="1":\n'
        "    @curl {{url}} \"Bearer $X {{ env('R') }}\"\n"
        "script:\n"
        "    #!/usr/bin/env bash\n"
        "    export S=1\n"
    )
    assert [(name, how) for name, how, _ in defined(text, "justfile")] == [
        ("X", "just-export"),
        ("url", "just-assign"),
        ("k", "just-assign"),
        ("Q", "just-parameter"),
        ("S", "shell-export"),
    ]
    assert [(name, how) for name, how, _ in referred(text, "justfile")] == [
        ("X", "just"),
        ("U", "just"),
        ("P", "shell"),
        ("X", "shell"),
        ("R", "just"),
    ]
    [url] = [node for node in walk(lowered(text, "justfile")) if isinstance(node, EnvRef) and node.name == "U"]
    assert isinstance(url.default, Str)
    assert url.default.value == "https://openrouter.ai/api/v1"


def test_a_procfile() -> None:
    text = "# c\r\nweb: X=$Y python a.py\r\nworker: celery\r\n"
    assert defined(text, "Procfile") == [("X", "shell-prefix", "X=$Y")]
    assert referred(text, "Procfile.dev") == [("Y", "shell", "$Y")]


def test_comments_are_regions() -> None:
    text = "# é\nX = v # c\na:\n\tb 'c' # d\n"
    assert [(region.kind, text[slice(*region.span)]) for region in lowered(text).regions] == [
        (RegionKind.COMMENT, "# é"),
        (RegionKind.COMMENT, "# c"),
        (RegionKind.STRING, "'c'"),
        (RegionKind.COMMENT, "# d"),
    ]


def test_deep_calls_are_read() -> None:
    assert any(isinstance(node, Other) for node in walk(lowered("X = " + "$(a $(b " * 3000)))
    lowered("x := " + "env('a', " * 3000, "justfile")


TOKENS = ["X = ", "export ", "$(", ")", "${", "}", "$$X", "X", "a:", "\n", "\n\t", "\r\n", "\\\n", "#", "'", '"', "`", "define ", "endef", ":=", "{{", "}}", "env('X'", ", ", "é"]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)),
    st.sampled_from(["Makefile", "justfile", "Procfile", "a.mk"]),
)
def test_any_text_is_read(text: str, path: str) -> None:
    text = text.encode("utf-8", "replace").decode().removeprefix("\ufeff")
    assert_spans(make.lower(source(text, path)), text)
