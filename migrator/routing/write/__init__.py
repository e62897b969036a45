"""Edits that put a translation into the text, in the form that reaches the wire with this client.

Nothing is printed from a tree: entries that go are cut, one piece of text is put where the first of them stood, and everything else
stays as it is, comments included. Options without a counterpart stay where they are and never stop the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Assign, Call, Item, Obj, Str
from migrator.model import Edit, Span, Target
from migrator.records import dataclass, replace
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import dotted
from migrator.routing import model_ids
from migrator.routing.find.site import Carrier, Entry, RoutingSite
from migrator.routing.find.stores import How
from migrator.routing.find.values import wire_name
from migrator.routing.joint import joint, writes_inside
from migrator.routing.model import Row, Status, Translation, Unknown, Value, known
from migrator.routing.translate import translate
from migrator.routing.write.alternatives import alternatives
from migrator.routing.write.cutting import cut, salvaged
from migrator.routing.write.notation import written_as_one
from migrator.routing.write.statements import comments_of, merged, options_of, stored
from migrator.routing.write.style import Style
from migrator.routing.write.toml import lines_of_toml
from migrator.routing.write.yaml import lines_of_yaml

_WRITABLE = (
    Carrier.JSON_BODY,
    Carrier.EXTRA_BODY,
    Carrier.OPENAI_JS,
    Carrier.KEYWORDS,
    Carrier.ENTRIES,
    Carrier.PROVIDER_OPTIONS,
    Carrier.MODEL_SETTINGS,
    Carrier.MODEL_KWARGS,
)
_WRAPPERS = {Carrier.MODEL_SETTINGS: "extraBody", Carrier.MODEL_KWARGS: "modelKwargs"}
"""The setting of a client that takes what is to be sent beside its own settings."""
_KEYWORDS = {
    "litellm.": "extra_body=%s",
    "agno.models.openrouter.": "extra_body=%s",
    "openrouter.": "extra_body=%s",
    "langchain_openrouter.": "extra_body=%s",
    "pydantic_ai.models.openrouter.": "extra_body=%s",
    "llama_index.llms.openrouter.": 'additional_kwargs={"extra_body": %s}',
}
"""Callees (how their qualified names begin) that take options as keywords, and the keyword for what is to be sent beside them."""
_LANGUAGES = frozenset(("python", "notebook", "ecma", "json", "yaml", "toml", "shell", *LANGUAGES))
"""Languages that the style knows how to write."""
_NOT_ONE = "a statement is rewritten only where one new statement takes its place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is written at one site."""

    translation: Translation
    """As far as it can be written there."""
    edits: tuple[Edit, ...] = ()
    refusal: str | None = None
    """Why there are no edits; None where there are some."""
    wants: bool = False
    """Is there something that would be written, were it not for the refusal?"""

    def carries(self, row: Row) -> bool:
        """Does what the row asks for stand in the file, in the form that the target reads, once the edits are made?"""
        return self.translation.stays(row) or (self.refusal is None and self.translation.carries(row))


def compose(site: RoutingSite, target: Target, files: Mapping[str, ParsedFile], *, name: str | None = None) -> Written:
    """The edits of one site, or why it is left to a person.

    `files`: the files of the repository by path. `name`: what the AI SDK's OpenAI-compatible provider will be called (`synapse`), where
    call-level options move from `providerOptions.openrouter` to it; None keeps the key, which is right while the provider is OpenRouter's
    own package. Statements that fill one object are written together or not at all: one that stays would write into what is gone.
    """
    file = files[site.path]
    if site.dialect == "openrouter" and not site.disturbed and (each := alternatives(site, target, file)) is not None:
        return Written(translation=each[0], edits=tuple(each[1]))
    if not site.companions or site.dialect != "openrouter":
        return _alone(site, _writable(site, site.translation(target), target), file, name)
    parts = joint(site.companions, target)
    if parts is None:
        translation = _writable(site, site.translation(target), target)
        return Written(translation=translation, refusal="other statements add options that cannot be translated one by one")
    each_written = {
        companion: _alone(
            companion, _with_model(companion, part.translation, target), files[companion.path], name, empty=part.empty
        )
        for companion, part in zip(site.companions, parts, strict=True)
    }
    written = each_written[site]
    left = next((other for other in site.companions if each_written[other].refusal and each_written[other].wants), None)
    if written.refusal is None and left is not None:
        line = files[left.path].lines.line(left.span.start)
        why = f"line {line}{'' if left.path == site.path else f' of {left.path}'} writes to the same object and is left: {each_written[left].refusal}"
        return Written(translation=written.translation, refusal=why)
    return written


