"""A plan that was saved is the plan that was made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.model import (
    Action,
    Applicability,
    Category,
    Change,
    ConnectionRow,
    Edit,
    EnvRow,
    Finding,
    Location,
    MigratorError,
    ModelRow,
    Plan,
    Problem,
    RoutingRow,
    Skip,
    Source,
    Span,
    Target,
    Todo,
)
from migrator.plan import file

# undecodable bytes of prose in an old encoding are read as these surrogates
TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from(["\udc80", "\udcff"]), max_size=8)
NUMBER = st.integers(0, 2**40)
SPAN = st.builds(Span, NUMBER, NUMBER)
OPTIONAL = st.none() | TEXT


def _tuples(part: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(part, max_size=2).map(tuple)


PLACES = _tuples(st.builds(Location, path=TEXT, line=NUMBER))
TARGETS = st.builds(Target, anthropic_base=OPTIONAL, console=OPTIONAL, **dict.fromkeys(("name", "title", "openai_base"), TEXT))
FINDINGS = st.builds(
    Finding,
    rule=TEXT,
    path=TEXT,
    span=st.none() | SPAN,
    category=st.sampled_from(Category),
    message=TEXT,
    because=TEXT,
    action=st.sampled_from(Action),
    applicability=st.sampled_from(Applicability),
    edits=_tuples(st.builds(Edit, path=TEXT, span=SPAN, old=TEXT, new=TEXT)),
    keys=st.frozensets(TEXT, max_size=3),
    required=st.booleans(),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    findings = tuple(draw(st.lists(FINDINGS, max_size=3)))
    change = st.builds(
        Change,
        id=TEXT,
        title=TEXT,
        applicability=st.sampled_from(Applicability),
        because=TEXT,
        findings=_tuples(st.sampled_from(range(len(findings)))) if findings else st.just(()),
        selected=st.booleans(),
    )
    return draw(
        st.builds(
            Plan,
            tool=TEXT,
            target=TARGETS,
            changes=_tuples(change),
            findings=st.just(findings),
            env=_tuples(
                st.builds(EnvRow, name=TEXT, new_name=OPTIONAL, decision=TEXT, because=TEXT, readers=PLACES, definers=PLACES)
            ),
            connections=_tuples(st.builds(ConnectionRow)),
            routing=_tuples(st.builds(RoutingRow)),
            models=_tuples(st.builds(ModelRow, locations=PLACES)),
            todo=_tuples(st.builds(Todo)),
            skipped=_tuples(st.builds(Skip)),
            problems=_tuples(st.builds(Problem)),
            scanned=NUMBER,
            matched=NUMBER,
            digests=st.dictionaries(TEXT, TEXT, max_size=2),
        )
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_load_is_the_inverse_of_dump(plan: Plan) -> None:
    text = file.dump(plan)
    assert file.load(text) == plan
    assert file.dump(file.load(text)) == text


def _tiny(**more: Any) -> Plan:
    target = Target(
        name="t",
        title="T",
        openai_base="https://t.example/v1",
        anthropic_base=None,
        key_env="T_KEY",
        key_example="t-...",
        key_prefixes=("t-",),
        refused_prefixes=(),
        sandbox_prefixes=(),
        dialect="none",
        routing_fields=(),
        endpoints=(),
        console=None,
    )
    return Plan(tool="1", target=target, **more)


def test_equal_plans_give_equal_text() -> None:
    one, other = _tiny(digests={"a.py": "1", "b.py": "2"}), _tiny(digests={"b.py": "2", "a.py": "1"})
    assert one == other
    assert file.dump(one) == file.dump(other)


def test_the_texts_of_the_files_are_not_saved() -> None:
    source = Source(path="a.py", text="a word of the file", encoding="utf-8", bom=False, digest="0")
    assert "a word of the file" not in file.dump(_tiny(sources={"a.py": source}))


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "{}", '{"schema": "migrate-openrouter/plan/2", "plan": {}}', "[" * 100_000, "null"]
)
def test_another_document_is_refused_by_name(text: str) -> None:
    with pytest.raises(MigratorError, match=r"^saved\.json: not a saved plan"):
        file.load(text, name="saved.json")


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("tool", 1, r"plan\.tool"),
        ("scanned", True, r"plan\.scanned"),
        ("scanned", "1", r"plan\.scanned"),
        ("changes", {}, r"plan\.changes"),
        ("changes", [{}], r"plan\.changes\[0\]"),
        ("digests", {"a.py": 3}, r"plan\.digests\.a\.py"),
        ("target", None, r"plan\.target"),
        ("surplus", 1, r"plan"),
    ],
)
def test_a_damaged_plan_is_refused_with_the_place(key: str, value: object, place: str) -> None:
    document = json.loads(file.dump(_tiny()))
    document["plan"][key] = value
    with pytest.raises(MigratorError, match=rf"^{place}: not a"):
        file.load(json.dumps(document))


@pytest.mark.parametrize("index", [4, 0, -1])
def test_a_change_that_names_a_finding_that_is_not_there_is_refused(index: int) -> None:
    change = Change(id="c1", title="", applicability=Applicability.SAFE, because="", findings=(index,), selected=True)
    with pytest.raises(MigratorError, match=f"c1 names finding {index}, and there are 0"):
        file.load(file.dump(_tiny(changes=(change,))))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("span", [1, "2"]), ("span", ["1", 2]), ("span", [1]), ("span", [1, 2, 3]), ("span", {"0": 1, "1": 2}), ("span", [True, 2]),
        ("action", ["flag"]), ("action", "other"), ("applicability", ["safe"]), ("applicability", "other"), ("keys", {"a": 1}),
        ("keys", [1]), ("edits", None), ("required", 1),
    ],
)  # fmt: skip
def test_a_damaged_finding_is_refused_with_the_place(key: str, value: object) -> None:
    finding = Finding(
        rule="r", path="a.py", span=Span(1, 2), category=next(iter(Category)), message="m", because="b", action=next(iter(Action)),
        applicability=Applicability.SAFE, edits=(), keys=frozenset("k"), required=True,
    )  # fmt: skip
    document = json.loads(file.dump(_tiny(findings=(finding,))))
    assert file.load(json.dumps(document)).findings == (finding,)
    document["plan"]["findings"][0][key] = value
    with pytest.raises(MigratorError, match=rf"^plan\.findings\[0\]\.{key}: not a "):
        file.load(json.dumps(document))
