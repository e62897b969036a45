"""An address and a key of its own for a call that stays, where it shared them with what moves.

`f"{BASE}/credits"` becomes `f"https://openrouter.ai/api/v1/credits"`, and headers that it shared get the old key put over them. The call
then sends what it sent before, whatever becomes of the shared constant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator.analysis import detach_languages
from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Detachment
from migrator.analysis.old_reads import OldRead, environment_read, old_read
from migrator.analysis.sources.connections import Connection, carries_key
from migrator.analysis.sources.key_sources import SourceKind, of_parameter
from migrator.analysis.sources.references import references
from migrator.catalog import openrouter
from migrator.catalog.urls import find_urls
from migrator.facts.model import Fact
from migrator.formats.detect import format_of
from migrator.formats.tree import Attr, Call, Index, Item, Join, Name, Node, Obj, Str
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.records import replace
from migrator.resolve.context import last_name, source_name
from migrator.resolve.env_schemas import values
from migrator.resolve.environment import DEFINING
from migrator.resolve.objects import entries, objects
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.scopes import Scope

_TAKES_APART = frozenset(("urlsplit", "urlparse", "URL"))
_PARTS_OF_URL = frozenset(("netloc", "hostname", "host", "path", "pathname"))
"""What an address is taken apart by, and the parts that a request is made of again: `urlsplit(BASE + "/credits").path`."""
_SENDING = frozenset(("get", "post", "put", "patch", "delete", "request", "fetch"))


def own_address(analysis: Analysis, connection: Connection) -> Detachment | None:
    """The shared base in the call's address replaced by OpenRouter's address as a literal; None where that cannot be written."""
    fact = connection.fact
    if fact.url is None:
        return None
    base = _base_of(connection)
    head = _given_whole(connection) or _head(analysis, fact.url, fact.node_path.scope, connection, 0)
    if head is None or base is None or _may_lead_elsewhere(analysis, connection):
        return None
    path, node, join = head
    base = _fitted_to(join, node, base)
    file = analysis.repository.files[path]
    if detach_languages.applies(file):
        edit = detach_languages.address_edit(file, node, base)
    else:
        edit = _replaced(path, file.source.text, node, join, base)
    if edit is None:
        return None
    return Detachment(
        path=path, span=edit.span, message="this call stays on OpenRouter, with its own address", edits=_fitted([edit])
    )


def _given_whole(connection: Connection) -> tuple[str, Node, None] | None:
    """The argument that a call gives as the address of requests which stand elsewhere."""
    fact = connection.fact
    node, call = fact.url, fact.call
    if not connection.through or not isinstance(node, Name | Attr | Index | Call):
        return None
    inside = call.span.start <= node.span.start and node.span.end <= call.span.end
    shorthand = any(item.shorthand and item.value is node for arg in call.args for item in _entries(arg.value))
    return (fact.path, node, None) if inside and not shorthand else None


def _may_lead_elsewhere(analysis: Analysis, connection: Connection) -> bool:
    """Does a definition in the tree give the shared address another value than OpenRouter's: a relay, a stub of its own network?"""
    given = (fact.value for name in connection.variables for fact in analysis.naming(name) if fact.role in DEFINING)
    return any(isinstance(value, Str) and "://" in value.value and not find_urls(value.value) for value in given)


_QUOTE = regex(r'(?<!\\)"')