def _with_model(site: RoutingSite, together: Translation, target: Target) -> Translation:
    return replace(together, model=_writable(site, site.translation(target), target).model)


def _alone(site: RoutingSite, translation: Translation, file: ParsedFile, name: str | None, *, empty: bool = False) -> Written:
    """The edits of one site without regard to others. `empty`: other statements write into its new object, also where nothing is in it."""
    why = site.disturbed or _refusal(site, translation, file, empty=empty)
    if why:
        return Written(translation=translation, refusal=why, wants=translation.changes or empty)
    match site.holder:
        case _ if site.write.several:
            edits = merged(site, translation, file)
        case Obj():
            edits = _object(site, site.holder, translation, file, name, empty=empty)
        case Call() if _takes_keywords(site):
            edits = _call(site, site.holder, translation, file)
        case Assign() | Call():
            edits = stored(site, site.holder, translation, file)
    if not edits:
        why = "its text cannot be changed without touching what stands beside it"
        return Written(translation=translation, refusal=why, wants=True)
    return Written(translation=translation, edits=tuple(edits))


def _writable(site: RoutingSite, translation: Translation, target: Target) -> Translation:
    """The translation without the part of the model id, where that is written elsewhere or not as a plain literal."""
    model = site.settings.model
    if translation.model is None or model is None or (site.model is not None and site.model.exact):
        return translation
    form = model_ids.parse(model) if isinstance(model, str) else None
    plain: str | Unknown = form.base if form is not None else Unknown("given elsewhere")
    options = site.settings
    rest = translate(
        replace(options, model=plain),
        target,
    )
    told = tuple(
        replace(
            row, status=Status.UNKNOWN, becomes=None, emits=(), note=f"{row.note}; the id is written elsewhere: translate it there"
        )
        for row in translation.rows
        if row.field == "model"
    )
    return replace(rest, rows=told + rest.rows)


def _refusal(site: RoutingSite, translation: Translation, file: ParsedFile, *, empty: bool) -> str | None:
    """Why this site is left to a person; None where it can be written. `empty`: other statements write into the new object all the same."""
    if site.dialect != "openrouter":
        return "it is written for the gateway already"
    if not translation.changes and not empty:
        return "nothing of it has a counterpart" if translation.worst_loss else "there is nothing to change"
    if site.carrier is Carrier.CLOSED:
        return "this client sends no other options than its own"
    if site.write.inside and not site.write.creates and not _is_made_in_view(site):
        return "the provider object that it writes into is not in view"
    if site.carrier not in _WRITABLE:
        return "how it gets into the request is not in view"
    if translation.cut and not (_written_out(site) or _is_made_anew(site, translation)):
        return "its values are not all written here, and some of them have no counterpart"
    if file.module.language not in _LANGUAGES:
        return "routing options in this kind of file are not rewritten"
    match site.holder:
        case _ if site.write.several:
            whole = writes_inside(site.write, translation) and not (translation.body or translation.cut or translation.model)
            return None if whole else _NOT_ONE
        case Obj() if not written_as_one(file.module.language, file.source.text[site.holder.span.start : site.holder.span.end]):
            return "the object is put together by calls"
        case Obj():
            return _object_refusal(site, site.holder, translation)
        case Call() if _takes_keywords(site):
            return _keywords_refusal(site, site.holder)
        case Assign() | Call():
            if not translation.gateway or translation.body or translation.model or translation.cut:
                return _NOT_ONE
    return None


def _is_made_in_view(site: RoutingSite) -> bool:
    """Does another statement make the provider object that this one writes into?"""
    others = [other for other in site.companions if other is not site]
    return any(other.write.creates or ("provider" in other.settings.options and not other.write.inside) for other in others)


def _written_out(site: RoutingSite) -> bool:
    """Are all fields of the provider object written where it stands?"""
    objects = [entry.value for entry in site.entries if entry.name == "provider"]
    return all(isinstance(value, Obj) and all(item.key is not None for item in value.items) for value in objects)


def _is_made_anew(site: RoutingSite, translation: Translation) -> bool:
    """Is the provider object put together from others, and known, so that what stays of it can be written here instead?"""
    provider = site.settings.options.get("provider")
    made = translation.cut and isinstance(site.holder, Obj) and isinstance(provider, dict) and known(provider)
    return bool(made) and not _written_out(site)


