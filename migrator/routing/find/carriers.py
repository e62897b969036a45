"""How an object gets into a request: through which key, call or name."""

from __future__ import annotations

import re

from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Class, Func, Index, Item, Join, Name, Other, Param, Return, Seq, Str
from migrator.patterns import regex
from migrator.resolve import follow as resolve
from migrator.resolve.context import NodePath, is_message_call, last_name, source_name
from migrator.resolve.scopes import Scope, dotted
from migrator.routing.find.search import Search, Tree, first_name, key_above
from migrator.routing.find.shapes import at_key
from migrator.routing.find.site import Carrier
from migrator.routing.find.stores import Chain, How, owner_of_chain

_KEEPING = frozenset(
    (
        "execute", "executemany", "fetchrow", "fetchval", "setex", "hset", "hmset", "lpush", "rpush", "zadd", "xadd", "insert", "insertOne", "insert_one",
        "setItem", "write_text", "writeFile", "writeFileSync",
    )
)  # fmt: skip
"""Last words of calls that put a text into a database, a store or a file."""


_MADE_JSON = frozenset(("to_json", "toJson", "toJSON"))
_MAKES_JSON = frozenset(
    (
        "Marshal", "MarshalIndent", "Encode", "json_encode", "to_json", "generate", "jsonEncode", "encode", "data", "Serialize", "SerializeObject",
        "Create", "writeValueAsString", "writeValueAsBytes", "toJson", "json", "PostAsJsonAsync", "to_string", "to_vec", "bodyValue", "body",
        "HttpEntity", "setBody", "JSONObject", "JSONSerialization", "encodeToString", "SetBody", "SetBodyJsonMarshal", "withBody",
    )
)  # fmt: skip
"""Last words of calls that make the JSON of a body from what they are given, or send it as JSON."""


def outer_call(node_path: NodePath) -> Call | None:
    """The call that an object stands in, without those that only build or write it."""
    for step in node_path.ancestors():
        if isinstance(step.node, Call) and last_name(step.node.func) not in ("dict", "dumps", "stringify"):
            return step.node
        if isinstance(step.node, Func | Class | Assign | Return):
            return None
    return None


def carrier_of(search: Search, node_path: NodePath, depth: int = 0) -> tuple[Carrier, str, str]:
    """How an object gets into a request, the callee, and the name it is given to first."""
    child: Tree = node_path.node
    if id(child) in search.given:
        return (*search.given[id(child)], "")
    for step in node_path.ancestors():
        node = step.node
        match node:
            case Alt() | Other(kind="await" | "paren" | "and" | "type-assert"):
                pass
            case Item(key=None):
                return _spread(search, step, depth)
            case Item(key=Name(id="CURLOPT_POSTFIELDS")):
                return Carrier.JSON_BODY, "CURLOPT_POSTFIELDS", ""
            case Item(key=Str(value=key)):
                carrier = _under_key(search, key, step)
                return (carrier, callee_of(step), "") if carrier else (Carrier.UNKNOWN, callee_of(step), "")
            case Attr(name=word) if word in _MADE_JSON and search.of_language:
                return Carrier.JSON_BODY, callee_of(step), ""
            case Arg(name=str(name), star=False):
                match name:
                    case "withJSONObject" | "inputValue" | "value" if search.of_language:
                        pass
                    case "extra_body":
                        return (Carrier.UNSENT if search.ecma else Carrier.EXTRA_BODY), callee_of(step), ""
                    case "json" | "data" | "content" | "body":
                        return Carrier.JSON_BODY, callee_of(step), ""
                    case "generation_kwargs" if callee_of(step).endswith("OpenRouterChatGenerator"):
                        return Carrier.JSON_BODY, callee_of(step), ""
                    case "model_kwargs" | "generation_kwargs":
                        return Carrier.UNSENT, callee_of(step), ""
                    case _:
                        return Carrier.UNKNOWN, callee_of(step), name
            case Arg():
                pass
            case Call(args=(_, Arg(value=Name(id="CURLOPT_POSTFIELDS")), *_)):
                return Carrier.JSON_BODY, callee_of(step), ""
            case Call(func=func):
                word = last_name(func)
                if search.of_language and child is not func and word in _MAKES_JSON and not is_message_call(node):
                    outer = outer_call(step)
                    kept = outer is not None and (is_message_call(outer) or last_name(outer.func) in _KEEPING)
                    return (Carrier.UNKNOWN, "", "") if kept else (Carrier.JSON_BODY, callee_of(step), "")
                if word in ("stringify", "dumps", "jsonencode"):
                    if _is_part_of_text(step):
                        return Carrier.UNKNOWN, "", ""
                    outer = outer_call(step)
                    if outer is not None and (is_message_call(outer) or last_name(outer.func) in _KEEPING):
                        return Carrier.UNKNOWN, "", ""
                    return Carrier.JSON_BODY, callee_of(step), ""
                if is_message_call(node):
                    return Carrier.UNKNOWN, "", ""
                if word in ("dict", "freeze", "copy", "deepcopy", "cast"):
                    child = node
                    continue
                if word in ("update", "assign", "setdefault") and depth < 4:
                    name = source_name(func.base) if word != "assign" and isinstance(func, Attr) else first_name(node)
                    return (*flow_of(search, name, step, depth)[:2], name)
                return by_position(search, node, child, step)
            case Assign(targets=(Attr(name="httpBody" | "body" | "Content" | "RequestBody"), *_)) if search.of_language:
                return Carrier.JSON_BODY, callee_of(step), ""
            case Assign(targets=targets) if targets:
                name = source_name(targets[0])
                if (
                    isinstance(targets[0], Index)
                    and isinstance(targets[0].key, Str)
                    and targets[0].key.value in ("extra_body", "extraBody")
                ):
                    return _under_key(search, targets[0].key.value, step) or Carrier.UNKNOWN, "", ""
                if (
                    isinstance(targets[0], Index)
                    or not name
                    or (isinstance(node_path.node, Name | Attr) and name == source_name(node_path.node))
                ):
                    return Carrier.UNKNOWN, "", ""
                return (*flow_of(search, name, step, depth)[:2], name)
            case Return():
                pass
            case Func(name=name):
                if step.up is not None and key_of_item(step.up) == "transformRequestBody":
                    return Carrier.JSON_BODY, "transformRequestBody", ""
                return Carrier.UNKNOWN, "", name
            case Seq() | Class() | Param():
                return Carrier.UNKNOWN, "", ""
            case _:
                pass
        child = node
    return Carrier.UNKNOWN, "", ""