def _fitted(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits as they stand in their files: the code of a notebook is text of JSON, which a quote would end."""
    return tuple(replace(edit, new=_QUOTE.sub(r'\\"', edit.new)) if edit.path.endswith(".ipynb") else edit for edit in edits)


def _fitted_to(join: Join | None, node: Node, base: str) -> str:
    """The base as the path behind it needs it: the host alone before the API's prefix (`${new URL(BASE).origin}/api/v1/auth/keys`)."""
    after = [part for part in join.parts if part.span.start >= node.span.end] if join is not None else []
    text = after[0].value if after and isinstance(after[0], Str) else ""
    prefix = "/api/v1"
    if text.startswith(prefix):
        return base.removesuffix("/").removesuffix(prefix)
    # a client's own `base_url` ends with a slash, whatever it was made with
    return f"{base}/" if text[:1].isalpha() and not base.endswith("/") else base


def _base_of(connection: Connection) -> str | None:
    """The text of the base that the call starts from today."""
    for origin in connection.urls:
        if origin.kind is From.LITERAL and isinstance(origin.node, Str) and "://" in origin.node.value and not origin.prefix:
            return origin.node.value
    return f"https://{openrouter()['hosts']['canonical']}/api/v1" if connection.variables else None


def _head(analysis: Analysis, node: Node, scope: Scope, connection: Connection, depth: int) -> tuple[str, Node, Join | None] | None:
    """The part of an address that stands for the shared base: file, node, and the text it is a part of."""
    if depth > 4:
        return None
    match node:
        case Join(parts=(Attr(name=part), *_)) if part in _PARTS_OF_URL:
            return None  # the host is taken from the shared address in another place
        case Join(parts=(head, *rest)) if rest and not isinstance(head, Str):
            return scope.path, head, node
        case Join(parts=(Str(value=""), head, *rest)) if rest and not isinstance(head, Str):
            return scope.path, head, node
        case Call(args=(first, *_)) if last_name(node.func) == "urljoin":
            return scope.path, first.value, None
        case Attr(base=inner, name=part) if part in _PARTS_OF_URL:
            return _head(analysis, inner, scope, connection, depth + 1)
        case Call(args=(first,)) if last_name(node.func) in _TAKES_APART:
            return _head(analysis, first.value, scope, connection, depth + 1)
        case Name(id=name):
            bindings = [binding for binding in scope.lookup(name) if binding.value is not None and binding.param is None]
            if len(bindings) == 1 and bindings[0].key is None and bindings[0].value is not None:
                return _head(analysis, bindings[0].value, bindings[0].scope, connection, depth + 1)
    return None


def _replaced(path: str, text: str, node: Node, join: Join | None, base: str) -> Edit | None:
    start, end = node.span
    if join is not None and _in_template(text, join):
        before = re.search(r"\$?\{[ \t]*$", text[:start])
        after = re.match(r"!?[ \t]*\}", text[end:])  # `!` of TypeScript says that there is a value
        if before is None or after is None:
            return None
        start, end, new = before.start(), end + after.end(), base
        if text[start] == "{" and not any(not isinstance(part, Str) for part in join.parts if part is not node):
            mark = re.match(r"[fF]", text[join.span.start :])  # a text without anything to fill in is no f-string
            if mark is not None:
                return Edit(
                    path=path,
                    span=Span(join.span.start, end),
                    old=text[join.span.start : end],
                    new=text[join.span.start + 1 : start] + new,
                )
    elif format_of(path, text[:200]) == "shell" or text[start : start + 1] == "$":
        new = base  # nothing in it needs quotes, and it may stand between quotes already
    else:
        new = f'"{base}"'
    return Edit(path=path, span=Span(start, end), old=text[start:end], new=new)


def _in_template(text: str, join: Join) -> bool:
    """Is it an f-string or a template literal, and no sum of texts?"""
    return bool(re.match(r"[rRbBuU]?[fF][rR]?\\?[\"']|`", text[join.span.start : join.span.start + 5]))


def own_key(analysis: Analysis, connection: Connection) -> Detachment | None:
    """The old key read where the call is made, in place of what it shared; None where that cannot be written."""
    fact = connection.fact
    path, scope = fact.path, fact.node_path.scope
    if detach_languages.applies(analysis.repository.files[path]):
        return _own_key_of_language(analysis, connection)
    text = analysis.repository.files[path].source.text
    old = old_read(analysis, connection, path, scope)
    if old is None:
        return None
    read = old.text
    given = fact.key if fact.key is not None else fact.headers
    if given is None and analysis.language(path) == "shell":
        return _in_command(path, text, fact.call, read)
    if fact.client == "raw-http" and (given is None or (isinstance(given, Obj) and given.items and not _authorizes(given))):
        return _added_header(analysis, connection, given, old)
    if given is None:
        return None
    start, end = given.span
    if not (fact.call.span.start <= start and end <= fact.call.span.end):
        return None
    if isinstance(given, Obj) or (fact.key is not None and isinstance(given, Join)):
        node = _shared_part(analysis, given, scope)
        if node is None:
            return None
        start, end = node.span
        new = _fitting(text, start, read)
        if text[:start].endswith("{") and text[end:].startswith("}") and new.startswith("(") and new.endswith(")"):
            new = new[1:-1]
    else:
        if not isinstance(given, (Name, Attr, Call, Index)) or "\n" in text[start:end]:
            return None
        header = None if fact.key is not None else _header(analysis, connection)
        if fact.key is None and header is None:
            return None
        new = read if header is None else _over(path, text[start:end], header, read)
        if (
            connection.through
            and header is None
            and path.endswith((".ts", ".tsx", ".mts", ".cts"))
            and read.startswith("process.env")
        ):
            new = f'{read} ?? ""'  # what is called says that it takes a text
        if any(item.shorthand and item.value is given for arg in fact.call.args for item in _entries(arg.value)):
            new = f"{text[start:end]}: {new}"
    edits = [Edit(path=path, span=Span(start, end), old=text[start:end], new=new), *old.imports]
    return Detachment(path=path, span=Span(start, end), message="this call keeps OpenRouter's key", edits=_fitted(edits))


def _added_header(analysis: Analysis, connection: Connection, given: Obj | None, old: OldRead) -> Detachment | None:
    """The old key in a request's own headers, which go before those of the session that it is sent through."""
    fact = connection.fact
    path, call, read = fact.path, fact.call, old.text
    if any(arg.name == "auth" or arg.star for arg in call.args) or last_name(call.func) not in _SENDING:
        return None
    python = path.endswith((".py", ".ipynb"))
    if given is None and not python:
        return _added_options(analysis, connection, old)
    quote = "'" if '"' in read else '"'
    entry = f"{quote}Authorization{quote}: {quote}Bearer {quote} + {read}" if python else f"Authorization: `Bearer ${{{read}}}`"
    at, new = (
        (call.close, f", headers={{{entry}}}") if given is None else (given.span.start + 1, f"{'' if python else ' '}{entry}, ")
    )
    if given is not None and not (call.span.start <= given.span.start and given.span.end <= call.span.end):
        return None
    text = analysis.repository.files[path].source.text
    if given is None and text[call.span.start : at].rstrip().endswith(","):
        return None
    edits = [Edit(path=path, span=Span(at, at), old="", new=new), *old.imports]
    return Detachment(path=path, span=Span(at, at), message="this call keeps OpenRouter's key", edits=_fitted(edits))


_ARGUMENTS_BEFORE_OPTIONS = {"get": 1, "delete": 1, "post": 2, "put": 2, "patch": 2}
"""What stands in front of the options of axios's methods: the address, and the body of those that send one."""


def _added_options(analysis: Analysis, connection: Connection, old: OldRead) -> Detachment | None:
    """The old key in options that a request through axios is given: `http.get(url, { headers: … })`."""
    fact = connection.fact
    path, call = fact.path, fact.call
    func = call.func
    if not isinstance(func, Attr) or _ARGUMENTS_BEFORE_OPTIONS.get(func.name) != len(call.args):
        return None
    made = [node for node, _ in values(analysis.repository, func.base, fact.node_path.scope)]
    if source_name(func.base) != "axios" and not (
        made and all(isinstance(node, Call) and source_name(node.func) == "axios.create" for node in made)
    ):
        return None
    new = f", {{ headers: {{ Authorization: `Bearer ${{{old.text}}}` }} }}"
    text = analysis.repository.files[path].source.text
    if text[call.span.start : call.close].rstrip().endswith(","):
        return None
    edits = [Edit(path=path, span=Span(call.close, call.close), old="", new=new), *old.imports]
    return Detachment(path=path, span=edits[0].span, message="this call keeps OpenRouter's key", edits=_fitted(edits))


def _own_key_of_language(analysis: Analysis, connection: Connection) -> Detachment | None:
    """The old key read in the header that the function of a call sets, where no other call of the function shares that header."""
    fact = connection.fact
    file = analysis.repository.files[fact.path]
    sources = [origin for origin in connection.keys if origin.kind is From.ENV]
    owner = detach_languages.owner(fact.node_path)
    if fact.key is None or owner is None or len(sources) != 1:
        return None
    start, end = fact.key.span
    shared_by = [other for other in analysis.in_file.get(fact.path, ()) if other.fact.key is fact.key]
    if len(shared_by) > 1 or not (owner.span.start <= start and end <= owner.span.end):
        return None
    shared = _shared_part(analysis, fact.key, fact.key_scope or fact.node_path.scope)
    read = detach_languages.plain_read(file, sources[0], analysis.repository.files[sources[0].path])
    edit = detach_languages.key_edit(file, fact.key, shared, read) if shared is not None and read is not None else None
    if edit is None or edit.old == edit.new:
        return None
    return Detachment(path=fact.path, span=edit.span, message="this call keeps OpenRouter's key", edits=_fitted([edit]))


def _in_command(path: str, text: str, call: Call, read: str) -> Detachment | None:
    """`-H "Authorization: Bearer $TOKEN"` with the variable that the script's own one was made of."""
    refs = [ref for arg in call.args if carries_key(arg) for ref in references(arg.value)]
    if len(refs) != 1:
        return None
    span = refs[0].span
    edit = Edit(path=path, span=span, old=text[span.start : span.end], new=read)
    return Detachment(path=path, span=span, message="this call keeps OpenRouter's key", edits=_fitted([edit]))


def own_request(analysis: Analysis, connection: Connection, mark: Fact) -> Detachment | None:
    """`client.get("/credits")` with OpenRouter's whole address and its key; None where the call has options that are not understood."""
    path, call = mark.path, called(mark)
    if call is None or mark.node_path is None or not isinstance(mark.node, Str):
        return None
    old = old_read(analysis, connection, path, mark.node_path.scope)
    base = _base_of(connection)
    if old is None or base is None:
        return None
    read = old.text
    given = next((arg.value for arg in call.args if arg.name == "headers"), None)
    if any(arg.name in ("auth", "options") or arg.star for arg in call.args):
        return None
    if connection.fact.client == "anthropic" or (not path.endswith((".py", ".ipynb")) and len(call.args) > 1):
        return None
    if given is not None and not (isinstance(given, Obj) and given.items and not _authorizes(given)):
        return None
    text = analysis.repository.files[path].source.text
    inner = mark.node.inner
    address = f"{base.rstrip('/')}/{text[inner.start : inner.end].lstrip('/')}"
    python = path.endswith((".py", ".ipynb"))
    quote = "'" if '"' in read else '"'
    entry = f"{quote}Authorization{quote}: {quote}Bearer {quote} + {read}"
    written = f"options={{{quote}headers{quote}: {{{entry}}}}}" if connection.fact.client == "openai" else f"headers={{{entry}}}"
    headers, at = f", {written}" if python else f", {{ headers: {{ Authorization: `Bearer ${{{read}}}` }} }}", call.close
    if given is not None:
        headers, at = f"{entry}, ", given.span.start + 1
    edits = [
        Edit(path=path, span=inner, old=text[inner.start : inner.end], new=address),
        Edit(path=path, span=Span(at, at), old="", new=headers),
        *old.imports,
    ]
    names = frozenset(source.name for source in analysis.sources_of(connection) if source.kind is SourceKind.VARIABLE)
    message = "this call stays on OpenRouter, with its own address and key"
    return Detachment(path=path, span=inner, message=message, edits=_fitted(edits), reads=names)


def _authorizes(headers: Obj) -> bool:
    """May written headers carry a key of their own?"""
    return any(not isinstance(item.key, Str) or _AUTHORIZATION.fullmatch(item.key.value) for item in headers.items)


def called(mark: Fact) -> Call | None:
    """The call whose argument a mark is."""
    if mark.node_path is None:
        return None
    return next((step.node for step in (mark.node_path, *mark.node_path.ancestors()) if isinstance(step.node, Call)), None)


def _over(path: str, old: str, header: str, read: str) -> str:
    """Shared headers with the old key put over theirs."""
    if path.endswith((".py", ".ipynb")):
        quote = "'" if '"' in read else '"'
        return f"{{**{old}, {quote}{header}{quote}: {quote}Bearer {quote} + {read}}}"
    name = header if header.isidentifier() else f'"{header}"'
    return f"{{ ...{old}, {name}: `Bearer ${{{read}}}` }}"


def _shared_part(analysis: Analysis, given: Node, scope: Scope) -> Node | None:
    """The name in a written header, or in a written key, that stands for the key."""
    values = [given]
    if isinstance(given, Obj):
        values = [item.value for item in given.items if isinstance(item.key, Str) and _AUTHORIZATION.fullmatch(item.key.value)]
    for value in values:
        for part in value.parts if isinstance(value, Join) else (value,):
            if isinstance(part, (Name, Attr, Index, Call)) and (
                any(origin.kind in (From.ENV, From.PARAM) for origin in origins(analysis.repository, part, scope))
                or any(of_parameter(analysis.repository, part, scope))
            ):
                return part
    return None


_AUTHORIZATION = regex(r"authorization|(x-)?api-key", re.IGNORECASE)


def _fitting(text: str, at: int, read: str) -> str:
    """The read with quotes that do not end the text it stands in."""
    start = max(text.rfind("\n", 0, at), 0)
    opened = re.search(r"[fF][rRbB]?(\"|')[^\"']*\Z", text[start:at])
    if opened is None:
        return read
    other = "'" if opened[1] == '"' else '"'
    return re.sub(r"[\"']", other, read)


def read_again(analysis: Analysis, path: str, scope: Scope, span: Span, origin: Origin) -> Detachment | None:
    """An expression replaced by the read of the variable that its value comes from, under the name it has today."""
    node = origin.node
    if node is None or (origin.path.endswith((".py", ".ipynb"))) != path.endswith((".py", ".ipynb")):
        return None
    read = analysis.repository.files[origin.path].source.text[node.span.start : node.span.end]
    file = analysis.repository.files[path]
    old = environment_read(analysis, path, scope, read, origin.name)
    if old is None:
        return None
    edits = [Edit(path=path, span=span, old=file.source.text[span.start : span.end], new=read), *old.imports]
    return Detachment(path=path, span=span, message="the other program keeps OpenRouter's key", edits=_fitted(edits))


def _entries(node: Node) -> tuple[Item, ...]:
    return node.items if isinstance(node, Obj) else ()


def _header(analysis: Analysis, connection: Connection) -> str | None:
    """The header that carries the key, spelled as it is: two spellings of one header would be sent as two values."""
    fact = connection.fact
    assert fact.headers is not None
    for obj, scope in objects(analysis.repository, fact.headers, fact.node_path.scope):
        for item, _ in entries(analysis.repository, obj, scope):
            if isinstance(item.key, Str) and item.key.value.lower() == "authorization":
                return item.key.value
    return None
