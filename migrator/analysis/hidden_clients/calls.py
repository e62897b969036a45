"""One call that makes or uses a client with OpenRouter built in: what it is given, or why that is not exact."""

from __future__ import annotations

from migrator.analysis.hidden_clients import ecma, python
from migrator.analysis.hidden_clients.addresses import closed_address
from migrator.analysis.hidden_clients.keys import Key, from_program, given_key
from migrator.analysis.hidden_clients.model import Addition, Analysed
from migrator.analysis.hidden_clients.models import doubt
from migrator.catalog import renamed
from migrator.facts.model import ClientFact, Fact, FactKind
from migrator.formats.tree import Call, Obj, Str
from migrator.integrations import lookup
from migrator.integrations.schema import READS, Client
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.resolve.context import last_name
from migrator.resolve.scopes import dotted

_LOADS = regex(r"\bload_dotenv\s*\(")


def made_explicit(analysis: Analysed, row: Client, mark: Fact, client: ClientFact, *, explicit: bool) -> Addition | str | None:
    """What the call gets, or why it gets nothing; None where it is `explicit` already and a missing key stops it."""
    assert row.give is not None
    language = lookup.language(analysis.language(mark.path))
    maker = row.give.name or last_name(client.call.func)
    options = _options(analysis, row, client, language)
    if said := dialect(analysis, row) or _refused(options or (), row):
        return said
    if explicit:
        address = closed_address(analysis, client, row, language)
        return _closed(mark, client, given_key(analysis, client, row, language), maker, address)
    callee = dotted(client.call.func, client.node_path.scope)
    if client.key is None and row.key.env is None:
        return f"{maker} is not given a key"
    if row.give.maker and callee != row.give.maker:
        return f"it is not made by {maker}"
    if callee not in row.callees.get(language, ()):
        return row.advice
    if options is None:
        return f"the options of {maker} are not written where it is called"
    if client.url is not None and not any(c.answers(client.call) for c in analysis.connections):
        return f"the address that {maker} is given cannot be followed"
    lacking = [name for name in row.give.need if name not in options]
    if lacking and not any(arg.name is None for arg in client.call.args):
        return f"`{lacking[0]}` is not written, and what {maker} takes instead means something at OpenRouter only"
    refused, unsure = doubt(analysis.repository, row, client)
    if refused:
        return refused
    key = given_key(analysis, client, row, language) if client.key is not None else from_program(analysis, (str(row.key.env),))
    if key.refused:
        return key.refused
    outcome = (
        _python(analysis, row, mark, client, options, key) if language == "python" else _ecma(analysis, row, mark, client, options)
    )
    if isinstance(outcome, str):
        return outcome
    edits, given, late = outcome
    return Addition(
        path=mark.path,
        span=Span(*client.call.span),
        message=f"{maker} gets {' and '.join(given)} of its own" if given else f"{maker} is given a key that cannot be missing",
        edits=(*edits, *key.edits, *closed_address(analysis, client, row, language)),
        names=key.names if client.key is not None else key.names | {str(row.key.env)},
        sources=key.sources,
        marks=(mark,),
        call=client.call,
        unsure=key.unsure or unsure or late,
    )


def _closed(mark: Fact, client: ClientFact, key: Key, maker: str, address: tuple[Edit, ...]) -> Addition | str | None:
    """A call that has address and key already: only what keeps the library from taking another key, or OpenRouter's address."""
    if key.refused or not (key.edits or key.unsure or address):
        return None
    what = " and ".join(word for word, edits in (("a key", key.edits or key.unsure), ("an address", address)) if edits)
    return Addition(
        path=mark.path,
        span=Span(*client.call.span),
        message=f"{maker} is given {what} that cannot be missing",
        edits=(*key.edits, *address),
        names=key.names,
        sources=key.sources,
        marks=(mark,),
        call=client.call,
        unsure=key.unsure,
    )


def dialect(analysis: Analysed, row: Client) -> str:
    """Where OpenRouter's own options are used with such a client; "" where they are not."""
    for path, facts in sorted(analysis.facts.items()):
        for mark in facts.marked(FactKind.DIALECT):
            if analysis.code(path) and mark.note in ("", row.name):
                line = analysis.repository.files[path].lines.line(mark.span.start)
                if mark.text.startswith("/"):
                    if mark.text[1:] in analysis.target.endpoints:
                        continue
                    return f"its model in {path}:{line} posts to {mark.text}, which the target does not serve"
                return (
                    f"{mark.text} ({path}:{line}) goes into the request as OpenRouter's own fields, which the target does not keep"
                )
    return ""


