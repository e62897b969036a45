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
    """Files that mention what the program uses and are no part of it."""
    names = [name for key in program.keys for name in key.names]
    files = {
        "readme": ("README.md", f"# Summaries\n\nAsks OpenRouter. Needs {', '.join(names)}.\n"),
        "foreign-reader": ("report/usage.R", f'key <- Sys.getenv("{names[0]}")\nprint(nchar(key))\n'),
        "broken-file": ("drafts/draft.py", f'import os\nkey = os.environ["{names[0]}"\nprint(key\n'),
        "manifest": (
            "docs/package.json",
            '{\n  "private": true,\n  "dependencies": {"@openrouter/ai-sdk-provider": "^2.0.0"}\n}\n',
        ),
    }
    return dict(files[extra] for extra in program.extras if extra in files)