def _takes_keywords(site: RoutingSite) -> bool:
    """Are the options of a call its keyword arguments, and not the value that it stores?"""
    return site.carrier is Carrier.ENTRIES or site.write.how is How.MAKE


def _keywords_refusal(site: RoutingSite, holder: Call) -> str | None:
    if site.carrier is Carrier.ENTRIES:
        return "providerOptions is given beside it" if any(arg.name == "providerOptions" for arg in holder.args) else None
    keyword = _keyword(site, holder)
    if keyword is None:
        return "this client has no keyword that carries the new form"
    name = keyword.partition("=")[0]
    return f"{name} is given beside it" if any(arg.star or arg.name == name for arg in holder.args) else None


def _object_refusal(site: RoutingSite, holder: Obj, translation: Translation) -> str | None:
    present = {item.key.value: item for item in holder.items if isinstance(item.key, Str)}
    if wrapper := _WRAPPERS.get(site.carrier):
        return f"{wrapper} is given beside it" if wrapper in present and _fresh(site, translation) else None
    if "providerOptions" in present and translation.gateway and _gateway_beside(holder) is None:
        return "providerOptions is given beside it"
    beside = _gateway_beside(holder)
    given = {item.key.value for item in beside.items if isinstance(item.key, Str)} if beside is not None else set()
    if given & set(translation.gateway) or (beside is not None and any(item.key is None for item in beside.items)):
        return "the gateway's options are given beside it"
    if any(key in present and key not in translation.removed and key not in site.settings.options for key in translation.body):
        return "the new option is given beside it"
    return None


def _gateway_beside(holder: Obj) -> Obj | None:
    """The `gateway` object of a `providerOptions` that stands beside OpenRouter's options, where both are written out."""
    options = next((item.value for item in holder.items if isinstance(item.key, Str) and item.key.value == "providerOptions"), None)
    for item in options.items if isinstance(options, Obj) else ():
        if isinstance(item.key, Str) and item.key.value == "gateway" and isinstance(item.value, Obj) and item.value.items:
            return item.value
    return None


def _gone(site: RoutingSite, translation: Translation) -> list[Entry]:
    removed = translation.removed
    return [
        entry
        for entry in site.entries
        if entry.name in removed
        or (entry.name == "provider" and _is_made_anew(site, translation))
        or (entry.name.startswith("provider.") and ("provider" in removed or entry.name.partition(".")[2] in translation.cut))
    ]


def _fresh(site: RoutingSite, translation: Translation, *, empty: bool = False) -> dict[str, Value]:
    """The entries that take the place of those that go, as keys of the body."""
    fresh: dict[str, Value] = {}
    if translation.model is not None and site.model is None:
        fresh["model"] = translation.model
    if translation.gateway or empty:
        fresh["providerOptions"] = {"gateway": dict(translation.gateway)}
    provider = site.settings.options.get("provider")
    if _is_made_anew(site, translation) and isinstance(provider, dict):
        fresh["provider"] = {name: value for name, value in provider.items() if name not in translation.cut}
    return {**fresh, **translation.body}


# -- the three kinds of holder ---------------------------------------------------------------------------------------------------------------


def _object(
    site: RoutingSite, holder: Obj, translation: Translation, file: ParsedFile, name: str | None, *, empty: bool
) -> list[Edit]:
    style = Style(site, file)
    fresh = _fresh(site, translation, empty=empty)
    edits = _renamed(site, translation)
    beside = _gateway_beside(holder) if translation.gateway else None
    if beside is not None:
        fresh.pop("providerOptions")
        written = [style.pair(key, style.flat(part)) for key, part in translation.gateway.items()]
        edits += cut(site.path, file.source.text, beside.items, set(), written, style)
    if (wrapper := _WRAPPERS.get(site.carrier)) and fresh:
        fresh = {wrapper: fresh}
    gone = {entry.span for entry in _gone(site, translation)} | {
        entry.span for entry in site.entries if entry.name in translation.body
    }
    pieces = _pieces(site, fresh, style)
    if not pieces and site.outer is not None and gone >= {item.span for item in holder.items}:
        # `extra_body={}` would say nothing
        argument = {arg.span for arg in site.outer.args if arg.value is holder}
        if argument:
            return [*edits, *cut(site.path, file.source.text, site.outer.args, argument, [], style)]
    if style.language == "yaml" and file.source.text[holder.span.start] != "{":
        edits += lines_of_yaml(site, holder, gone, _partly(site, translation), fresh, file)
        return edits
    if style.language == "toml" and file.source.text[holder.span.start] != "{":
        return lines_of_toml(site, holder, gone, _partly(site, translation), fresh, file)
    partly = next((entry.span for entry in site.entries if entry.name == "provider"), None) if translation.cut else None
    partly = None if _is_made_anew(site, translation) else partly
    edits += cut(site.path, file.source.text, holder.items, gone, pieces, style, before=partly)
    for items, spans in _partly(site, translation):
        edits += cut(site.path, file.source.text, items, spans, [], style)
    if site.carrier is Carrier.PROVIDER_OPTIONS and name is not None and name != "openrouter":
        edits += _rekeyed(site, holder, file, name)
    return salvaged(edits, pieces, comments_of(file, site), options_of(site, translation), file.source.text, style)


