"""The proof notices what it is there for: with one rule of the tool broken, an application that held no longer does.

A mutation changes the plan before it is applied: it takes edits away or puts back what the rule took out. Each is tried on the smallest application
that depends on the rule, which must hold without the mutation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from migrator.model import Edit, Plan
from tests.proof.gateways import OLD
from tests.proof.grammar import Address, Call, Delivery, Key, Program
from tests.proof.runners import node_packages
from tests.proof.session import Session


def edited(change: Callable[[Edit], Edit | None]) -> Callable[[Plan], Plan]:
    """A mutation that changes single edits, or takes them away (None)."""

    def mutate(plan: Plan) -> Plan:
        findings = [
            replace(finding, edits=tuple(new for edit in finding.edits if (new := change(edit)))) for finding in plan.findings
        ]
        return replace(plan, findings=tuple(findings))

    return mutate


def without_file(path: str) -> Callable[[Plan], Plan]:
    """Leaves a file as it is, as if its kind of definer were not known."""
    return edited(lambda edit: None if edit.path == path else edit)


def spelled(new: str, old: str, path: str = "") -> Callable[[Plan], Plan]:
    """Writes `old` where the tool writes `new`, in one file or in all."""
    return edited(lambda edit: replace(edit, new=edit.new.replace(new, old)) if path in ("", edit.path) else edit)


def left_at(text: str) -> Callable[[Plan], Plan]:
    """Leaves places as they are that read so."""
    return edited(lambda edit: None if text in edit.old else edit)


def program(
    language: str, key: Key, address: Address, client: str, delivery: str = "host", options: tuple[str, ...] = ()
) -> Program:
    """An application with one connection."""
    return Program(language, (key,), (address,), ((Call(client, 0, 0, options=options),),), Delivery(delivery))


ENV = Key("property", ("OPENROUTER_API_KEY",))
INDEX = Key("index", ("OPENROUTER_API_KEY",))
LITERAL = Address("literal")
REQUIRED = Address("required", "OPENROUTER_BASE_URL")
DEFAULT = Address("default", "OPENROUTER_BASE_URL")
PAIR = program("python", Key("library", ("OPENAI_API_KEY",)), Address("library", "OPENAI_BASE_URL"), "openai")


@dataclass(frozen=True)
class Mutation:
    """A broken rule and an application that notices."""

    rule: str
    program: Program
    mutate: Callable[[Plan], Plan]
    law: str


MUTATIONS = (
    Mutation("a key is read so that the library cannot take the old one", program("typescript", ENV, LITERAL, "create-openrouter"), spelled(' ?? ""', ""), "W1"),
    Mutation("all fall-backs of a key move", program("python", Key("or", ("OPENROUTER_API_KEY", "OPENROUTER_API_KEY_PROD")), LITERAL, "httpx"), left_at("OPENROUTER_API_KEY_PROD"), "W1"),
    Mutation("address variables are renamed with the key", program("python", INDEX, DEFAULT, "httpx"), spelled("MG_BASE_URL", "OPENROUTER_BASE_URL"), "W1"),
    Mutation("the address moves with the key", program("python", INDEX, LITERAL, "httpx"), left_at("openrouter.ai"), "W1"),
    Mutation("compose files follow", program("python", INDEX, LITERAL, "httpx", "compose"), without_file("compose.yaml"), "W3"),
    Mutation("workflows follow", program("python", INDEX, LITERAL, "httpx", "workflow"), without_file(".github/workflows/run.yml"), "W3"),
    Mutation("shell scripts that export follow", replace(PAIR, delivery=Delivery("launcher", alias="OPENROUTER_API_KEY")), left_at("OPENROUTER_API_KEY"), "W1"),
    Mutation("Dockerfiles follow", program("python", INDEX, REQUIRED, "httpx", "docker"), spelled("synapse.garden", OLD, "Dockerfile"), "W1"),
    Mutation("routing rules called written are written", program("python", INDEX, LITERAL, "httpx", options=("order",)), left_at("provider"), "W2"),
    Mutation("what is recognised moves", program("python", INDEX, LITERAL, "httpx"), left_at(""), "W4"),
    Mutation("places that are counted are edited", program("python", INDEX, LITERAL, "httpx", "launcher"), without_file("run.sh"), "W5"),
)  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule.replace(" ", "-"))
def test_a_broken_rule_is_noticed(mutation: Mutation, session: Session) -> None:
    if mutation.program.language == "typescript" and node_packages() is None:
        pytest.skip("Node or the packages of tests/node are missing")
    _, before = session.look(mutation.program)
    assert not before, "the application does not hold with the rule either"
    _, broken = session.look(mutation.program, mutate=mutation.mutate)
    assert any(violation.law.startswith(mutation.law) for violation in broken), f"unnoticed; seen: {broken}"


def test_an_undo_that_does_nothing_is_noticed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.proof.tool.undo", lambda root, *, state: None)
    _, broken = session.look(program("python", INDEX, LITERAL, "httpx"))
    assert "W6" in {violation.law for violation in broken}