def _options(analysis: Analysed, row: Client, client: ClientFact, language: str) -> set[str] | None:
    """Names of what a call is given; None where some of it is written elsewhere."""
    if language == "python":
        return python.arguments(analysis.repository, client.call, client.node_path)
    args = client.call.args
    if row.url.at is not None:
        return set() if not any(arg.star for arg in args) else None
    objects = [arg.value for arg in args if isinstance(arg.value, Obj) and not arg.star]
    if len(objects) != len(args) or len(args) > 1:
        return None
    return {item.key.value for obj in objects for item in obj.items if isinstance(item.key, Str)}


def _refused(options: set[str] | tuple[()], row: Client) -> str:
    """The first option that must not go to another gateway; "" where there is none."""
    assert row.give is not None
    wrong = sorted(set(options) & set(row.give.refuse))
    return f"`{wrong[0]}` is an option that only OpenRouter understands, or that hands keys on" if wrong else ""


Written = tuple[tuple[Edit, ...], list[str], str]
"""Edits, the names of what is given, and why only `--unsafe` may do it."""


def _python(analysis: Analysed, row: Client, mark: Fact, client: ClientFact, options: set[str], key: Key) -> Written | str:
    assert row.give is not None
    assert row.key.env is not None
    file = analysis.repository.files[mark.path]
    text, notebook = file.source.text, file.module.language == "notebook"
    mark_of_text = python.quote(text, notebook=notebook)
    url = f"{mark_of_text}{analysis.target.openai_base}{mark_of_text}"
    read, late = "", ""
    if client.key is None and not analysis.kept(row.key.env):
        name = renamed(row.key.env, analysis.target.key_env)
        assert name is not None  # the library's own variable is one of OpenRouter's: `tests/test_integrations.py`
        read = row.give.read.get("python", READS["python"]).replace("$name", name).replace('"', mark_of_text)
        read = python.environment(client.node_path, read)
        if python.at_load(client.node_path) and loaded_elsewhere(analysis, mark.path, client.call):
            late = "load_dotenv may fill the environment only after this module is loaded, and the key is read as soon as it is"
    sources = python.needs(
        f"{read} {' '.join(edit.new for edit in key.edits)}", row.give.imports.get("python", ()) if _uses(row, read) else ()
    )
    lacking = python.missing(client.node_path, sources)
    if isinstance(lacking, str):
        return lacking
    if lacking and notebook:
        return f"the notebook lacks `{lacking[0]}`"
    imports = python.import_edits(file, lacking)
    if (template := row.give.arguments.get("python")) is not None:
        if len(client.call.args) > 1 or not options <= set(row.give.plain):
            return f"{last_name(client.call.func)} is given more than a key"
        return (*_wrapped(mark.path, text, client.call, template.replace("$url", url), read), *imports), ["a client"], late
    if (template := row.give.model.get("python")) is not None and client.model is not None:
        head, _, tail = template.replace("$url", url).replace("$key", read).partition("$model")
        start, end = client.model.span
        around = [Edit(path=mark.path, span=Span(end, end), old="", new=tail)]
        if row.give.bare:
            assert row.model is not None
            if not isinstance(client.model, Str) or not client.model.exact:
                return f"the model is not written where {last_name(client.call.func)} is called"
            stop = client.model.inner.start + len(row.model.prefix)
            opening = text[start : client.model.inner.start]
            around.append(Edit(path=mark.path, span=Span(start, stop), old=text[start:stop], new=f"{head}{opening}"))
        else:
            around.append(Edit(path=mark.path, span=Span(start, start), old="", new=head))
        return (*around, *imports), ["an object with address and key"], late
    pairs = [(row.url.names["python"][0], url)] if client.url is None else []
    pairs += [(row.key.names["python"][0], read)] if read else []
    given = [name for name, _ in pairs]
    pairs += [(name, value) for name, value in row.give.extra.items() if name not in options]
    quoted = mark_of_text if row.mapping else ""
    lines = [f"{quoted}{name}{quoted}{': ' if row.mapping else '='}{value}" for name, value in pairs]
    edits = python.insert(mark.path, text, client.call, lines, notebook=notebook) if lines else ()
    return (*edits, *imports), given, late


