"""GitHub Actions: workflows, reusable workflows and composite actions, and the look-alikes of Gitea and Forgejo.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import re
from typing import Any

from migrator.formats.config.context import Document
from migrator.formats.config.env_entries import ASSIGNED, CAPITALS, IDENTIFIER, bare, mapping, shell_text, variables
from migrator.formats.interpolation import Dialect, condition, scalar
from migrator.formats.tree import EnvRef, Item, Node, Str, children
from migrator.patterns import regex


def workflow(document: Document, root: Node) -> None:
    """The variables, inputs and secrets of a workflow or an action, at every level."""
    _env(document, document.get(root, "env"))
    declared: set[str] = set()
    triggers = document.get(root, "on")
    for trigger in ("workflow_call", "workflow_dispatch"):
        for section in ("secrets", "inputs"):
            for name, _, item in document.entries(document.get(document.get(triggers, trigger), section)):
                _input(document, item, name, f"interface:{trigger}")
                if section == "secrets":
                    declared.add(name)
    if document.get(root, "runs") is not None:
        for name, _, item in document.entries(document.get(root, "inputs")):
            _input(document, item, name, "interface:action")
    for _, job, _ in document.entries(document.get(root, "jobs")):
        _env(document, document.get(job, "env"))
        _condition(document, job)
        uses = document.text(document.get(job, "uses"))
        if uses:
            owner = f"interface:{uses}" if uses.startswith("./") else f"workflow:{uses}"
            mapping(document, document.get(job, "secrets"), "actions-with", owner, anything=True)
            mapping(document, document.get(job, "with"), "actions-with", owner, anything=True)
        _env(document, document.get(document.get(job, "container"), "env"))
        for _, service, _ in document.entries(document.get(job, "services")):
            image = document.text(document.get(service, "image"))
            _env(document, document.get(service, "env"), f"image:{image}" if image else "")
        shell = _shell_name(document, job) or _shell_name(document, root)
        if not shell and "windows" in document.text(document.get(job, "runs-on")).lower():
            shell = "pwsh"
        _steps(document, document.get(job, "steps"), shell)
    runs = document.get(root, "runs")
    _env(document, document.get(runs, "env"))
    _steps(document, document.get(runs, "steps"), "")
    if declared:
        own_secrets(root, declared, "interface:workflow_call")


def _env(document: Document, node: Node | None, owner: str = "") -> None:
    variables(document, node, "actions-env", "actions-env", owner, anything=True, passes=False)


def _input(document: Document, item: Item, name: str, owner: str) -> None:
    if isinstance(item.key, Str):
        document.define(item.span, name, item.key.inner, None, "actions-input", owner)


def _shell_name(document: Document, node: Node | None) -> str:
    return document.text(document.get(document.get(document.get(node, "defaults"), "run"), "shell"))


def _condition(document: Document, node: Node) -> None:
    """`if:` is an expression with or without `${{ }}` around it; the latter shows as a scalar without references."""
    test = document.get(node, "if")
    view = document.view(test) if isinstance(test, Str) else None
    if view is not None:
        document.variables.extend(condition(view))


def _steps(document: Document, steps: Node | None, default_shell: str) -> None:
    for step in document.elements(steps):
        uses = document.text(document.get(step, "uses"))
        runs_ours = (
            not uses
            or uses.startswith("./")
            or any(name in _SCRIPTS for name, _, _ in document.entries(document.get(step, "with")))
        )
        _env(document, document.get(step, "env"), "" if runs_ours else f"action:{uses}")
        _condition(document, step)
        shell = document.text(document.get(step, "shell")) or default_shell
        if not shell or re.match(r"(?:/bin/)?(?:ba|z|da)?sh\b", shell):
            shell_text(document, document.get(step, "run"))
        if uses:
            owner = f"interface:{uses}" if uses.startswith("./") else f"action:{uses}"
            _with(document, document.get(step, "with"), owner, scripted="github-script" not in uses)


_NAME = regex(r"[^\s,]+")
_ENV_INPUT = regex(r"(?i)env|build.?args?$")
_SCRIPTS = frozenset({"script", "run", "command", "commands", "cmd"})


def _name_list(text: str) -> list[re.Match[str]]:
    """The words of a text that is nothing but names, one to a line or between commas; empty for any other text."""
    parts = [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]
    return list(_NAME.finditer(text)) if all(IDENTIFIER.match(part) for part in parts) else []


def _with(document: Document, node: Node | None, owner: str, *, scripted: bool) -> None:
    """The inputs of an action: names of its own, some of whose values name variables line by line, or are shell text."""
    for name, value, item in document.entries(node):
        if isinstance(item.key, Str):
            document.define(item.span, name, item.key.inner, bare(value), "actions-with", owner)
        view = document.view(value)
        if view is None:
            continue
        if scripted and name.lower() in _SCRIPTS:
            shell_text(document, value)
        elif tokens := _name_list(view.text):
            if len(tokens) > 1 or _ENV_INPUT.search(name):
                for token in tokens:
                    if CAPITALS.match(token[0]):
                        span = view.span(*token.span())
                        document.refer(span, token[0], span, "actions-name-list")
        elif _ENV_INPUT.search(name):
            how = "actions-build-arg" if "arg" in name.lower() else "actions-env-lines"
            for line in re.finditer(r"[^\n]+", view.text):
                match = ASSIGNED.match(line[0])
                if match is None or not match["equals"]:
                    continue
                start, stop = line.start() + match.start("name"), line.start() + len(line[0].rstrip())
                inner = view.span(line.start() + match.end(), stop)
                content = scalar(view.cut(line.start() + match.end(), stop), inner, inner, Dialect.PLACEHOLDER)
                name_span = view.span(start, start + len(match["name"]))
                document.define(view.span(start, stop), match["name"], name_span, bare(content), how)


def own_secrets(root: Node, declared: set[str] | None, owner: str) -> None:
    """Say where `${{ secrets.X }}` comes from when that is not the repository's store: for the names `declared`, or for all.

    A secret that the caller of a reusable workflow hands in stands in no store: its name is the workflow's interface.
    """
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, EnvRef) and node.how == "actions-secret" and (declared is None or node.name in declared):
            node.owner = owner
        stack.extend(children(node))