def _is_part_of_text(step: NodePath) -> bool:
    """Is a call one part of a longer text, such as a prompt? The text of a command that sends data is a request."""
    for up in step.ancestors():
        match up.node:
            case Join(parts=parts):
                words = " ".join(part.value for part in parts if isinstance(part, Str))
                return bool(words.strip()) and not _SENDS.search(words)
            case Call() | Assign() | Return() | Func():
                return False
            case _:
                pass
    return False


_SENDS = regex(r"(^|\s)(-d|--data(-raw|-binary)?|--json)\b|\bcurl\b")


def _under_key(search: Search, key: str, step: NodePath) -> Carrier | None:
    """What the key above an object says about where it goes."""
    match key:
        case "extra_body":
            # this class sends its `generation_kwargs` as they are, and would send the word itself
            unsent = search.ecma or callee_of(step).endswith("OpenRouterChatGenerator")
            return Carrier.UNSENT if unsent else Carrier.EXTRA_BODY
        case "extraBody" | "extraBodyProperties" | "modelKwargs" | "body" | "json" | "passthrough":
            return Carrier.JSON_BODY
        case "content" if search.file.module.language == "php":
            return Carrier.JSON_BODY
        case "data" if callee_of(step).split(".")[0] in ("axios", "http", "client"):
            return Carrier.JSON_BODY
        case _ if step.up is not None and key_above(step.up) in ("providerOptions", "provider_options"):
            return Carrier.PROVIDER_OPTIONS if key == "openrouter" or key in _own_names(search) else None
        case _:
            return None


def key_of_item(step: NodePath) -> str:
    """The key of an entry; "" for everything else."""
    return step.node.key.value if isinstance(step.node, Item) and isinstance(step.node.key, Str) else ""


def _own_names(search: Search) -> set[str]:
    """What the program calls its providers of `@ai-sdk/openai-compatible`: options of a request stand under that name."""
    names: set[str] = set()
    for path in search.around.calls.get("createOpenAICompatible", ()):
        for arg in path.node.args if isinstance(path.node, Call) else ():
            name = at_key(arg.value, "name")
            if isinstance(name, Str):
                words = re.split(r"[-_. ]+", name.value)
                names |= {name.value, words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])}
    return names


def _spread(search: Search, step: NodePath, depth: int) -> tuple[Carrier, str, str]:
    """An object that is spread into another one goes where that goes."""
    if step.up is None or depth > 4:
        return Carrier.UNKNOWN, "", ""
    return carrier_of(search, step.up, depth + 1)


