"""The facts of other kinds that findings are made of: in files that run, of a tree that talks to OpenRouter."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.facts.model import Fact, FactKind

_TALKING = (FactKind.HIDDEN_CLIENT, FactKind.UNLISTED_CLIENT, FactKind.SDK_IMPORT, FactKind.MODEL_PREFIX)


def talks(analysis: Analysis) -> bool:
    """Does anything in this tree talk to OpenRouter?"""
    return bool(analysis.decisions) or any(facts.marked(*_TALKING) for facts in analysis.facts.values())


def facts_of(analysis: Analysis, *kinds: FactKind, several_providers: bool = False) -> Iterator[Fact]:
    """The facts of some kinds, file by file; none in a tree that does not talk to OpenRouter.

    Where OpenRouter is one of several providers, the finding for the repository speaks for all of them, unless they are wanted
    (`several_providers`).
    """
    if talks(analysis):
        for path, facts in sorted(analysis.facts.items()):
            if analysis.code(path) and (several_providers or not analysis.has_several_providers(path)):
                yield from facts.marked(*kinds)
