"""The files of a generated application."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.proof.deploy import deployment_files
from tests.proof.grammar import Program
from tests.proof.render import ecma, python, shell

RENDERERS: Mapping[str, Callable[[Program], dict[str, str]]] = {
    "python": python.files,
    "typescript": ecma.files,
    "javascript": ecma.files,
    "shell": shell.files,
}


def tree_of(program: Program) -> dict[str, str]:
    """The application as the tool sees it: path to text."""
    return {**RENDERERS[program.language](program), **deployment_files(program), **_documents(program)}


def _documents(program: Program) -> dict[str, str]:
    names = ", ".join(name for key in program.keys for name in key.names)
    return {"README.md": f"# Summaries\n\nAsks OpenRouter. Needs {names}.\n"} if "readme" in program.extras else {}
