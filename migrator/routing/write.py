"""Edits that put a translation into the text, in the form that reaches the wire with this client.

Nothing is printed from a tree: entries that go are cut, one piece of text is put where the first of them stood, and everything else
stays as it is. Where that cannot be done without touching somebody's comment or an option that has no equivalent, there are no edits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from migrator.formats.tree import Arg, Assign, Call, Item, Obj, RegionKind, Str
from migrator.model import Applicability, Edit, Span
from migrator.resolve.repository import ParsedFile
from migrator.routing.find.site import Carrier, Entry, RoutingSite
from migrator.routing.model import WEIGHT, Risk, Status, Translation, Value
from migrator.routing.translate.draft import REMOVED, risk_of

_WIDTH = 100
_WRITABLE = (
    Carrier.JSON_BODY,
    Carrier.EXTRA_BODY,
    Carrier.OPENAI_JS,
    Carrier.KEYWORDS,
    Carrier.PROVIDER_OPTIONS,
    Carrier.MODEL_SETTINGS,
)
_BARE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_SUPPRESSION = re.compile(r"[ \t]*//[ \t]*@ts-(?:expect-error|ignore)[^\n]*\n")


def emit(site: RoutingSite, translation: Translation, file: ParsedFile, *, name: str | None = None) -> tuple[Edit, ...]:
    """The edits of one site; none where a person must look.

    `name`: what the AI SDK's OpenAI-compatible provider will be called (`synapse`), where call-level options move from
    `providerOptions.openrouter` to it; None keeps the key, which is right while the provider is OpenRouter's own package.
    """
    if refusal(site, translation, file) is not None:
        return ()
    match site.holder:
        case Assign():
            return _assigned(site, site.holder, translation, file)
        case Obj():
            return _object(site, site.holder, translation, file, name)
        case Call():
            return _call(site, site.holder, translation, file)


def refusal(site: RoutingSite, translation: Translation, file: ParsedFile) -> str | None:
    """Why this site is left to a person; None where it can be written."""
    if site.dialect != "openrouter":
        return "it is written for the gateway already"
    if translation.applicability is Applicability.MANUAL:
        return "an option has no exact counterpart"
    if not translation.changes:
        return "there is nothing to change"
    if site.carrier not in _WRITABLE:
        return "how it gets into the request is not in view"
    if not site.alone:
        return "other statements add options to the same request"
    if not all(entry.literal for entry in site.entries if entry.name in translation.removed):
        return "its values are not all written here"
    if translation.model is not None and site.model is None and site.settings.model is not None:
        return "the model id is written elsewhere"
    if site.model is not None and translation.model is not None and not site.model.exact:
        return "the model id is not a plain literal"
    holder = site.holder
    if isinstance(holder, Call) and not site.client.startswith("litellm."):
        return "this client has no keyword that carries the new form"
    if isinstance(holder, Obj):
        present = {item.key.value for item in holder.items if isinstance(item.key, Str)}
        if "providerOptions" in present and site.carrier is not Carrier.MODEL_SETTINGS:
            return "providerOptions is given beside it"
        if site.carrier is Carrier.MODEL_SETTINGS and "extraBody" in present:
            return "extraBody is given beside it"
        if any(key in present and key not in translation.removed and key not in site.settings.options for key in translation.body):
            return "the new option is given beside it"
    if isinstance(holder, Call) and any(arg.star or arg.name == "extra_body" for arg in holder.args):
        return "extra_body is given beside it"
    if isinstance(holder, Assign) and (not translation.gateway or translation.body or translation.model):
        return "a statement cannot be taken away safely"
    for entry in _gone(site, translation):
        if _comments(file, entry.span):
            return "a comment stands inside it"
    if file.module.language in ("toml", "notebook", "markup"):
        return "this kind of file is not rewritten"
    return None


def loss(site: RoutingSite, translation: Translation, file: ParsedFile) -> Risk | None:
    """The weightiest thing that the target will not do for this request, with the edits that `emit` gives.

    An option that could be translated and is not written is lost like one without a counterpart. What never reached the wire is not
    lost by moving.
    """
    if site.reaches_wire is False:
        return None
    if site.dialect != "openrouter" or not translation.changes or refusal(site, translation, file) is None:
        return translation.worst_loss
    left = [row for row in translation.rows if row.status is not Status.UNCHANGED and row.becomes != REMOVED]
    return max((row.risk or risk_of(row.field) for row in left), key=WEIGHT.__getitem__, default=None)


def _gone(site: RoutingSite, translation: Translation) -> list[Entry]:
    return [entry for entry in site.entries if entry.name in translation.removed]


def _comments(file: ParsedFile, span: Span) -> bool:
    if any(
        region.kind is RegionKind.COMMENT and region.span.start < span.end and span.start < region.span.end
        for region in file.module.regions
    ):
        return True
    return (
        "//" in re.sub(r"(['\"`])(?:\\.|(?!\1).)*\1", "", file.source.text[span.start : span.end])
        and file.module.language == "ecma"
    )


# -- how a language writes values ------------------------------------------------------------------------------------------------------------


class _Style:
    """The hand of a site: quotes, indentation, one line or several."""

    def __init__(self, site: RoutingSite, file: ParsedFile) -> None:
        text = file.source.text
        self.language = file.module.language
        self.python = self.language == "python"
        holder = text[site.holder.span.start : site.holder.span.end]
        found = re.search(r"['\"]", holder)
        self.quote = '"' if self.language in ("json",) else found[0] if found else "'" if self.language == "ecma" else '"'
        keys = [text[entry.key.start] for entry in site.entries if entry.key is not None]
        self.bare = self.language in ("ecma", "yaml") and not any(first in "'\"" for first in keys)
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.several = any("\n" in text[entry.span.start : entry.span.end] for entry in site.entries)
        first = site.entries[0].span.start if site.entries else site.holder.span.start
        line = text.rfind("\n", 0, first) + 1
        leading = re.match(r"[ \t]*", text[line:first])
        self.indent = leading[0] if leading else ""
        self.step = self._step(text, site)
        self.spaces = " " if self.language in ("ecma",) and not re.search(r"\{(?=['\"A-Za-z])", holder) else ""

    def _step(self, text: str, site: RoutingSite) -> str:
        for entry in site.entries:
            lines = text[entry.span.start : entry.span.end].splitlines()
            if len(lines) > 2:
                deeper = re.match(r"[ \t]*", lines[1])
                if deeper and len(deeper[0]) > len(self.indent) and deeper[0].startswith(self.indent):
                    return deeper[0][len(self.indent) :]
        return "    " if self.python else "  "

    def key(self, name: str) -> str:
        return name if self.bare and _BARE.fullmatch(name) else f"{self.quote}{name}{self.quote}"

    def scalar(self, value: Value) -> str:
        match value:
            case True:
                return "True" if self.python else "true"
            case False:
                return "False" if self.python else "false"
            case None:
                return "None" if self.python else "null"
            case str():
                escaped = value.replace("\\", "\\\\").replace(self.quote, f"\\{self.quote}")
                return f"{self.quote}{escaped}{self.quote}"
            case _:
                return str(value)

    def flat(self, value: Value) -> str:
        match value:
            case dict():
                inside = ", ".join(f"{self.key(key)}: {self.flat(part)}" for key, part in value.items())
                return f"{{{self.spaces}{inside}{self.spaces}}}" if inside else "{}"
            case list():
                return "[" + ", ".join(self.flat(part) for part in value) + "]"
            case _:
                return self.scalar(value)

    def write(self, value: Value, indent: str, used: int) -> str:
        """A value on one line where the site is written so and it fits, else one entry a line."""
        flat = self.flat(value)
        if not isinstance(value, dict) or not value or (not self.several and used + len(flat) <= _WIDTH):
            return flat
        deeper = indent + self.step
        comma = "" if self.language == "json" else ","
        lines = []
        for at, (key, part) in enumerate(value.items()):
            last = comma if at == len(value) - 1 else ","
            head = f"{deeper}{self.key(key)}: "
            lines.append(head + self.write(part, deeper, len(head)) + last)
        return "{" + self.newline + self.newline.join(lines) + self.newline + indent + "}"


def _fresh(site: RoutingSite, translation: Translation) -> dict[str, Value]:
    """The entries that take the place of those that go, as keys of the body."""
    found: dict[str, Value] = {}
    if translation.model is not None and site.model is None:
        found["model"] = translation.model
    if translation.gateway:
        found["providerOptions"] = {"gateway": dict(translation.gateway)}
    return {**found, **translation.body}


# -- the three kinds of holder ---------------------------------------------------------------------------------------------------------------


def _object(site: RoutingSite, holder: Obj, translation: Translation, file: ParsedFile, name: str | None) -> tuple[Edit, ...]:
    style = _Style(site, file)
    fresh = _fresh(site, translation)
    if site.carrier is Carrier.MODEL_SETTINGS and fresh:
        fresh = {"extraBody": fresh}
    options: dict[str, Value] = {}
    if site.carrier is Carrier.OPENAI_JS:
        # a plain property that the package's types do not know is an error under `strict`; a spread one is not
        options, fresh = (
            {key: part for key, part in fresh.items() if key != "model"},
            {key: part for key, part in fresh.items() if key == "model"},
        )
    pieces = [
        f"{style.key(key)}: {style.write(part, style.indent, len(style.indent) + len(key) + 4)}" for key, part in fresh.items()
    ]
    if options:
        pieces.append(f"...{style.write(options, style.indent, len(style.indent) + 3)}")
    gone = {entry.span for entry in _gone(site, translation)} | {
        entry.span for entry in site.entries if entry.name in translation.body
    }
    edits = _renamed(site, translation)
    if not pieces and site.outer is not None and gone >= {item.span for item in holder.items}:
        # `extra_body={}` would say nothing
        argument = {arg.span for arg in site.outer.args if arg.value is holder}
        if argument:
            return (*edits, *_cut(site.path, file.source.text, site.outer.args, argument, [], style))
    if style.language == "yaml" and file.source.text[holder.span.start] != "{":
        edits += _lines_of_yaml(site, holder, gone, fresh, file)
    else:
        edits += _cut(site.path, file.source.text, holder.items, gone, pieces, style)
    if site.carrier is Carrier.PROVIDER_OPTIONS and name is not None and name != "openrouter":
        edits += _rekeyed(site, holder, file, name)
    return tuple(edits)


def _call(site: RoutingSite, holder: Call, translation: Translation, file: ParsedFile) -> tuple[Edit, ...]:
    """Keyword arguments of LiteLLM become one `extra_body`."""
    style = _Style(site, file)
    fresh = _fresh(site, translation)
    pieces = [f"extra_body={style.write(fresh, style.indent, len(style.indent) + 11)}"] if fresh else []
    gone = {entry.span for entry in _gone(site, translation)}
    return (*_renamed(site, translation), *_cut(site.path, file.source.text, holder.args, gone, pieces, style))


def _assigned(site: RoutingSite, holder: Assign, translation: Translation, file: ParsedFile) -> tuple[Edit, ...]:
    """`payload["provider"] = {…}` → `payload["providerOptions"] = {"gateway": {…}}`."""
    entry = site.entries[0]
    if entry.key is None or entry.name not in translation.removed:
        return ()
    style = _Style(site, file)
    style.several = "\n" in file.source.text[entry.value.span.start : entry.value.span.end]
    value: dict[str, Value] = {"gateway": dict(translation.gateway)}
    old = file.source.text[entry.key.start : entry.key.end]
    text = file.source.text[entry.value.span.start : entry.value.span.end]
    return (
        Edit(path=site.path, span=entry.key, old=old, new="providerOptions"),
        Edit(
            path=site.path,
            span=entry.value.span,
            old=text,
            new=style.write(value, style.indent, entry.value.span.start - holder.span.start),
        ),
    )


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


# -- cutting ---------------------------------------------------------------------------------------------------------------------------------


def _cut(path: str, text: str, siblings: Sequence[Item | Arg], gone: set[Span], pieces: list[str], style: _Style) -> list[Edit]:
    """Take entries out of a list with commas, and put the pieces where the first of them stood.

    An entry alone on its lines goes with them, with a comment behind its comma, and with a `@ts-expect-error` above it that would be
    an error once there is nothing to expect.
    """
    order = sorted(siblings, key=lambda one: one.span)
    places = [at for at, one in enumerate(order) if one.span in gone]
    if not places:
        return _inserted(path, text, order, pieces, style)
    edits: list[Edit] = []
    first = places[0]
    if pieces:
        span = order[first].span
        start = _unsuppressed(text, span.start, "..." in pieces[-1])
        line = text.rfind("\n", 0, span.start) + 1
        separator = ", " if text[line : span.start].strip() else f",{style.newline}{text[line : span.start]}"
        new = separator.join(pieces)
        if start != span.start:
            new = style.indent + new
        edits.append(Edit(path=path, span=Span(start, span.end), old=text[start : span.end], new=new))
        places = places[1:]
    kept_last = max((at for at in range(len(order)) if at not in places), default=-1)
    tail = [at for at in places if at > kept_last]
    for at in places:
        if at in tail:
            continue
        span = _with_lines(text, order[at].span) or Span(order[at].span.start, order[at + 1].span.start)
        edits.append(Edit(path=path, span=span, old=text[span.start : span.end], new=""))
    if tail:
        edits += _cut_tail(path, text, order, tail, kept_last, style)
    return _joined(path, text, edits)


def _cut_tail(path: str, text: str, order: Sequence[Item | Arg], tail: list[int], kept: int, style: _Style) -> list[Edit]:
    """The last entries of a list: the comma before them goes too where the list is on one line or its format demands it."""
    found: list[Edit] = []
    whole = [_with_lines(text, order[at].span) for at in tail]
    if kept >= 0 and style.language != "json" and all(span is not None for span in whole):
        for span in whole:
            assert span is not None
            found.append(Edit(path=path, span=span, old=text[span.start : span.end], new=""))
        return found
    start = order[kept].span.end if kept >= 0 else order[tail[0]].span.start
    end = order[tail[-1]].span.end
    between = text[start : order[tail[0]].span.start]
    if "//" in between or "#" in between:
        start = order[tail[0]].span.start
    if kept < 0:
        comma = re.match(r"\s*,", text[end:])
        end += comma.end() if comma else 0
    return [Edit(path=path, span=Span(start, end), old=text[start:end], new="")]


def _inserted(path: str, text: str, order: Sequence[Item | Arg], pieces: list[str], style: _Style) -> list[Edit]:
    """New entries where nothing goes: in front of the first one that stands there."""
    if not pieces or not order:
        return []
    at = order[0].span.start
    line = text.rfind("\n", 0, at) + 1
    alone = not text[line:at].strip()
    separator = f",{style.newline}{text[line:at]}" if alone else ", "
    return [Edit(path=path, span=Span(at, at), old="", new=separator.join([*pieces, ""]))]


def _joined(path: str, text: str, edits: list[Edit]) -> list[Edit]:
    """Edits that touch become one, since two at one place have no order."""
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda one: one.span):
        if found and edit.span.start <= found[-1].span.end:
            last = found.pop()
            span = Span(last.span.start, max(last.span.end, edit.span.end))
            edit = Edit(path=path, span=span, old=text[span.start : span.end], new=last.new + edit.new)
        found.append(edit)
    return found


def _with_lines(text: str, span: Span) -> Span | None:
    """The whole lines of an entry that stands alone on them; None where something else stands there too."""
    start = text.rfind("\n", 0, span.start) + 1
    if text[start : span.start].strip():
        return None
    rest = re.match(r"[ \t]*,?[ \t]*(?:(?:#|//)[^\r\n]*)?\r?(?:\n|$)", text[span.end :])
    if rest is None:
        return None
    return Span(_unsuppressed(text, start, True), span.end + rest.end())


def _unsuppressed(text: str, start: int, drop: bool) -> int:
    """The start of a `@ts-expect-error` comment directly above, which has nothing to expect any more; else `start` itself."""
    line = text.rfind("\n", 0, start) + 1
    if not drop or line == 0 or text[line:start].strip():
        return start
    above = text.rfind("\n", 0, line - 1) + 1
    return above if _SUPPRESSION.fullmatch(text[above:line].replace("\r\n", "\n")) else start


# -- YAML ------------------------------------------------------------------------------------------------------------------------------------


def _lines_of_yaml(site: RoutingSite, holder: Obj, gone: set[Span], fresh: Mapping[str, Value], file: ParsedFile) -> list[Edit]:
    """Entries of a block mapping: whole lines."""
    text = file.source.text
    edits: list[Edit] = []
    written = False
    for item in sorted(holder.items, key=lambda one: one.span):
        if item.span not in gone:
            continue
        end = item.span.start + len(text[item.span.start : item.span.end].rstrip())
        if fresh and not written:
            written = True
            indent = re.match(r"[ ]*", text[text.rfind("\n", 0, item.span.start) + 1 :])
            lines = _block(fresh, indent[0] if indent else "")
            edits.append(
                Edit(
                    path=site.path,
                    span=Span(item.span.start, end),
                    old=text[item.span.start : end],
                    new="\n".join(lines).lstrip(" "),
                )
            )
            continue
        whole = _with_lines(text, Span(item.span.start, end))
        if whole is None:
            return []
        edits.append(Edit(path=site.path, span=whole, old=text[whole.start : whole.end], new=""))
    return edits


def _block(value: Mapping[str, Value], indent: str) -> list[str]:
    """A mapping in block style, its lists in flow style."""
    found: list[str] = []
    for key, part in value.items():
        if isinstance(part, dict) and part:
            found += [f"{indent}{key}:", *_block(part, indent + "  ")]
        else:
            found.append(f"{indent}{key}: {_yaml(part)}")
    return found


def _yaml(value: Value) -> str:
    match value:
        case list():
            return "[" + ", ".join(_yaml(part) for part in value) + "]"
        case str() if re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", value) and value.lower() not in (
            "true",
            "false",
            "yes",
            "no",
            "on",
            "off",
            "null",
        ):
            return value
        case _:
            return json.dumps(value)
