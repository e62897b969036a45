from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.documents import markdown
from migrator.formats.tree import EnvDef, EnvRef, Module, RegionKind
from tests.formats.probing import assert_spans, source, walk


def lowered(text: str, path: str = "README.md") -> Module:
    module = markdown.lower(source(text, path))
    assert_spans(module, text)
    return module


def variables(text: str, path: str = "README.md") -> list[tuple[str, str, str]]:
    found = [node for node in walk(lowered(text, path)) if isinstance(node, EnvDef | EnvRef)]
    return [
        (node.name, node.how, text[slice(*node.span)]) for node in sorted(found, key=lambda node: (node.span.start, -node.span.end))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('```bash\nexport X="é"\n```\n', [("X", "fence:shell-export", 'export X="é"')]),
        ("```sh title=run\r\nX=1 a $Y\r\n```\r\n", [("X", "fence:shell-prefix", "X=1"), ("Y", "fence:shell", "$Y")]),
        ("1. do\n\n   ~~~env\n   X=v\n   # Y=w\n   ~~~\n", [("X", "fence:dotenv", "X=v"), ("Y", "fence:dotenv", "# Y=w")]),
        ("> ```shell\n> export X=1\n> ```\n", [("X", "fence:shell-export", "export X=1")]),
        ("```\nX=v\nY=\n```\n", [("X", "fence:dotenv", "X=v"), ("Y", "fence:dotenv", "Y=")]),
        ("```\nexport X=v\n```\n", [("X", "fence:shell-export", "export X=v")]),
        ("```\nplain words\n```\n", []),
        ("```console\n$ export X=1\nX=2 isn't typed\n$ a \\\n  $Y\n```\n", [("X", "fence:shell-export", "export X=1"), ("Y", "fence:shell", "$Y")]),
        ('```powershell\n$env:X="v"\n```\n', [("X", "fence:powershell-env", '$env:X="v"')]),
        ("```bat\nset X=v\n```\n", [("X", "fence:batch-set", "set X=v")]),
        ("```dockerfile\nENV X=v\n```\n", [("X", "fence:dockerfile-env", "X=v")]),
        ('```bash\necho "X=v" > .env\n```\n', [("X", "fence:echo-dotenv", "X=v")]),
        ('```python\nos.environ["X"]\n```\n', []),
        ("```yaml\nX: ${Y}\n```\n", []),
        ("Use `export X=1` or export X=1.\n", []),
        ("```bash\nexport X=1\n", [("X", "fence:shell-export", "export X=1")]),
        ("````md\n```bash\nexport X=1\n```\n````\n", []),
    ],
)  # fmt: skip
def test_variables_in_fences(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert variables(text) == expected


def test_other_markups() -> None:
    rst = "Text\n\n.. code-block:: bash\n\n   export X=1\n\nMore $Y\n"
    assert variables(rst, "a.rst") == [("X", "fence:shell-export", "export X=1")]
    adoc = "Text\n[source,bash]\n----\nexport X=1\n----\nMore\n"
    assert variables(adoc, "a.adoc") == [("X", "fence:shell-export", "export X=1")]


def test_prose_and_fences_are_regions() -> None:
    text = "# é\n```sh\na\n```\nend"
    assert [(region.kind, text[slice(*region.span)]) for region in lowered(text).regions] == [
        (RegionKind.MARKUP, "# é\n```sh\n"),
        (RegionKind.FENCE, "a\n"),
        (RegionKind.MARKUP, "```\nend"),
    ]


TOKENS = ["```", "~~~", "bash\n", "env\n", "\n", "\r\n", "export X=1", "X=v", "$ ", "> ", "- ", "é", "`", "$X", '"', "'", ".. code:: sh\n\n", "[source,sh]\n", "----\n", "   "]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)))
def test_any_text_is_read(text: str) -> None:
    text = text.encode("utf-8", "replace").decode().removeprefix("\ufeff")
    at = 0
    for region in lowered(text).regions:
        assert region.span.start == at, "every character is prose or fence"
        at = region.span.end
    assert at == len(text)