def by_position(search: Search, call: Call, child: Tree, step: NodePath) -> tuple[Carrier, str, str]:
    """An object by position in a call."""
    written = source_name(call.func)
    word = last_name(call.func)
    at = next((index for index, arg in enumerate(call.args) if arg is child), 0)
    star = isinstance(child, Arg) and child.star
    if (
        search.ecma
        and at == 0
        and word in ("create", "stream", "parse", "runTools")
        and re.search(r"completions|messages|chat", written)
    ):
        return Carrier.OPENAI_JS, written, ""
    if search.ecma and at == 0 and word == "ChatOpenRouter":
        return Carrier.MODEL_KWARGS, written, ""
    if search.ecma and at == 1 and _of_xsai(search, call, step.scope):
        return Carrier.CLOSED, written, ""
    if search.ecma and at == 1 and _is_model_factory(call, step.scope):
        return Carrier.MODEL_SETTINGS, written, ""
    if search.ecma and at == 1 and word in ("post", "request", "axios"):
        return Carrier.JSON_BODY, written, ""
    if at == 1 and word == "post" and search.file.module.language == "php" and "asForm" not in search.text:
        return Carrier.JSON_BODY, written, ""  # https://laravel.com/docs/12.x/http-client#request-data
    if star and word in ("create", "parse", "completion", "acompletion", "send"):
        return Carrier.KEYWORDS, written, ""
    return Carrier.UNKNOWN, written, ""


def _of_xsai(search: Search, call: Call, scope: Scope) -> bool:
    """`openrouter.chat("id", {…})` of xsAI, which sends `provider` and `models` of these options and nothing else."""
    base = call.func.base if isinstance(call.func, Attr) and call.func.name == "chat" else None
    values = resolve.follow(search.repository, base, scope) if base is not None else ()
    names = [dotted(value.node.func, value.scope) if isinstance(value.node, Call) else value.name for value in values]
    return any((name or "").startswith("@xsai-ext/") for name in names)


def _is_model_factory(call: Call, scope: Scope) -> bool:
    """`openrouter("id", {…})`, `openrouter.chat("id", {…})` of the AI SDK's provider."""
    func = (
        call.func.base if isinstance(call.func, Attr) and call.func.name in ("chat", "completion", "languageModel") else call.func
    )
    name = dotted(func, scope) or ""
    return name.startswith("@openrouter/ai-sdk-provider.") or (
        isinstance(func, Name) and bool(re.fullmatch(r"open_?router\w*|or", func.id, re.IGNORECASE)) and "://" not in name
    )


def flow_of(search: Search, name: str, node_path: NodePath, depth: int) -> tuple[Carrier, str, str]:
    """Where a name is handed to. Two different ways make none that can be relied on."""
    if depth > 3 or not name:
        return Carrier.UNKNOWN, "", name
    bindings = node_path.scope.lookup(name)
    carriers: dict[Carrier, str] = {}
    uses = [
        use
        for word in (name, *(f"{name}.{made}" for made in _MADE_JSON if search.of_language))
        for use in search.handed.get(word, ())
    ]
    for use in uses:
        if bindings and use.scope.lookup(name) is not bindings:
            continue
        carrier, client, _ = carrier_of(search, use, depth + 1)
        if carrier is not Carrier.UNKNOWN:
            carriers.setdefault(carrier, client)
    if len(carriers) == 1:
        carrier, client = next(iter(carriers.items()))
        return carrier, client, name
    return Carrier.UNKNOWN, "", name


def way_of_chain(search: Search, node_path: NodePath, chain: Chain, steps: int) -> tuple[Carrier, str]:
    """How the object at the end of some keys gets into a request."""
    if steps and chain.steps[steps - 1].name == "extra_body" and not search.ecma:
        return Carrier.EXTRA_BODY, ""
    known = search.around.carriers.get(owner_of_chain(chain, node_path, steps, How.MERGE).key)
    if known is not None:
        return known[:2]
    return flow_of(search, source_name(chain.root), node_path, 0)[:2] if not steps else (Carrier.UNKNOWN, "")


def callee_of(step: NodePath) -> str:
    """The call that something stands in, as it is written; empty outside of one."""
    for up in step.ancestors():
        if isinstance(up.node, Call) and last_name(up.node.func) not in ("stringify", "dumps", "dict"):
            return source_name(up.node.func)
        if isinstance(up.node, Func | Class):
            break
    return ""
