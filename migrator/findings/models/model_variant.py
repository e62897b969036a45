"""model-variant, model-router, model-prefix, model-catalogue: model ids that mean something only at OpenRouter: variants, routers, prefixes, and whole catalogues of them."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.providers import is_catalogue
from migrator.analysis.routing_losses import calls_target
from migrator.catalog import model_variants
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import Fact, FactKind, Facts
from migrator.findings.flags import flagged
from migrator.findings.marks import talks
from migrator.model import Action, Category, Finding

_NAMED = 3
"""Model ids that are named in one message."""


def model_ids(analysis: Analysis) -> Iterator[Finding]:
    """The special ids of each file that runs or offers them to users, also in a tree that calls the target already."""
    asked = talks(analysis) or any(calls_target(analysis, path) for path in analysis.facts)
    for path, facts in sorted(analysis.facts.items()) if asked else ():
        if analysis.code(path) or (path_kinds.is_page(path) and not path_kinds.is_test(path)):
            yield from _in_file(analysis, facts, collapsed=analysis.has_several_providers(path))


def _in_file(analysis: Analysis, facts: Facts, *, collapsed: bool) -> Iterator[Finding]:
    """Once an id and line; once a file where it is a catalogue or, `collapsed`, where OpenRouter is one of several providers."""
    path = facts.path
    variants = facts.marked(FactKind.MODEL_VARIANT, FactKind.MODEL_ROUTER, FactKind.MODEL_PREFIX)
    if is_catalogue(facts, program=analysis.language(path) in PROGRAMS):
        message = f"a catalogue of OpenRouter's models ({len(variants)} special ids)"
        yield flagged(
            RuleId.MODEL_CATALOGUE, path, None, Category.MODEL_ID, message, "ids, prices and limits are OpenRouter's data"
        )
        return
    if collapsed:
        if variants:
            names = list(dict.fromkeys(mark.text for mark in variants))
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            message = f"model ids of OpenRouter alone: {', '.join(names[:_NAMED])}{more}"
            yield flagged(
                RuleId.MODEL_CATALOGUE, path, None, Category.MODEL_ID, message, "what each variant means: explain model-variant"
            )
        return
    seen: set[tuple[int, str]] = set()
    for mark in variants:
        line_and_id = (analysis.repository.files[path].lines.line(mark.span.start), mark.text)
        if line_and_id not in seen:
            seen.add(line_and_id)
            yield _model(analysis, mark)


def _model(analysis: Analysis, mark: Fact) -> Finding:
    known = model_variants()
    suffixes = [part for part in (mark.note or mark.text).split(":") if part in known]
    prefix_stays = mark.kind is FactKind.MODEL_PREFIX and analysis.explicits.answers(mark)
    if mark.kind is FactKind.MODEL_VARIANT or (prefix_stays and suffixes):
        rule, message = RuleId.MODEL_VARIANT, f"{mark.text} is a variant that only OpenRouter has"
        because = "; ".join(f":{suffix}: {known[suffix]['note']}" for suffix in suffixes)
    elif mark.kind is FactKind.MODEL_ROUTER:
        rule, message = RuleId.MODEL_ROUTER, f"{mark.text} is chosen by OpenRouter itself"
        because = "name a concrete model that the target has"
    else:
        rule, message = RuleId.MODEL_PREFIX, f"the prefix of {mark.text} makes a library call OpenRouter"
        because = "the library picks host and key by it: change prefix, address and key together"
    action = Action.FLAG
    if prefix_stays and not suffixes:
        action, because = Action.KEEP, "every call that it reaches is given an address and a key: the prefix stays"
    return flagged(rule, mark.path, mark.span, Category.MODEL_ID, message, because, action=action)
