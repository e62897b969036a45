"""One call that makes a client: its class, arguments, address and key, the calls on it, and what is read from the replies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from migrator.analysis.exchange.model import Place
from migrator.analysis.exchange.paths import node_paths
from migrator.analysis.exchange.python.arguments import becoming
from migrator.analysis.exchange.python.model import FileDraft
from migrator.analysis.exchange.python.uses import Follower, Uses, reply_fields
from migrator.analysis.hidden_clients import python
from migrator.analysis.hidden_clients.addresses import closed_address
from migrator.analysis.hidden_clients.calls import loaded_elsewhere
from migrator.analysis.hidden_clients.keys import Key, from_program, given_key
from migrator.analysis.hidden_clients.model import Analysed
from migrator.analysis.routing_losses import broken_rule
from migrator.catalog import renamed
from migrator.facts.model import ClientFact
from migrator.formats.tree import Arg, Call, Const, Join, Node, Str
from migrator.integrations.exchange import Exchange, Method
from migrator.integrations.schema import READS, Argument, Give
from migrator.model import Edit, Span
from migrator.records import replace
from migrator.resolve.context import Identity, NodePath, identity_of, last_name
from migrator.resolve.origins import From, origins
from migrator.routing import write
from migrator.routing.find import values
from migrator.routing.find.site import RoutingSite
from migrator.routing.model import Unknown

Routing = Mapping[Identity, RoutingSite]
"""Blocks of routing options by the identity of the call that they are arguments of."""


def client(analysis: Analysed, draft: FileDraft, place: Place, routing: Routing) -> None:
    """Everything about one client; edits and reasons go into `draft`."""
    fact = place.client
    assert fact is not None
    _arguments(analysis, draft, place, fact, routing)
    uses = Follower(analysis.repository).follow(fact.path, NodePath(fact.call, fact.node_path.up, fact.node_path.scope))
    exchange = place.exchange
    _changed_methods(analysis, draft, place, uses)
    if exchange.closed:
        for path, step in uses.lost:
            draft.refuse(
                f"the client is handed on at {where(analysis, path, step)}, and what is called on it there is not followed"
            )
        for path, step, name in uses.members:
            draft.refuse(f"`{name}` ({where(analysis, path, step)}) has no counterpart that was tried")
    made = len(draft.snippet) - 1
    _calls(analysis, draft, place, fact, uses, routing)
    if exchange.awaited and draft.awaited[fact.call_identity]:
        new, awaited = (name.rpartition(".")[2] for name in (exchange.new, exchange.awaited))
        draft.snippet[made] = f"{awaited}{draft.snippet[made].removeprefix(new)}"


def _changed_methods(analysis: Analysed, draft: FileDraft, place: Place, uses: Uses) -> None:
    """Calls that would have to change, on an object that may be this one and was handed on out of sight."""
    handled = {step.identity for _, step, _ in uses.calls}
    words = {method.old: method for method in place.exchange.methods if method.extra and "." not in method.old}
    for path, file in sorted(analysis.repository.files.items()) if uses.lost and words else ():
        if file.module.language != "python" or not any(word in file.source.text for word in words):
            continue
        for step in node_paths(file):
            node = step.node
            method = words.get(last_name(node.func)) if isinstance(node, Call) and step.identity not in handled else None
            if method is not None and isinstance(node, Call) and not {arg.name for arg in node.args} >= method.extra.keys():
                draft.doubt(
                    f"`{method.old}` at {where(analysis, path, step)} may be called on it, and its defaults are others in the new class"
                )


def where(analysis: Analysed, path: str, step: NodePath) -> str:
    """`app/llm.py:12`."""
    return f"{path}:{analysis.repository.files[path].lines.line(step.node.span.start)}"


# -- the call that makes it ------------------------------------------------------------------------------------------------------------


def _arguments(analysis: Analysed, draft: FileDraft, place: Place, fact: ClientFact, routing: Routing) -> None:
    exchange, text = place.exchange, analysis.repository.files[fact.path].source.text
    given = becoming(
        fact.path,
        text,
        fact.call,
        exchange.arguments,
        exchange.positional,
        routed(analysis, draft, fact.path, fact.call, exchange.arguments, routing),
        of_client=True,
        certain=_certain(analysis, fact.node_path),
    )
    if given.refused:
        draft.refuse(f"{given.refused} ({where(analysis, fact.path, fact.node_path)})")
    draft.edits += given.edits
    draft.requests.append(fact.call_identity)
    key = _key(analysis, place, fact)
    if key.refused:
        draft.refuse(key.refused)
    draft.doubt(key.unsure)
    draft.edits += (*key.edits, *closed_address(analysis, fact, place.row, "python"))
    quote = python.quote(text, notebook=False)
    read = _read(analysis, draft, place, fact, quote, key)
    pairs = _pairs(analysis, place, fact, quote, read)
    extra = [f"{name}={value.replace(chr(34), quote)}" for name, value in exchange.extra.items() if name not in given.names]
    draft.edits += python.insert(fact.path, text, fact.call, [*pairs, *extra], notebook=False) if pairs or extra else ()
    draft.statements += python.needs(" ".join([*pairs, *(edit.new for edit in key.edits)]), exchange.imports if pairs else ())
    draft.snippet.append(f"{exchange.new.rpartition('.')[2]}({', '.join(_pasted(analysis, place, given.written, quote, extra))})")
    _prefix(analysis, draft, place, fact)


def _certain(analysis: Analysed, step: NodePath) -> Callable[[Node], bool]:
    """Is a value at this place certainly not None, by everything that it may stand for?"""

    def certain(node: Node) -> bool:
        text = analysis.repository.files[step.scope.path].source.text
        read, _ = values.value(node, step.scope, analysis.repository, text)
        return isinstance(node, Join) or (read is not None and not isinstance(read, Unknown))

    return certain


def _pasted(analysis: Analysed, place: Place, written: list[str], quote: str, extra: list[str]) -> list[str]:
    """The arguments for a person to paste: those of the call, with the new address and the new key in place of the old one."""
    names = {*place.row.key.names.get("python", ()), "api_key", *(("base_url",) if "base_url=" in place.exchange.given else ())}
    others = [argument for argument in written if argument.partition("=")[0] not in names]
    read = f"os.environ[{quote}{analysis.target.key_env}{quote}]"
    pairs = place.exchange.given.replace("$url", f"{quote}{analysis.target.openai_base}{quote}").replace("$key", read)
    return [*others, *([pairs] if place.row.key.env is not None else []), *extra]


def _key(analysis: Analysed, place: Place, fact: ClientFact) -> Key:
    """What a given key becomes, so that its absence stops the request; the new class looks for its own variable."""
    names = place.row.key.names
    row = replace(
        place.row,
        name=place.exchange.new.rpartition(".")[2],
        key=Argument(names=names, env=place.exchange.key or place.row.key.env),
        give=Give(empty=place.exchange.empty),
    )
    return given_key(analysis, fact, row, "python") if fact.key is not None else Key()


def _read(analysis: Analysed, draft: FileDraft, place: Place, fact: ClientFact, quote: str, key: Key) -> str:
    """The read of the new key, where the call is given none; notes which variables it has now, also those that callers read for it."""
    if fact.key is not None:
        draft.reads += [(source.name, source.path, source.node) for source in key.sources]
        return ""
    old = place.row.key.env
    if old is None or _given_client(place, fact):
        return ""
    draft.reads.append((old, fact.path, None))
    set_here = from_program(analysis, (old,))
    draft.refuse(set_here.refused)
    draft.doubt(set_here.unsure)
    draft.reads += [(source.name, source.path, source.node) for source in set_here.sources]
    name = old if analysis.kept(old) else renamed(old, analysis.target.key_env) or analysis.target.key_env
    if python.at_load(fact.node_path) and loaded_elsewhere(analysis, fact.path, fact.call):
        draft.doubt("load_dotenv may fill the environment only after this module is loaded, and the key is read as soon as it is")
    return python.environment(fact.node_path, READS["python"].replace("$name", name).replace('"', quote))


def _given_client(place: Place, fact: ClientFact) -> bool:
    """Is the class given an object that has address and key (`provider=OpenRouterProvider(…)`)?"""
    name = place.exchange.given.partition("=")[0]
    return name not in ("base_url", "api_key") and any(arg.name == name for arg in fact.call.args)


def _pairs(analysis: Analysed, place: Place, fact: ClientFact, quote: str, read: str) -> list[str]:
    """The arguments with address and key that are added."""
    if place.row.key.env is None or _given_client(place, fact):
        return []
    url = f"{quote}{analysis.target.openai_base}{quote}"
    template = place.exchange.given
    gone = [word for word, value in (("$key", fact.key), ("$url", fact.url)) if value is not None]
    if gone:
        template = ", ".join(part for part in template.split(", ") if not any(word in part for word in gone))
    return [template.replace("$url", url).replace("$key", read)] if template else []


def _prefix(analysis: Analysed, draft: FileDraft, place: Place, fact: ClientFact) -> None:
    """`openrouter:C/S` becomes `openai:C/S`, where the prefix chooses the class."""
    model = place.row.model
    if model is None:
        return
    ways = origins(analysis.repository, fact.model, fact.node_path.scope)
    literals = [origin.node for origin in ways if isinstance(origin.node, Str) and origin.kind is From.LITERAL]
    if len(literals) != len(ways) or not all(node.exact and node.value.startswith(model.prefix) for node in literals):
        draft.refuse(f"the model is not written where {place.exchange.old.rpartition('.')[2]} is called")
        return
    for origin in ways:
        if not isinstance(origin.node, Str):
            continue
        start = origin.node.inner.start
        span = Span(start, start + len(model.prefix))
        draft.edits.append(Edit(path=origin.path, span=span, old=model.prefix, new=place.exchange.prefix))


def routed(
    analysis: Analysed, draft: FileDraft, path: str, call: Call, ways: Mapping[str, str], routing: Routing
) -> RoutingSite | None:
    """The routing options of a call, if all of them can be written; another place writes them."""
    site = routing.get(identity_of(path, call))
    if site is None:
        return None
    written = write.compose(site, analysis.target, analysis.repository.files)
    spans = {arg.span for arg in call.args if arg.name is not None and ways.get(arg.name) == "routing"}
    entries = [entry for entry in site.entries if entry.span in spans]
    if not entries and not written.edits:
        return None
    if entries and written.refusal is not None:
        draft.refuse(f"its routing options are left to a person: {written.refusal}")
    elif not all(_taken(entry.name, written) is (entry in entries) for entry in site.entries):
        draft.refuse("some of its routing options have no counterpart at the target")
    elif (loss := broken_rule(site, written)) is not None:
        draft.doubt(loss.reason)
    return site


def _taken(name: str, written: write.Written) -> bool:
    removed = written.translation.removed
    return name in removed or (name.startswith("provider.") and "provider" in removed)


# -- the calls on it -------------------------------------------------------------------------------------------------------------------


def _calls(analysis: Analysed, draft: FileDraft, place: Place, fact: ClientFact, uses: Uses, routing: Routing) -> None:
    exchange = place.exchange
    known = {method.old: method for method in exchange.methods}
    ways = set()
    for path, step, name in uses.calls:
        method = known.get(name)
        if method is None:
            if exchange.closed:
                draft.refuse(f"`{name}` ({where(analysis, path, step)}) has no counterpart that was tried")
            continue
        ways.add(method.awaited)
        if len(ways) > 1:
            draft.refuse(f"calls are awaited and not awaited on one client ({where(analysis, path, step)})")
        _call(analysis, draft, exchange, method, path, step, routing)
    awaited = ways == {True}
    draft.awaited[fact.call_identity] = awaited
    for path, step in uses.entered if exchange.closed and exchange.awaited else ():
        text = analysis.repository.files[path].source.text
        if _is_async(text, step) is not awaited:
            kind, calls = ("with", "awaited") if awaited else ("async with", "not awaited")
            draft.refuse(f"the client of the `{kind}` at {where(analysis, path, step)} is used in calls that are {calls}")


def _is_async(text: str, step: NodePath) -> bool:
    """Is this an `async with`?"""
    start = step.node.span.start
    return text.startswith("async", start) or bool(re.search(r"async\s+$", text[:start]))


def _call(
    analysis: Analysed, draft: FileDraft, exchange: Exchange, method: Method, path: str, step: NodePath, routing: Routing
) -> None:
    """One call on a client."""
    call = step.node
    assert isinstance(call, Call)
    text = analysis.repository.files[path].source.text
    given = becoming(
        path,
        text,
        call,
        method.arguments,
        (),
        routed(analysis, draft, path, call, method.arguments, routing),
        of_client=False,
        certain=_certain(analysis, step),
    )
    if given.refused:
        draft.refuse(f"{given.refused} ({where(analysis, path, step)})")
    draft.edits += given.edits
    draft.requests.append(step.identity)
    streams = _streams(call)
    if streams is None:
        draft.refuse(f"whether it streams is not written at {where(analysis, path, step)}")
    extra = dict(method.extra)
    if exchange.reply:
        fields, lost = reply_fields(analysis.repository, path, step)
        if streams and "usage" in fields:
            extra |= method.streamed
        for name in sorted(fields - {*exchange.reply}):
            draft.refuse(f"`{name}` is read from the reply ({where(analysis, path, step)}), and only the common fields were tried")
        for other, place in lost:
            draft.doubt(
                f"the reply goes on at {where(analysis, other, place)}, where an OpenAI reply comes instead of OpenRouter's"
            )
    quote = python.quote(text, notebook=False)
    pairs = [f"{name}={value.replace(chr(34), quote)}" for name, value in extra.items() if name not in given.names]
    draft.edits += python.insert(path, text, call, pairs, notebook=False) if pairs else ()
    receiver, new = _receiver(path, text, call, method)
    draft.edits += new
    to = method.new or method.old
    draft.snippet.append(f"{'await ' if method.awaited else ''}{receiver}.{to}({', '.join([*given.written, *pairs])})")


def _streams(call: Call) -> bool | None:
    """Does a call ask for a stream? None where it cannot be said."""
    arg = next((arg for arg in call.args if isinstance(arg, Arg) and arg.name == "stream"), None)
    if arg is None:
        return False
    return arg.value.text == "True" if isinstance(arg.value, Const) and arg.value.text in ("True", "False") else None


def _receiver(path: str, text: str, call: Call, method: Method) -> tuple[str, list[Edit]]:
    """The text before the method's name, and the edit that gives the method its new one."""
    end = call.func.span.end
    words = re.escape(method.old).replace(r"\.", r"\s*\.\s*")
    match = re.search(rf"{words}$", text[call.func.span.start : end])
    start = call.func.span.start + match.start() if match is not None else end
    receiver = text[call.func.span.start : start].rstrip().removesuffix(".").rstrip()
    if match is None or not method.new:
        return receiver, []
    return receiver, [Edit(path=path, span=Span(start, end), old=text[start:end], new=method.new)]
