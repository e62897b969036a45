from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.shell import dockerfile
from migrator.formats.tree import Call, EnvDef, EnvRef, Module, Name, RegionKind, Str
from tests.formats.probing import assert_spans, definitions, source, walk


def lowered(text: str) -> Module:
    module = dockerfile.lower(source(text, "Dockerfile"))
    assert_spans(module, text)
    return module


def defined(text: str) -> list[tuple[str, str, str]]:
    return [(node.name, node.how, text[slice(*node.span)]) for node in definitions(lowered(text))]


def referred(text: str) -> list[tuple[str, str]]:
    found = [node for node in walk(lowered(text)) if isinstance(node, EnvRef)]
    return [(node.name, text[slice(*node.span)]) for node in sorted(found, key=lambda node: node.span)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENV X=v", [("X", "dockerfile-env", "X=v")]),
        ("ENV X=v Y='a b' Z=\"c\"\n", [("X", "dockerfile-env", "X=v"), ("Y", "dockerfile-env", "Y='a b'"), ("Z", "dockerfile-env", 'Z="c"')]),
        ("env X the whole = line\r\n", [("X", "dockerfile-env", "X the whole = line")]),
        ("ENV X=https://openrouter.ai/api/v1?a=1&b=2;c|d", [("X", "dockerfile-env", "X=https://openrouter.ai/api/v1?a=1&b=2;c|d")]),
        ("ENV X=1 \\\r\n    # comment\r\n    Y=2\r\nARG Z\r\n", [("X", "dockerfile-env", "X=1"), ("Y", "dockerfile-env", "Y=2"), ("Z", "dockerfile-arg", "Z")]),
        ("ARG X\nARG Y=v Z", [("X", "dockerfile-arg", "X"), ("Y", "dockerfile-arg", "Y=v"), ("Z", "dockerfile-arg", "Z")]),
        ("# ENV X=v\n# ENV is set below\n", [("X", "dockerfile-env", "# ENV X=v")]),
        ("RUN export X=1 && \\\n  # a comment\n  Y=2 make", [("X", "shell-export", "export X=1"), ("Y", "shell-prefix", "Y=2")]),
        ("RUN --mount=type=secret,id=o,env=X a", [("X", "dockerfile-secret", "env=X")]),
        ("RUN <<EOF\nexport X=1\nEOF\nENV Y=2", [("Y", "dockerfile-env", "Y=2")]),
        ("COPY <<EOF /app/.env\nX=$Y\nEOF\nENV Z=1", [("X", "heredoc-dotenv", "X=$Y"), ("Z", "dockerfile-env", "Z=1")]),
        ("ONBUILD ENV X=v", [("X", "dockerfile-env", "X=v")]),
    ],
)  # fmt: skip
def test_definitions(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert defined(text) == expected


def test_a_script_in_a_heredoc_is_shell() -> None:
    found = [node for node in walk(lowered("RUN <<EOF\nexport X=1\nEOF\n")) if isinstance(node, EnvDef)]
    assert [(node.name, node.how) for node in found] == [("X", "shell-export")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARG X\nENV Y=$X Z=${X:-d}", [("X", "$X"), ("X", "${X:-d}")]),
        ("FROM a:${TAG} AS b", [("TAG", "${TAG}")]),
        ("RUN curl -H \"Authorization: Bearer $X\" '$Y'", [("X", "$X")]),
        ('CMD ["sh", "-c", "run $X"]', [("X", "$X")]),
        ('CMD ["run", "$X"]', []),
        ("HEALTHCHECK --interval=5s CMD curl http://localhost:$PORT", [("PORT", "$PORT")]),
        ("ENV X='$Y' Z=\\$W", []),
    ],
)
def test_references(text: str, expected: list[tuple[str, str]]) -> None:
    assert referred(text) == expected


def test_instructions_are_calls() -> None:
    calls = [node for node in lowered('FROM a/b:1\nENTRYPOINT ["x", "https://openrouter.ai"]\n').body if isinstance(node, Call)]
    assert [node.func.id for node in calls if isinstance(node.func, Name)] == ["FROM", "ENTRYPOINT"]
    assert [arg.value.value for call in calls for arg in call.args if isinstance(arg.value, Str)] == [
        "a/b:1",
        "x",
        "https://openrouter.ai",
    ]


def test_comments_and_strings_are_regions() -> None:
    text = 'ENV X="é" \\\n  # one\n  Y=1\n# two\n'
    kinds = [(region.kind, text[slice(*region.span)]) for region in lowered(text).regions]
    assert kinds == [(RegionKind.COMMENT, "# one"), (RegionKind.COMMENT, "# two")]


TOKENS = [
    "ENV ",
    "ARG ",
    "RUN ",
    "COPY ",
    "X",
    "X=v",
    "$X",
    "<<E",
    "\nE\n",
    "\n",
    "\r\n",
    "\\",
    '"',
    "'",
    "# c",
    '["a"',
    "]",
    "é",
    "--mount=env=X ",
    "CMD ",
]


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)))
def test_any_text_is_read(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert_spans(dockerfile.lower(source(text, "Dockerfile")), text.removeprefix("\ufeff"))
