"""A provider object that depends on a condition: `strict ? {only: […]} : undefined`. Each object is translated where it stands."""

from __future__ import annotations

from migrator.formats.tree import Alt, Const, Node, Obj, RegionKind, Str
from migrator.model import Edit, Target
from migrator.records import replace
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find import values
from migrator.routing.find.site import Carrier, Entry, RoutingSite
from migrator.routing.find.site_parts import normalised
from migrator.routing.model import Settings, Translation, Unknown, known
from migrator.routing.translate import translate
from migrator.routing.write.cutting import cut
from migrator.routing.write.style import Style

_CARRIERS = (Carrier.JSON_BODY, Carrier.EXTRA_BODY, Carrier.OPENAI_JS, Carrier.PROVIDER_OPTIONS)
_NOTHING = ("None", "null", "undefined")


def alternatives(site: RoutingSite, target: Target, file: ParsedFile) -> tuple[Translation, list[Edit]] | None:
    """The translation with the edits; None where the provider object is another expression, or its objects cannot be written one by one."""
    entry = next((entry for entry in site.entries if entry.name == "provider"), None)
    if entry is None or entry.key is None or not isinstance(entry.value, Alt) or not isinstance(site.holder, Obj):
        return None
    if site.carrier not in _CARRIERS or site.companions or file.module.language not in ("python", "ecma", "notebook"):
        return None
    if any(isinstance(item.key, Str) and item.key.value == "providerOptions" for item in site.holder.items):
        return None
    parts = [(part, _alone(part, site, target, file)) for part in entry.value.parts if not _is_nothing(part)]
    others = {name: value for name, value in site.settings.options.items() if name != "provider"}
    rest = translate(replace(site.settings, options=others), target)
    objects = [(part, sent) for part, sent in parts if sent is not None]
    if len(objects) < len(parts) or not parts or rest.gateway or rest.body or rest.cut or rest.model or _comments(entry, file):
        return None
    return _translation(rest, [sent for _, sent in objects]), _edits(site, site.holder, entry, objects, rest, file)


def _is_nothing(part: Node) -> bool:
    return (isinstance(part, Const) and part.text in _NOTHING) or (isinstance(part, Obj) and not part.items)


def _alone(part: Node, site: RoutingSite, target: Target, file: ParsedFile) -> Translation | None:
    """What becomes of one of the objects; None where it is not all written here, or not all of it has a counterpart."""
    if not isinstance(part, Obj) or not file.source.text.startswith("{", part.span.start):
        return None
    value, literal = values.value(part, site.scope, Repository(files={}, paths=frozenset()), file.source.text)
    if not literal or not known(value):
        return None
    sent = translate(Settings(model=Unknown("given elsewhere"), options={"provider": normalised("provider", value)}), target)
    return sent if "provider" in sent.removed and sent.gateway and not (sent.cut or sent.body or sent.model) else None


def _translation(rest: Translation, parts: list[Translation]) -> Translation:
    rows = dict.fromkeys(row for sent in (*parts, rest) for row in sent.rows)
    return Translation(rows=tuple(rows), gateway=parts[0].gateway, removed=rest.removed | {"provider"})


def _comments(entry: Entry, file: ParsedFile) -> bool:
    """Does a comment stand among the alternatives?"""
    return any(
        region.kind is RegionKind.COMMENT and entry.span.start <= region.span.start < entry.span.end
        for region in file.module.regions
    )


def _edits(
    site: RoutingSite, holder: Obj, entry: Entry, objects: list[tuple[Node, Translation]], rest: Translation, file: ParsedFile
) -> list[Edit]:
    style, text = Style(site, file), file.source.text
    assert entry.key is not None
    fresh = [(entry.key, style.key("providerOptions"))]
    fresh += [(part.span, style.flat({"gateway": dict(sent.gateway)})) for part, sent in objects]
    edits = [Edit(path=site.path, span=span, old=text[span.start : span.end], new=new) for span, new in fresh]
    gone = {other.span for other in site.entries if other.name in rest.removed}
    return [*edits, *(cut(site.path, text, holder.items, gone, [], style) if gone else [])]
