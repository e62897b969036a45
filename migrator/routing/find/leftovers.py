"""Options that no site speaks of: records, templates, programs of `jq`, objects whose way into a request cannot be followed.

Whatever is written in OpenRouter's words in a file that takes part in its requests is told, so that no rule is lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import (
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    Func,
    Index,
    Item,
    Join,
    Name,
    Node,
    Obj,
    Param,
    Seq,
    Str,
    children,
)
from migrator.model import Span
from migrator.patterns import regex
from migrator.resolve.context import is_message_call, last_name, source_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope
from migrator.routing import provider_slugs
from migrator.routing.find import values
from migrator.routing.find.jq import ASSIGNED
from migrator.routing.find.shapes import DISTINCT, PREFERENCES, is_schema
from migrator.routing.find.site import Carrier, Entry, RoutingSite
from migrator.routing.find.site_parts import POLICY_NAME, normalised
from migrator.routing.model import Settings, Unknown, Value

_NAMES = "|".join(
    sorted((*DISTINCT, "allowFallbacks", "requireParameters", "dataCollection", "maxPrice", "enforceDistillableText"))
)
_QUOTED = regex(rf"(?:[{{,]\s*|\\?[\"'])(?P<name>{_NAMES})\\?[\"']?\s*:")
_OBJECT = regex(r"\bprovider\\?[\"']?\s*:\s*\{[^{}]{0,300}?\b(?P<name>order|only|ignore|sort)\\?[\"']?\s*:")
_PRICES = regex(r"\s*(?:\{[^{}]{0,300}?\b(?:prompt|completion|request|image|audio)\b|\$|%|f?[\"']?\s*[+.])")
"""The value of a price cap: an object with prices in it, or something that is put in when the program runs."""
_BODY = regex(r"[\"']\s*=?\s*(?:\\[nrt]|\s)*[{\[]")
"""How a text of a JSON document begins that is a body: `"={ … }"`. Others are descriptions, and diffs of programs."""
_LISTS = ("order", "only", "ignore")
_WORDS = frozenset(spelling for name in DISTINCT for spelling in (name, name.replace("_", "")))
"""One of these stands in the small letters of every text that has a preference whose name is enough. In most files nothing has to be looked at."""
_LISTED = regex(r"(?:order|only|ignore)\b")
_GIVEN = regex(r"""["'][\s\\]*[\]:]|[\s\\]*[:=]""")
"""What stands behind one of the other names where Python gives it a value: as a key, an argument, a field."""
_SCHEMA_CALLS = frozenset(("z", "t", "v", "Type", "Column", "mapped_column", "Joi", "yup", "S", "Schema", "Literal"))

Tree = Node | Arg | Item | Param


def leftovers(repository: Repository, file: ParsedFile, sites: Sequence[RoutingSite]) -> list[RoutingSite]:
    """A site for each option of a file that no other site covers."""
    if not _may_have(file):
        return []
    covered = [span for site in sites for path, span in ((site.path, site.span), *site.related) if path == file.path]
    covered += [
        span for site in sites if site.path == file.path for span in (site.holder.span,) if not isinstance(site.holder, Call)
    ]
    extra: list[RoutingSite] = []
    options = [*_under_names(repository, file, file.module.body, file.scopes.root)] if "provider" in file.source.text else []
    for name, span, node, scope in (
        *options,
        *_options(file, file.module.body, file.scopes.root, None, texts=file.module.language in ("python", "notebook")),
    ):
        within = isinstance(node, Str | Join)
        if not any(other.start <= span.start < other.end or (within and span.start <= other.start < span.end) for other in covered):
            covered.append(span)
            extra.append(_site(repository, file, name, span, node, scope))
    return extra


def _may_have(file: ParsedFile) -> bool:
    """Could a file have a preference, by its words?"""
    text = file.source.text
    if "provider" in text or file.module.language == "shell":
        return True
    lowered = text.lower()
    if any(word in lowered for word in _WORDS):
        return True
    if file.module.language == "python":
        return any(_GIVEN.match(lowered, end) for word in _LISTS for end in _ends(lowered, word))
    return any(word in lowered for word in _LISTS) and _LISTED.search(lowered) is not None


