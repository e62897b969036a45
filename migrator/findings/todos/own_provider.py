"""A target with a provider of its own for the AI SDK: what a person can write instead of the provider that was pointed there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.formats.tree import Call, Str
from migrator.model import Todo
from migrator.resolve.context import last_name

_STEM = "ai-sdk-openrouter"
"""The integration whose clients the target's own provider could take the place of."""


def own_provider(analysis: Analysis) -> Iterator[Todo]:
    """One hint with all files, made from the program's own calls; it is not written because the requests would be others."""
    package = analysis.target.ai_sdk
    files = sorted(
        {
            addition.path
            for move in analysis.moves
            if package and (not move.unsafe or analysis.options.unsafe)
            for addition in move.additions
            if any(mark.text == _STEM for mark in addition.marks)
        }
    )
    if not files:
        return
    read = f"process.env.{analysis.target.key_env}"
    yield Todo(
        title=f"Decide whether {package} shall take the place of the provider in {', '.join(files)}",
        detail=f'{analysis.target.title} has a provider of its own: `import {{ createGateway }} from "{package}"`, '
        f"`const gateway = createGateway({{ apiKey: {read} }})`, then {_calls(analysis, files)}; "
        "options of routing go into `providerOptions.gateway`.",
        command=f"npm install {package}",
        because="it speaks a protocol of its own, so its requests are not those of before, and no run can prove them equal",
        where=tuple(files),
    )


def _calls(analysis: Analysis, files: list[str]) -> str:
    """The program's own models in the words of the new provider."""
    models: dict[str, None] = {}
    for path in files:
        for step in analysis.facts[path].calls:
            node = step.node
            first = node.args[0].value if isinstance(node, Call) and node.args else None
            named = isinstance(node, Call) and last_name(node.func).lower() in ("openrouter", "chat", "languagemodel")
            if named and isinstance(first, Str) and re.fullmatch(r"[\w.-]+/[\w.:-]+", first.value):
                models[f'`gateway("{first.value}")`'] = None
    return ", ".join(models) or '`gateway("creator/slug")`'
