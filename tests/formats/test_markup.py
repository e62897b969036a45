"""Pages: which stretches are scripts, in which language, and that places are those of the page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.documents import markup
from migrator.formats.tree import Assign, Import, Module, Name, RegionKind, Str
from migrator.model import Source


def read(path: str, text: str) -> Module:
    return markup.lower(Source(path=path, text=text, encoding="utf-8", bom=False, digest=""))


def names(module: Module) -> list[str]:
    """Names that the page's scripts declare."""
    return [node.targets[0].id for node in module.body if isinstance(node, Assign) and isinstance(node.targets[0], Name)]


def regions(module: Module, text: str) -> list[tuple[RegionKind, str]]:
    return [(region.kind, text[slice(*region.span)]) for region in module.regions]


VUE = """\
<!-- <script>const commented = 1</script> 😀 -->\r
<script setup lang="ts">\r
import OpenAI from "openai"\r
const base: string = "https://h/v1"\r
</script>\r
<template><p title="<script>const quoted = 1</script>">{{ base }} don't</p></template>\r
<script src="./x.js" />\r
<style>a::after { content: "<script>const styled = 1</script>" }</style>\r
<script>export default { name: "x" }</script>\r
"""


def test_vue() -> None:
    module = read("a/B.vue", VUE)
    assert module.language == "ecma"
    assert module.path == "a/B.vue"
    assert not module.errors
    first, base, default = module.body
    assert isinstance(first, Import)
    assert VUE[slice(*first.module_span)] == "openai"
    assert isinstance(base, Assign)
    assert isinstance(base.value, Str)
    assert VUE[slice(*base.value.inner)] == base.value.value == "https://h/v1"
    assert isinstance(default, Assign)
    assert default.exported
    found = regions(module, VUE)
    assert found[0] == (RegionKind.COMMENT, "<!-- <script>const commented = 1</script> 😀 -->")
    assert (RegionKind.TYPE, ": string") in found
    assert any(kind is RegionKind.MARKUP and "{{ base }}" in text for kind, text in found)


def test_a_script_may_say_its_language() -> None:
    typed = "const a: string = 1"
    assert not read("x.vue", f"<script>{typed}</script>").errors  # a slip that costs nothing
    assert read("x.vue", "<script>const a = <any>b</script>").errors
    for language in ("ts", "tsx", "TypeScript"):
        assert not read("x.vue", f'<script lang="{language}">{typed}</script>').errors
    assert names(read("x.vue", '<script lang="jsx">const a = <b>c</b></script>')) == ["a"]


def test_svelte_braces_may_hold_a_greater_than() -> None:
    text = (
        '<script context="module" lang="ts">import { KEY } from "$env/static/private"; const a: string = KEY;</script>\n'
        "{#if a <b}<p on:click={() => x > y} title={`<script>`}>don't</p>{/if}\n"
        "<script>const c = 1</script>"
    )
    module = read("x.svelte", text)
    assert names(module) == ["a", "c"]
    assert isinstance(module.body[0], Import)


def test_braces_that_never_close_cost_no_script() -> None:
    text = '<p class={"{"}>x</p>\n<script>const a = 1</script>'
    assert names(read("x.svelte", text)) == ["a"]


ASTRO = """\
---
import { KEY } from "astro:env/server"; // --- not the end
const reply: Response = await fetch("https://h");
if (!reply.ok) return;
---
<p class={a > b ? "}" : "x"}>{reply.status} --- {a}</p>
<script>const typed: string = "y";</script>
<script is:inline>var plain = 1</script>
"""


def test_astro() -> None:
    module = read("x.astro", ASTRO)
    assert not module.errors
    assert names(module) == ["reply", "typed", "plain"]
    found = regions(module, ASTRO)
    assert (RegionKind.COMMENT, "// --- not the end") in found
    assert any(kind is RegionKind.MARKUP and "reply.status" in text for kind, text in found)


@pytest.mark.parametrize("text", ["<p>---\nconst a = 1\n---\n</p>", "---\nconst a = 1\n", "--- a ---"])
def test_astro_without_a_pair_of_fences_has_no_code(text: str) -> None:
    module = read("x.astro", text)
    assert module.body == ()
    assert [kind for kind, _ in regions(module, text)] == [RegionKind.MARKUP]


@pytest.mark.parametrize(
    ("attributes", "is_script"),
    [
        ("", True),
        (' type="module"', True),
        (" type=module async", True),
        (" TYPE='text/javascript'", True),
        (' type="text/babel"', True),
        (' data-a="x > y" defer', True),
        (' type="application/json"', False),
        (' type="application/ld+json"', False),
        (' type="importmap"', False),
        (' type="text/x-template"', False),
        (' lang="coffee"', False),
    ],
)
@pytest.mark.parametrize("name", ["script", "SCRIPT"])
def test_which_blocks_are_scripts(attributes: str, is_script: bool, name: str) -> None:
    text = f"<!doctype html><{name}{attributes}>const a = 1</{name} ><p>b</p>"
    module = read("x.html", text)
    assert names(module) == (["a"] if is_script else [])
    assert regions(module, text)[-1][0] is RegionKind.MARKUP


def test_a_slash_closes_a_script_in_a_component_and_not_in_html() -> None:
    text = '<script src="a"/>const a = 1</script>'
    assert names(read("x.html", text)) == ["a"]
    assert names(read("x.vue", text)) == []


def test_a_script_that_never_closes_is_read_to_the_end() -> None:
    assert names(read("x.htm", "<p></p><script>const a = 1;")) == ["a"]


def test_lines_of_errors_are_those_of_the_page() -> None:
    text = "<p>\r\n</p>\r\n<script>\r\nconst a = 1;\r\nconst = ;\r\nconst b = 2;\r\n</script>\r\n<script>\r\nconst = ;\r\n</script>"
    module = read("x.html", text)
    assert [line for line, _ in module.errors] == [5, 9]
    assert names(module)[0] == "a"


def test_a_page_without_scripts_is_markup() -> None:
    module = read("x.html", "<p>OpenRouter</p>")
    assert module.body == ()
    assert [region.kind for region in module.regions] == [RegionKind.MARKUP]
    assert read("x.html", " \n").regions == ()


PIECES = st.sampled_from(
    [
        "<script>", "</script>", '<script lang="ts">', "<!--", "-->", "<style>", "</style>", "---\n", "<p a='", '"', "'", "{", "}", ">", "/>",
        "const a = 'é😀';", "\r\n", "<", "`${", " ",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14), st.sampled_from(markup.ENDINGS))
@settings(max_examples=100, deadline=None)
def test_regions_are_in_order_and_strings_in_place_on_any_page(pieces: list[str], ending: str) -> None:
    text = "".join(pieces)
    module = read("x" + ending, text)
    reached = 0
    for region in module.regions:
        assert reached <= region.span.start < region.span.end <= len(text)
        reached = region.span.end
    for node in module.body:
        if isinstance(node, Assign) and isinstance(node.value, Str) and node.value.exact:
            assert text[slice(*node.value.inner)] == node.value.value
