"""Texts with edits, random or spelled out, for the tests of whatever reads or writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from migrator.model import Action, Applicability, Category, Change, Edit, Finding, Plan, Source, Span, Target
from migrator.text.source import decode

TARGET = Target(
    name="t",
    title="T",
    openai_base="https://gateway.example/v1",
    anthropic_base=None,
    key_env="MG_KEY",
    key_example="mg_live_...",
    key_prefixes=("mg_live_",),
    refused_prefixes=("sk-or-",),
    sandbox_prefixes=(),
    dialect="none",
    routing_fields=(),
    endpoints=(),
    console=None,
)

LETTERS = "ab \t#=\\\"'é→😀\x0c\x85\u2028"
ENDS = ("\n", "\n", "\n", "\r\n", "\r")


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Lines with mixed ends; the last one may have none."""
    lines = draw(st.lists(st.tuples(st.text(LETTERS, max_size=6), st.sampled_from(ENDS)), max_size=30))
    tail = draw(st.text(LETTERS, max_size=4))
    return "".join(line + end for line, end in lines) + tail


@st.composite
def edits_of(draw: st.DrawFn, text: str, path: str) -> tuple[Edit, ...]:
    """Edits that do not meet, in text order, each of which changes something."""
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits: list[Edit] = []
    while len(cuts) >= 2:
        start, end, cuts = cuts[0], cuts[1], cuts[2:]
        if draw(st.booleans()):
            end = start
        old = text[start:end]
        new = draw(st.text(LETTERS + "\n\n\r", max_size=8))
        if new != old:
            edits.append(Edit(path=path, span=Span(start, end), old=old, new=new))
    return tuple(edits)


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, tuple[Edit, ...]]:
    text = draw(texts())
    return text, draw(edits_of(text, "a.py"))


def change(source: Source, *swaps: tuple[str, str]) -> tuple[Edit, ...]:
    """Edits that replace the first occurrence of each old text."""
    edits = []
    for old, new in swaps:
        start = source.text.index(old)
        edits.append(Edit(path=source.path, span=Span(start, start + len(old)), old=old, new=new))
    return tuple(edits)


def plan_of(files: Mapping[str, tuple[Source, tuple[Edit, ...]]], *, together: bool = True) -> Plan:
    """A plan that makes these edits: one change for all files, or one a file."""
    findings = tuple(
        Finding(
            rule="r",
            path=path,
            span=None,
            category=Category.OTHER,
            message="m",
            because="b",
            action=Action.REWRITE,
            applicability=Applicability.SAFE,
            edits=edits,
        )
        for path, (_, edits) in files.items()
    )
    one = Change(
        id="c", title="t", applicability=Applicability.SAFE, because="b", findings=tuple(range(len(findings))), selected=True
    )
    changes = (one,) if together else tuple(replace(one, id=f"c{i}", findings=(i,)) for i in range(len(findings)))
    return Plan(
        tool="0",
        target=TARGET,
        changes=changes,
        findings=findings,
        digests={path: source.digest for path, (source, _) in files.items()},
        sources={path: source for path, (source, _) in files.items()},
    )


def plan_for(root: Path, swaps: Mapping[str, tuple[tuple[str, str], ...]], *, together: bool = True) -> Plan:
    """A plan over files on the disk."""
    files = {}
    for path, own in swaps.items():
        source = decode(path, (root / path).read_bytes())
        files[path] = (source, change(source, *own))
    return plan_of(files, together=together)