def _uses(row: Client, read: str) -> bool:
    """Does what is written need the imports that the library's table names?"""
    assert row.give is not None
    return bool(row.give.arguments or row.give.model or (read and row.give.read))


def _wrapped(path: str, text: str, call: Call, template: str, read: str) -> tuple[Edit, ...]:
    """The key that a call is given, put into another client with the address; or that client with a read of the new key."""
    head, _, tail = template.partition("$key")
    if not call.args:
        return (Edit(path=path, span=Span(call.close, call.close), old="", new=f"{head}{read}{tail}"),)
    (arg,) = call.args
    start = Span(arg.span.start, arg.value.span.start)
    end = Span(arg.span.end, arg.span.end)
    return (
        Edit(path=path, span=start, old=text[slice(*start)], new=head),
        Edit(path=path, span=end, old="", new=tail),
    )


def loaded_elsewhere(analysis: Analysed, path: str, call: Call) -> bool:
    """Does another file fill the environment from a file, and this one not before the call?"""
    text = analysis.repository.files[path].source.text
    if _LOADS.search(text, 0, call.span.start):
        return False
    return any(
        _LOADS.search(file.source.text) for other, file in analysis.repository.files.items() if other != path or _LOADS.search(text)
    )


def _ecma(analysis: Analysed, row: Client, mark: Fact, client: ClientFact, options: set[str]) -> Written | str:
    assert row.give is not None
    file = analysis.repository.files[mark.path]
    text, call = file.source.text, client.call
    maker = row.give.name or last_name(call.func)
    obj = call.args[0].value if call.args else None
    if isinstance(obj, Obj) and any(not isinstance(item.key, Str) for item in obj.items):
        return f"the options of {maker} come in part from elsewhere"
    quote = ecma.quote(text)
    url = f"{quote}{analysis.target.openai_base}{quote}"
    if row.url.at is not None:  # it is given the key, which stands right before the address, and no address
        at = call.args[-1].span.end
        return (Edit(path=mark.path, span=Span(at, at), old="", new=f", {url}"),), ["an address"], ""
    read = ""
    if client.key is None:
        outcome = ecma.reader(analysis, file, row, at_load=python.at_load(client.node_path))
        if isinstance(outcome, tuple):
            return outcome[0]
        read = outcome
    pairs = [(row.url.names["ecma"][0], url)] if client.url is None and row.url.names else []
    pairs += [(row.key.names["ecma"][0], read)] if read and row.key.names else []
    if (inner := _option_of_model(row, client)) is not None:
        pairs = [(name.rpartition(".")[2], value) for name, value in pairs]
        return ecma.into(mark.path, text, inner, pairs) if pairs else (), [name for name, _ in pairs], ""
    if (template := row.give.model.get("ecma")) is not None and client.model is not None:
        head, _, tail = ecma.quoted(text, template).replace("$url", url).replace("$key", read).partition("$model")
        start, end = client.model.span
        around = (
            Edit(path=mark.path, span=Span(start, start), old="", new=head),
            Edit(path=mark.path, span=Span(end, end), old="", new=tail),
        )
        return around, ["a model with address and key"], ""
    given = [name for name, _ in pairs]
    pairs += [(name, ecma.quoted(text, value)) for name, value in row.give.extra.items() if name not in options]
    return ecma.insert(mark.path, text, call, pairs) if pairs else (), given, ""


def _option_of_model(row: Client, client: ClientFact) -> Obj | None:
    """The object that is a model's option, where name, address and key stand in it: `model: { id, url, apiKey }`."""
    heads = {name.partition(".")[0] for name in row.url.names.get("ecma", ()) if "." in name}
    options = next((arg.value for arg in client.call.args if isinstance(arg.value, Obj)), None)
    items = options.items if heads and row.model is not None and options is not None else ()
    return next(
        (item.value for item in items if isinstance(item.key, Str) and item.key.value in heads and isinstance(item.value, Obj)),
        None,
    )
