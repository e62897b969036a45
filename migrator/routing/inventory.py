"""The inventory of model ids: what each is, where it stands, and whether the target's own list has it. Never an edit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from migrator.catalog import model_variants, table
from migrator.facts.model import Fact, FactKind
from migrator.model import Location, MigratorError, ModelRow
from migrator.records import dataclass
from migrator.resolve.repository import ParsedFile
from migrator.routing import model_ids

KINDS = (FactKind.MODEL, FactKind.MODEL_VARIANT, FactKind.MODEL_ROUTER, FactKind.MODEL_PREFIX)
"""Marks that the inventory counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An id that the target's list does not have."""

    id: str
    """As it is written in the code."""
    asked: str
    """As the target would be asked: without a client's prefix and without variants."""
    near: tuple[str, ...]
    """Ids of the list that look like it, best first. Never put in its place."""


def status(model: str) -> str:
    """`same`, `variant`, `router-only`, `prefixed` or `unknown`; the class of an id by its form."""
    form = model_ids.parse(model)
    if form is None:
        return "variant" if model.startswith(":") and model[1:] in model_variants() else "unknown"
    if form.preset or form.alias or form.router:
        return "router-only"
    if form.client:
        return "prefixed"
    if form.variants or form.base in table("model_ids")["efforts"]:
        return "variant"
    return "same"


def note(model: str) -> str:
    """What the form of an id meant at OpenRouter, and which ids of the gateway's catalogue look like the same model."""
    form = model_ids.parse(model)
    data = table("model_ids")
    if form is None:
        variant = model_variants().get(model.lstrip(":"))
        return variant["note"] if variant else "not of the form creator/slug"
    words: list[str] = []
    if form.preset:
        words.append(f"the preset {form.preset} is stored in the OpenRouter account: model, prompts and rules are not in the code")
    elif form.alias:
        words.append("an alias that OpenRouter resolves to the newest version; name the model that is meant")
    elif form.router:
        words.append("a router of OpenRouter's that picks the model; name a model")
    if form.client:
        words.append(f"{form.client} is a client library's prefix, not part of the id")
    words += [
        f":{suffix}: {model_variants()[suffix]['note']}" if suffix in model_variants() else f":{suffix} is not documented"
        for suffix in form.variants
    ]
    if form.base in data["efforts"]:
        effort = data["efforts"][form.base]
        words.append(f"stands for {effort['id']} with reasoning effort {effort['effort']}")
    if form.base in data["candidates"]:
        candidate = data["candidates"][form.base]
        words.append(
            f"the gateway's catalogue had {candidate['id']} in {candidate['seen']} ({candidate['why']}); check it in the target's model list"
        )
    elif form.base in data["ambiguous"]:
        words.append(data["ambiguous"][form.base])
    elif not (form.router or form.preset) and (prefix := data["prefixes"].get(form.base.partition("/")[0])):
        slug = form.base.partition("/")[2]
        words.append(
            f"the gateway may spell it {' or '.join(f'{to}/{slug}' for to in prefix['to'])}; check it in the target's model list"
        )
    return "; ".join(words) or "not checked: give the target's model list with --models-from"


def inventory(
    marks: Iterable[Fact], files: Mapping[str, ParsedFile], missing: Iterable[Missing] | None = None
) -> tuple[ModelRow, ...]:
    """One row for each id with every place it stands, by id. `missing`: the answer of `check`, once a list was given."""
    lines: dict[str, set[Location]] = {}
    for mark in marks:
        if mark.kind in KINDS and mark.text and (file := files.get(mark.path)) is not None:
            lines.setdefault(mark.text, set()).add(Location(path=mark.path, line=file.lines.line(mark.span.start)))
    absent = {row.id: row for row in missing} if missing is not None else None
    return tuple(
        ModelRow(
            id=model,
            locations=tuple(sorted(places, key=lambda at: (at.path, at.line))),
            status=status(model),
            note=_said(model, absent),
        )
        for model, places in sorted(lines.items())
    )


def _said(model: str, absent: Mapping[str, Missing] | None) -> str:
    if absent is None:
        return note(model)
    listed = absent.get(model)
    if listed is None:
        plain = status(model) == "same"
        return (
            "in the target's model list"
            if plain
            else f"{note(model)}; without that it is in the target's model list"
            if _asked(model)
            else note(model)
        )
    hint = f"; similar: {', '.join(listed.near)}" if listed.near else ""
    words = note(model)
    told = "" if words.startswith("not checked") else f"; {words}"
    return f"not in the target's model list{hint}{told}"


def _asked(model: str) -> str | None:
    form = model_ids.parse(model)
    if form is None or form.router or form.alias or not form.base:
        return None
    return form.base


def listing(answer: bytes) -> tuple[str, ...]:
    """The ids of a saved answer of `GET /models` in any of its three shapes: a list, `data`, or `models`. Raises `MigratorError`.

    Entries are objects with an `id`, or plain ids. The live commands read prices and further pages too, which nothing here needs.
    """
    try:
        document = json.loads(answer)
    except ValueError as error:
        raise MigratorError(f"--models-from: not JSON ({error}); save the answer of GET /models of the target.") from None
    rows = document.get("data", document.get("models")) if isinstance(document, dict) else document
    entries = rows if isinstance(rows, list) else []
    names = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries]
    listed = tuple(dict.fromkeys(name for name in names if isinstance(name, str)))
    if not listed and rows != []:
        raise MigratorError(
            "--models-from: no model list in it; expected a list, or an object with `data` or `models`, of objects with an `id`."
        )
    return listed


def near(model: str, listed: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Ids of a list that look like this one, best first: the same name under another creator, then by likeness."""
    listed = list(listed)
    slug = model.rpartition("/")[2]
    same = [other for other in listed if other != model and other.rpartition("/")[2] == slug]
    return tuple(dict.fromkeys([*same, *get_close_matches(model, listed, n=count, cutoff=0.6)]))[:count]


def check(models: Iterable[str], answer: bytes) -> tuple[Missing, ...]:
    """Ids that the target's list does not have, with the nearest names. Ids that only OpenRouter answers are left out.

    Presence proves less than absence: a project's own allowlist may still refuse a listed model. Raises `MigratorError`.
    """
    known = listing(answer)
    present = frozenset(known)
    return tuple(
        Missing(id=model, asked=asked, near=near(asked, known))
        for model in sorted(set(models))
        if (asked := _asked(model)) and asked not in present
    )