def _pieces(site: RoutingSite, fresh: Mapping[str, Value], style: Style) -> list[str]:
    """The new entries as text."""
    plain = dict(fresh)
    spread: dict[str, Value] = {}
    if site.carrier is Carrier.OPENAI_JS and style.language == "ecma":
        # a plain property that the package's types do not know is an error under `strict`; a spread one is not
        spread, plain = (
            {key: part for key, part in fresh.items() if key != "model"},
            {key: part for key, part in fresh.items() if key == "model"},
        )
    pieces = [style.pair(key, style.write(part, style.indent, len(style.indent) + len(key) + 4)) for key, part in plain.items()]
    if spread:
        pieces.append(f"...{style.write(spread, style.indent, len(style.indent) + 3)}")
    return pieces


def _partly(site: RoutingSite, translation: Translation) -> list[tuple[tuple[Item, ...], set[Span]]]:
    """The fields of the provider object that go while others stay."""
    for entry in site.entries:
        if translation.cut and entry.name == "provider" and isinstance(entry.value, Obj) and _written_out(site):
            items = entry.value.items
            spans = {item.span for item in items if isinstance(item.key, Str) and wire_name(item.key.value) in translation.cut}
            return [(items, spans)]
    return []


def _keyword(site: RoutingSite, holder: Call) -> str | None:
    """The keyword of a callee that takes what is to be sent, with a place for the value; None where none is known."""
    name = dotted(holder.func, site.scope) or site.client
    return next((keyword for start, keyword in _KEYWORDS.items() if name.startswith(start)), None)


def _call(site: RoutingSite, holder: Call, translation: Translation, file: ParsedFile) -> list[Edit]:
    """Keyword arguments become one that is sent beside the others."""
    style = Style(site, file)
    fresh = _fresh(site, translation)
    if site.carrier is Carrier.ENTRIES:
        pieces = [f"{key}={style.write(part, style.indent, len(style.indent) + len(key) + 1)}" for key, part in fresh.items()]
    else:
        keyword = _keyword(site, holder) or "extra_body=%s"
        value = style.write(fresh, style.indent, len(style.indent) + len(keyword) - 2) if style.several else style.flat(fresh)
        pieces = [keyword % value] if fresh else []
    gone = {entry.span for entry in _gone(site, translation)}
    partly = next((entry.span for entry in site.entries if entry.name == "provider"), None) if translation.cut else None
    edits = [*_renamed(site, translation), *cut(site.path, file.source.text, holder.args, gone, pieces, style, before=partly)]
    for items, spans in _partly(site, translation):
        edits += cut(site.path, file.source.text, items, spans, [], style)
    return salvaged(edits, pieces, comments_of(file, site), options_of(site, translation), file.source.text, style)


def _renamed(site: RoutingSite, translation: Translation) -> list[Edit]:
    """The model id without the suffixes that were translated."""
    if translation.model is None or site.model is None:
        return []
    return [Edit(path=site.path, span=site.model.inner, old=site.model.value, new=translation.model)]


def _rekeyed(site: RoutingSite, holder: Obj, file: ParsedFile, name: str) -> list[Edit]:
    """`providerOptions: {openrouter: …}` → the name of the provider that takes its place."""
    text = file.source.text
    before = re.search(r"(['\"]?)openrouter\1\s*:\s*$", text[: holder.span.start])
    if before is None:
        return []
    start = before.start() + len(before[1])
    return [Edit(path=site.path, span=Span(start, start + len("openrouter")), old="openrouter", new=name)]
