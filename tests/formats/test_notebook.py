"""Notebooks: cells as one program, with places that survive JSON's escapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.documents import notebook
from migrator.formats.tree import (
    Arg,
    Assign,
    Call,
    EnvDef,
    EnvRef,
    Import,
    Item,
    Join,
    Module,
    Name,
    Node,
    Param,
    RegionKind,
    Str,
    Unreadable,
    children,
)
from migrator.model import Source, Span

Part = Node | Arg | Item | Param


def lower(text: str) -> Module:
    return notebook.lower(Source(path="n.ipynb", text=text, encoding="utf-8", bom=False, digest=""))


def book(*cells: dict[str, Any], language: str = "python") -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {"kernelspec": {"language": language}}, "nbformat": 4, "nbformat_minor": 5}


def code(text: str, *, whole: bool = False, outputs: list[Any] | None = None) -> dict[str, Any]:
    source = text if whole else text.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": outputs or [], "source": source}


def walk(nodes: tuple[Part, ...]) -> Iterator[Part]:
    for node in nodes:
        yield node
        yield from walk(children(node))


def cut(text: str, span: Span) -> str:
    return text[span.start : span.end]


def strings(module: Module) -> list[Str]:
    return [node for node in walk(module.body) if isinstance(node, Str)]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("ascii_", [False, True])
def test_places_in_every_shape(indent: int | None, whole: bool, ascii_: bool) -> None:
    cells = (
        code("import os\ngröße = '😀é'; a = \"https://openrouter.ai/api/v1\"\n", whole=whole),
        code("client = OpenAI(\n    base_url=a,\n\tapi_key=os.environ['KEY'],\n)\nb = 'x\\ny'", whole=whole),
    )
    text = json.dumps(book(*cells), indent=indent, ensure_ascii=ascii_, separators=(",", ":") if indent is None else None)
    module = lower(text)
    assert module.errors == ()
    assert isinstance(module.body[0], Import)
    by_value = {node.value: node for node in strings(module)}
    url = by_value["https://openrouter.ai/api/v1"]
    assert (url.exact, cut(text, url.inner), cut(text, url.span)) == (True, url.value, f'\\"{url.value}\\"')
    assert by_value["KEY"].exact
    assert by_value["😀é"].exact is not ascii_
    assert not by_value["x\ny"].exact
    assert json.loads(f'"{cut(text, by_value["😀é"].span)}"') == "'😀é'"
    name = next(node for node in walk(module.body) if isinstance(node, Name) and node.id == "größe")
    assert json.loads(f'"{cut(text, name.span)}"') == "größe"
    call = next(node for node in walk(module.body) if isinstance(node, Call))
    assert text[call.close] == ")"
    assert cut(text, call.args[0].span) == "base_url=a"
    assert cut(text, call.args[0].name_span or Span(0, 0)) == "base_url"


def test_an_edit_keeps_the_json() -> None:
    text = json.dumps(
        book(code('u = "https://a.b/v1"\nk = f"{u}/x"\n'), {"cell_type": "markdown", "metadata": {}, "source": ["é\n"]}), indent=1
    )
    for node in walk(lower(text).body):
        if isinstance(node, Str) and node.exact:
            edited = text[: node.inner.start] + "https://new" + text[node.inner.end :]
            cells = json.loads(edited)["cells"]
            assert "https://new" in "".join(cells[0]["source"])
            assert cells[1]["source"] == ["é\n"]


def test_outputs_and_markdown_yield_no_nodes() -> None:
    output = {"output_type": "stream", "text": ["OpenAI('in output')\n"], "cell_type": "code", "source": ["z = 'in output'"]}
    cells = (
        {"cell_type": "markdown", "metadata": {}, "source": ["x = 'in prose'\n", "y"]},
        code("a = 'b'  # c", outputs=[output]),
        {"cell_type": "raw", "metadata": {"k": "'in raw'"}, "source": "x = 'in raw'"},
    )
    text = json.dumps(book(*cells), indent=1)
    module = lower(text)
    assert [node.value for node in strings(module)] == ["b"]
    found = [
        (region.kind, json.loads(cut(text, region.span)) if region.kind in ("output", "markup") else cut(text, region.span))
        for region in module.regions
    ]
    assert found == [
        (RegionKind.MARKUP, ["x = 'in prose'\n", "y"]),
        (RegionKind.OUTPUT, [output]),
        (RegionKind.STRING, "'b'"),
        (RegionKind.COMMENT, "# c"),
        (RegionKind.OUTPUT, {"k": "'in raw'"}),
        (RegionKind.MARKUP, "x = 'in raw'"),
        (RegionKind.OUTPUT, {"kernelspec": {"language": "python"}}),
    ]


def test_magics_are_passed_over() -> None:
    cell = (
        "%load_ext dotenv\n!pip install openai \\\n  httpx\npip install x\n%pip install -q y\nlen?\n?len\n"
        "files = !ls 'a\nn = %who\nif n:\n    !echo \"it's\n%time a = f('timed')\ns = '''\n%s ! ?\n''' + (\n  x\n  % y)\nb = 'last'\n"
    )
    text = json.dumps(
        book(code(cell), code("%%time\nc = 'd'"), code("%%bash\nexport X='no'\n"), code("\n%%writefile a.py\ne = 'no'"))
    )
    module = lower(text)
    assert module.errors == ()
    assert [node.value for node in strings(module)] == ["timed", "\n%s ! ?\n", "last", "d"]
    targets = [node.targets[0] for node in module.body if isinstance(node, Assign)]
    assert [target.id for target in targets if isinstance(target, Name)] == ["files", "n", "a", "s", "b", "c"]
    assert all("pip" not in cut(text, region.span) for region in module.regions)


def test_env_magics() -> None:
    text = json.dumps(
        book(code("x = 1\n%env OPENROUTER_API_KEY=abc\n%env A = {x}/v1\n%set_env B two words\n%env C\n%env\ny = 2\n"))
    )
    module = lower(text)
    defs = [node for node in module.body if isinstance(node, EnvDef)]
    assert [(node.name, cut(text, node.name_span), cut(text, node.span), node.how) for node in defs] == [
        ("OPENROUTER_API_KEY", "OPENROUTER_API_KEY", "%env OPENROUTER_API_KEY=abc", "notebook-magic"),
        ("A", "A", "%env A = {x}/v1", "notebook-magic"),
        ("B", "B", "%set_env B two words", "notebook-magic"),
    ]
    assert isinstance(defs[0].value, Str)
    assert (defs[0].value.value, defs[0].value.exact) == ("abc", True)
    assert isinstance(defs[1].value, Join)
    assert [type(part) for part in defs[1].value.parts] == [Name, Str]
    assert isinstance(defs[2].value, Str)
    assert defs[2].value.value == "two words"
    refs = [node for node in module.body if isinstance(node, EnvRef)]
    assert [(node.name, cut(text, node.span)) for node in refs] == [("C", "%env C")]
    order = [node.span.start for node in module.body]
    assert order == sorted(order)


def test_one_bad_cell_does_not_stop_the_others() -> None:
    text = json.dumps(book(code("a = 'x'\n"), code("b = 'y'\nprint 'z'\n"), code("c = 'w'\n"), code("("), code("")), indent=1)
    module = lower(text)
    assert [node.value for node in strings(module)] == ["x", "w"]
    lines = text.split("\n")
    assert [lines[line - 1].strip() for line, _ in module.errors] == ["\"print 'z'\\n\"", '"("']
    assert all(message.startswith("not valid Python") for _, message in module.errors)


def test_match_subject_is_moved_once() -> None:
    text = json.dumps(book(code("\nmatch provider:\n  case 'a': x\n  case 'b': y\n")))
    names = [node for node in walk(lower(text).body) if isinstance(node, Name) and node.id == "provider"]
    assert {cut(text, name.span) for name in names} == {"provider"}


def test_other_languages_are_named_and_not_read() -> None:
    module = lower(json.dumps(book(code("x <- 'a'"), language="R")))
    assert module.body == ()
    assert module.errors == ((1, "the notebook's language is R; only Python cells are read"),)


def test_version_three() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": ["a = 'b'"], "outputs": []}]}
    assert [node.value for node in strings(lower(json.dumps({"worksheets": [sheet], "nbformat": 3})))] == ["b"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "not valid JSON"),
        ('{"cells": [\n{"source": "a}', 2, "not valid JSON"),
        ('{"cells": [{"cell_type": "code", "source": ["a"] "x": 1}]}', 1, "delimiter"),
        ('{"cells": []}\n{}', 2, "extra data"),
        ("{'cells': []}", 1, "not valid JSON"),
        ('{"a": 1}', 1, "not a notebook"),
        ("[]", 1, "not a notebook"),
        ('{"cells": 3}', 1, "not a notebook"),
        ('{"metadata": ' + "[" * 200_000 + "]" * 200_000 + "}", 0, "too deeply nested"),
    ],
    ids=range(9),
)
def test_unreadable(text: str, line: int, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        lower(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "cell",
    [
        '{"cell_type": "code"}',
        '{"cell_type": "code", "source": null}',
        '{"cell_type": "code", "source": [1, {"source": "x"}]}',
        '{"cell_type": "code", "source": "\\ud800"}',
        '{"cell_type": "code", "source": "("}',
        '{"cell_type": 1, "source": "x"}',
        "3",
        "null",
        '{"n": ' + "9" * 5000 + "}",
    ],
    ids=range(9),
)
def test_odd_cells_are_survived(cell: str) -> None:
    module = lower('{"cells": [' + cell + ', {"source": ["a = \'b\'"], "cell_type": "code"}]}')
    assert [node.value for node in strings(module)] == ["b"]


@pytest.mark.parametrize(
    "cell",
    ["%env A=" + "${" * 20_000 + " " * 100_000 + "x", "!ls\n" + '"""' + '\\"""' * 50_000, "!a\\\n" * 20_000],
    ids=range(3),
)
def test_long_cells_take_linear_time(cell: str) -> None:
    assert lower(json.dumps(book(code(cell)))).language == "notebook"


_cells = st.lists(
    st.lists(
        st.sampled_from(
            [
                "a = 'x'",
                'b = "é😀"',
                "c = 'q\\n'",
                "%env A=b",
                "!ls",
                "d = f'{a}\\t{b}'",
                "# é",
                "f(\n 'a',\n)",
                "'''\n\n'''",
                "\tx(",
            ]
        ),
        max_size=4,
    ).map("\n".join),
    max_size=4,
)


@settings(max_examples=80, deadline=None)
@given(_cells, st.booleans(), st.booleans(), st.sampled_from([None, 1]))
def test_law_of_places(cells: list[str], whole: bool, ascii_: bool, indent: int | None) -> None:
    text = json.dumps(book(*(code(cell, whole=whole) for cell in cells)), indent=indent, ensure_ascii=ascii_)
    module = lower(text)

    def check(node: Part, around: Span) -> None:
        assert around.start <= node.span.start <= node.span.end <= around.end
        if isinstance(node, Str):
            assert node.exact <= (cut(text, node.inner) == node.value)
        for part in children(node):
            check(part, node.span)

    for node in module.body:
        check(node, Span(0, len(text)))
    done = 0
    for region in module.regions:
        assert done <= region.span.start <= region.span.end
        done = region.span.end