def _ends(text: str, word: str) -> Iterator[int]:
    """Where a word, or one that ends with it, ends."""
    at = text.find(word)
    while at >= 0:
        yield at + len(word)
        at = text.find(word, at + 1)


def _site(repository: Repository, file: ParsedFile, name: str, span: Span, node: Node, scope: Scope) -> RoutingSite:
    text = file.source.text
    read: Value = Unknown(" ".join(text[node.span.start : node.span.end].split())[:80])
    if not isinstance(node, Str | Join) or name == "data_collection":
        read = values.value(node, scope, repository, text)[0]
    if isinstance(node, Str) and name == "data_collection" and node.value not in ("allow", "deny"):
        read = Unknown(" ".join(text[node.span.start : node.span.end].split())[:80])
    options: Mapping[str, Value] = {"provider": normalised("provider", {name: read} if name else read)}
    return RoutingSite(
        path=file.path,
        span=span,
        dialect="openrouter",
        carrier=Carrier.UNKNOWN,
        client="",
        settings=Settings(model=Unknown("given elsewhere"), options=options),
        entries=(Entry(name="provider", span=span, key=None, value=node, literal=False),),
        holder=Obj(span, ()),
        scope=scope,
        reaches_wire=None,
    )


def _options(
    file: ParsedFile, parts: Sequence[Tree], scope: Scope, record: Class | None, *, texts: bool = False
) -> Iterator[tuple[str, Span, Node, Scope]]:
    """Preferences in a part of a file: name ("" for an object of them), place, value, scope.

    `record`: the class that the parts are fields of. `texts`: the parts are statements, among which a text is a comment.
    """
    for part in parts:
        match part:
            case Class(kind="interface"):
                continue
            case Obj() if is_schema(part):
                continue
            case Str() if texts:  # a docstring
                continue
            case Call() if is_message_call(part):  # a log line sends nothing
                continue
            case Func() | Class():
                inner = file.scopes.opened_by(part, scope)
                record_of = part if isinstance(part, Class) else None
                yield from _options(
                    file, list(children(part)), inner, record_of, texts=file.module.language in ("python", "notebook")
                )
                continue
            case Item(key=Str(value="gateway")):
                continue
            case Item(key=Str(value=key), value=value) if _counts(values.wire_name(key), value):
                yield values.wire_name(key), part.span, value, scope
                continue
            case Call(func=func, args=args):
                policy = bool(POLICY_NAME.search(last_name(func)))
                for arg in args:
                    name = values.wire_name(arg.name) if arg.name is not None else ""
                    if _counts(name, arg.value) or (policy and name in _LISTS and isinstance(arg.value, Seq)):
                        yield name, arg.span, arg.value, scope
            case Obj() if _is_policy(part):
                yield "", part.span, part, scope
                continue
            case Assign(targets=(target,), value=value) if value is not None:
                name = _assigned(target, record)
                if file.module.language in LANGUAGES and (field := _field_of_preferences(target)):
                    yield field, part.span, value, scope
                    continue
                listed = record is not None and name in _LISTS and POLICY_NAME.search(record.name) and isinstance(value, Seq)
                if listed or _counts(name, value):
                    yield name, part.span, value, scope
                    continue
            case Str() | Join():
                text = file.source.text[part.span.start : part.span.end]
                prose = file.module.language == "json" and not _BODY.match(text)
                if not prose and len(text) < 100_000 and (match := _named_in(text, filters=file.module.language == "shell")):
                    yield values.wire_name(match["name"] or ""), part.span, part, scope
                continue
            case _:
                pass
        yield from _options(file, list(children(part)), scope, None)


def _named_in(text: str, *, filters: bool) -> re.Match[str] | None:
    """Where a text names a preference, as JSON does or as a filter of `jq` that sets one."""
    named = (match for match in _QUOTED.finditer(text) if _may_be_value(values.wire_name(match["name"]), text, match.end()))
    return next(named, None) or _OBJECT.search(text) or (ASSIGNED.search(text) if filters else None)


