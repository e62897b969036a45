"""The promises of routing for whole programs: what a program sends after its edits is the translation of what it sent before.

Generated programs are edited as a run would edit them and executed before and after, with stand-ins for the clients, on both ways
through their conditions. 2,000 in CI, 20,000 with HYPOTHESIS_PROFILE=nightly, 150 on a desk.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from migrator.catalog.targets import load
from migrator.model import Applicability
from migrator.routing.losses import Loss, losses
from migrator.routing.write import Written, compose
from migrator.text.splice import splice
from tests.routing.bodies import sent_by_tree, translated
from tests.routing.scripts import Node, scripts, sent_by_shell
from tests.routing.shapes import Program, programs
from tests.routing.test_proof import PROFILE
from tests.routing.trees import sites_of

TARGET = load("synapse")
CASES = {"nightly": 20_000, "ci": 2_000}.get(PROFILE, 150)


def edited(program: Program, *, unsafe: bool) -> tuple[dict[str, str], list[Written], list[Loss]]:
    """The files after a run, what was written, and what is lost; the files as they were where a plain run must wait."""
    repository, sites = sites_of(program.files)
    written = [compose(site, TARGET, repository.files) for site in sites]
    lost = [loss for site, each in zip(sites, written, strict=True) for loss in losses(site, each)]
    if not unsafe and any(loss.applicability is not Applicability.SAFE for loss in lost):
        return dict(program.files), written, lost
    edits: dict[str, list[Any]] = {path: [] for path in program.files}
    for site, each in zip(sites, written, strict=True):
        edits[site.path] += each.edits
    return {path: splice(text, edits[path]) for path, text in program.files.items()}, written, lost


@pytest.mark.parametrize("unsafe", [False, True])
@settings(max_examples=CASES // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs())
def test_a_program_sends_the_translation_of_what_it_sent(unsafe: bool, program: Program) -> None:
    check(program, unsafe=unsafe)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    if shutil.which("node") is None:
        pytest.skip("Node is not installed: programs in JavaScript are not run")
    process = Node()
    yield process
    process.close()


@pytest.mark.parametrize("unsafe", [False, True])
@settings(max_examples=CASES // 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=scripts("ecma"))
def test_javascript_sends_the_translation_of_what_it_sent(node: Node, unsafe: bool, program: Program) -> None:
    check(program, unsafe=unsafe, send=node.sent)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("unsafe", [False, True])
@settings(max_examples=CASES // 8, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=scripts("shell"))
def test_a_script_sends_the_translation_of_what_it_sent(unsafe: bool, program: Program) -> None:
    check(program, unsafe=unsafe, send=lambda files, _flag: sent_by_shell(files))


def check(program: Program, *, unsafe: bool, send: Callable[[Mapping[str, str], bool], dict[str, Any]] = sent_by_tree) -> None:
    """Edits a program and compares what it sends, on both ways through its conditions."""
    after, written, lost = edited(program, unsafe=unsafe)
    if after == program.files and not unsafe and any(loss.applicability is not Applicability.SAFE for loss in lost):
        return
    for flag in (True, False):
        before = send(program.files, flag)
        sent = send(after, flag)
        wanted, exact = translated(before, TARGET, whole=False)
        if _plain(sent) == _plain(wanted):
            assert unsafe or exact, f"a rule is lost in a change called safe\n{program.text()}"
            continue
        # what is not written is left whole, and told
        assert any(not each.carries(row) for each in written for row in each.translation.rows), (
            f"sent {sent}\nwanted {wanted}\n{program.text()}"
        )
        assert _left(sent, before, wanted), f"sent {sent}\nwanted {wanted}\n{program.text()}"
        assert unsafe or exact, f"a rule is lost in a change called safe\n{program.text()}"


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """A body without empty objects of the gateway and of the provider, which ask for nothing."""
    empty: dict[str, tuple[Any, ...]] = {"providerOptions": ({"gateway": {}}, None), "provider": ({}, None)}
    return {name: value for name, value in body.items() if value not in empty.get(name, ())}


def _left(sent: dict[str, Any], before: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Does every option stand as it was, or as it must be?"""
    gateway = wanted.get("providerOptions", {}).get("gateway", {})
    given = sent.get("providerOptions", {}).get("gateway", {})
    return all(value == gateway.get(name) for name, value in given.items()) and all(
        value == before.get(name) for name, value in sent.items() if name not in ("providerOptions", "provider")
    )