def _may_be_value(name: str, text: str, at: int) -> bool:
    """May what stands in a text behind the name be its value, by the rules of `_counts`? A prompt asks for `{"maxPrice": number}` of its own."""
    return name != "max_price" or _PRICES.match(text, at) is not None


def _is_policy(node: Obj) -> bool:
    """Is it an object of preferences that names providers, whatever it is put into: `{"only": ["azure"]}`?"""
    keys = {values.wire_name(item.key.value): item.value for item in node.items if isinstance(item.key, Str)}
    if not keys or len(keys) != len(node.items) or not set(keys) <= PREFERENCES:
        return False
    entries = [part for name in _LISTS if isinstance(given := keys.get(name), Seq) for part in given.items]
    return bool(entries) and all(isinstance(part, Str) and provider_slugs.parse(part.value).known for part in entries)


def _under_names(
    repository: Repository, file: ParsedFile, parts: Sequence[Tree], scope: Scope
) -> Iterator[tuple[str, Span, Node, Scope]]:
    """Objects under a key that is a name for `provider`: `body[KEY] = {…}`, `{KEY: {…}}`."""
    for part in parts:
        key, value = _key_and_value(part)
        if isinstance(key, Name | Attr) and isinstance(value, Obj) and value.items:
            named = [text.value for text, _ in values.literals(key, scope, repository) if isinstance(text, Str)]
            if "provider" in named:
                yield "", part.span, value, scope
        inner = file.scopes.opened_by(part, scope) if isinstance(part, Func | Class) else scope
        yield from _under_names(repository, file, list(children(part)), inner)


def _key_and_value(part: Tree) -> tuple[Node | None, Node | None]:
    match part:
        case Assign(targets=(Index(key=key),), value=value):
            return key, value
        case Item(key=key, value=value) if not part.shorthand:
            return key, value
        case _:
            return None, None


def _assigned(target: Node, record: Class | None) -> str:
    match target:
        case Index(key=Str(value=key)):
            return values.wire_name(key)
        case Attr(name=name):
            return values.wire_name(name)
        case Name(id=name) if record is not None:
            return values.wire_name(name)
        case _:
            return ""


def _field_of_preferences(target: Node) -> str:
    """The preference that a field of a request's provider is, or is a part of: `body.Provider.Order`, `body.Provider.MaxPrice.Prompt`."""
    words: list[str] = []
    while isinstance(target, Attr):
        words.insert(0, values.wire_name(target.name))
        target = target.base
    after = words[words.index("provider") + 1 :] if "provider" in words else []
    return after[0] if after and after[0] in PREFERENCES else ""


def _counts(name: str, value: Node) -> bool:
    """Is an entry of this name and value a preference of OpenRouter's, and not only the same words?"""
    if name not in DISTINCT:
        return False
    if isinstance(value, Func | Class) or (isinstance(value, Const) and value.text in ("None", "null", "undefined")):
        return False
    if isinstance(value, Obj):
        keys = {item.key.value for item in value.items if isinstance(item.key, Str)}
        return name == "max_price" and bool(keys & {"prompt", "completion", "request", "image", "audio"})
    if isinstance(value, Call) and last_name(value.func) in ("Field", "field"):
        given = next((arg.value for arg in value.args if arg.name in (None, "default")), None)
        return given is not None and _counts(name, given)
    if isinstance(value, Call) and source_name(value.func).split(".")[0] in _SCHEMA_CALLS:
        return False
    match name:
        case "max_price":
            return False
        case "quantizations":
            return isinstance(value, Seq)
        case "data_collection":
            return not isinstance(value, Str) or value.value in ("allow", "deny")
        case "zdr" | "allow_fallbacks" | "require_parameters" | "enforce_distillable_text":
            return not isinstance(value, Str | Seq)
        case _:
            return isinstance(value, Const)
