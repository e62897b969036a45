"""The few shapes in which configuration writes environment variables, whatever key they stand under.

A mapping, a list of `NAME=value`, a list of `{name, value}`; and shell text, which may define and read any number of them.
"""

from __future__ import annotations

import re

from migrator.formats.config.context import Document
from migrator.formats.interpolation import Dialect, View, masked, relocate, scalar
from migrator.formats.tree import Const, EnvRef, Join, Node, Obj, Other, Str
from migrator.model import Span
from migrator.patterns import regex

IDENTIFIER = regex(r"[A-Za-z_][A-Za-z0-9_]*\Z")
CAPITALS = regex(r"(?=[A-Z0-9_]*[A-Z])[A-Z_][A-Z0-9_]+\Z")
ASSIGNED = regex(r"\s*(?:[DRU]:)*(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:[ \t]*(?P<equals>=)|\s*\Z)")
SPRING_FILE = regex(r"(bootstrap|application)(-[\w-]+)?\.(properties|ya?ml)")
"""Files that Spring resolves `${NAME}` in, beside the environment: an entry called `NAME` defines it."""

_SHELL_KEYS = frozenset({
    "run", "script", "beforescript", "afterscript", "bash", "sh", "cmd", "cmds", "command", "commands", "entrypoint", "install",
    "buildcommand", "startcommand", "runcommand", "releasecommand", "installcommand", "predeploycommand", "postcreatecommand",
    "poststartcommand", "postattachcommand", "oncreatecommand", "updatecontentcommand", "initializecommand",
})  # fmt: skip
_EXEC_KEYS = frozenset({"command", "entrypoint", "args", "test", "cmd"})
"""Keys under which a list is the words of one command, not one command each."""


def is_shell(key: str) -> bool:
    """True when text under this key is handed to a shell."""
    return normal(key) in _SHELL_KEYS


def normal(key: str) -> str:
    """A key without what its spelling in one language or another adds: `apiKeyEnv`, `api_key_env` and `api-key-env` are one."""
    return key.lower().replace("_", "").replace("-", "")


def bare(node: Node | None) -> Node | None:
    """A value as `EnvDef` holds it: a lone reference instead of a join of one, None where nothing is written."""
    match node:
        case Const(text=text) if text in ("", "~", "null", "Null", "NULL"):
            return None
        case Join(parts=(EnvRef() as ref,)):
            return ref
        case _:
            return node


def mapping(document: Document, node: Node | None, how: str, owner: str, *, anything: bool = False) -> None:
    """`NAME: value`. Without `anything`, only names in capitals count."""
    for name, value, item in document.entries(node):
        if not isinstance(item.key, Str) or not (IDENTIFIER if anything else CAPITALS).match(name):
            continue
        if isinstance(value, Obj):  # GitLab and app.json describe a variable: {value: …, description: …}
            value = document.get(value, "value", "default") or value
        document.define(item.span, name, item.key.inner, bare(value), how, owner)


def words(document: Document, node: Node, how: str, owner: str, *, passes: bool) -> None:
    """One `NAME=value` or `NAME`. `passes`: a lone name hands the variable on; otherwise it only names it."""
    view = document.view(node)
    match = ASSIGNED.match(view.text) if view is not None else None
    if view is None or match is None:
        return
    name, name_span = match["name"], view.span(*match.span("name"))
    if match["equals"]:
        rest = view.cut(match.end(), len(view.text))
        inner = view.span(match.end(), len(view.text))
        document.define(node.span, name, name_span, bare(scalar(rest, inner, inner, document.dialect)), how, owner)
    elif passes:
        document.define(node.span, name, name_span, None, how, owner)
    elif CAPITALS.match(name):
        document.refer(node.span, name, name_span, "env-name-value")


_COMPILED_IN = regex(r"(?:--dart-define|--define)=(?=[A-Za-z_]\w*=)|-D(?=[A-Za-z_]\w*=)")


def compiled_in(document: Document, node: Node) -> None:
    """Arguments of Dart's compiler in a list of words: `"--dart-define=X=…"`, `"--dart-define", "X=…"`."""
    before = ""
    for element in document.elements(node):
        text = document.text(element) or ""
        view = document.view(element)
        flag = _COMPILED_IN.match(text)
        if view is not None and isinstance(element, Str) and element.exact and flag is not None:
            name, _, value = text[flag.end() :].partition("=")
            start = element.inner.start + flag.end()
            middle = start + len(name)
            inner = Span(middle + 1, element.inner.end)
            document.define(element.span, name, Span(start, middle), Str(inner, value, inner, True), "dart-define")
        elif before in ("--dart-define", "--define"):
            words(document, element, "dart-define", "", passes=False)
        before = text


def record(document: Document, node: Obj, how: str, owner: str) -> bool:
    """`{name: NAME, value: …}`; False when the mapping is not of that form."""
    label = document.get(node, "name", "key", "Name")
    if not isinstance(label, Str) or not IDENTIFIER.match(label.value):
        return False
    value = document.get(node, "value", "Value", "default")
    origin = document.get(node, "valueFrom")
    if isinstance(origin, Str) and value is None:  # ECS: the ARN of a secret or a parameter
        value = Other(origin.span, "store", ())
    for source, ref_how, store in (("secretKeyRef", "k8s-secret-key", "secret"), ("configMapKeyRef", "k8s-config-key", "config")):
        ref = document.get(origin, source)
        key = document.get(ref, "key")
        if isinstance(key, Str):
            target = document.text(document.get(ref, "name"))
            value = EnvRef(key.span, key.value, key.inner, ref_how, owner=f"store:k8s-{store}:{target}")
    document.define(node.span, label.value, label.inner, bare(value), how, owner)
    return True


def variables(document: Document, node: Node | None, how: str, list_how: str, owner: str, *, anything: bool, passes: bool) -> None:
    """Whatever of the three shapes stands there."""
    node = None if node is None else document.follow(node)
    if isinstance(node, Obj):
        mapping(document, node, how, owner, anything=anything)
    for element in document.elements(node):
        if isinstance(element, Obj):
            if not record(document, element, how, owner):
                mapping(document, element, how, owner)
        else:
            words(document, element, list_how, owner, passes=passes)


def shell_text(document: Document, node: Node | None) -> None:
    """What a shell text defines and reads."""
    from migrator.formats import shell

    view = None if node is None else document.view(node)
    if node is None or view is None or not view.text.strip():
        return
    if document.dialect is Dialect.COMPOSE:
        view = _as_shell_of_compose(view)
    else:
        taken: list[tuple[int, int]] = []
        at = 0
        while (start := view.text.find("${{", at)) >= 0 and (end := view.text.find("}}", start)) >= 0:
            taken.append((start, end + 2))
            at = end + 2
        view = masked(view, taken) if taken else view
    nodes = shell.nodes(document.source.path, view.text)
    relocate(nodes, view)
    document.shells.extend(nodes)


def _as_shell_of_compose(view: View) -> View:
    """Compose expands `$X` itself and turns `$$` into the dollar sign that the shell sees."""
    pieces: list[tuple[str, int, int]] = []
    at = 0
    for match in re.finditer(r"\$\$|\$\{[^{}]*\}|\$[A-Za-z_]\w*", view.text):
        pieces.append((view.text[at : match.start()], at, match.start()))
        shown = "$" if match[0] == "$$" else "_" * len(match[0])
        pieces.append((shown, match.start(), match.end()))
        at = match.end()
    pieces.append((view.text[at:], at, len(view.text)))
    starts: list[int] = []
    ends: list[int] = []
    for shown, start, end in pieces:
        step = range(start, end) if len(shown) == end - start else range(start, start + len(shown))
        starts.extend(view.starts[index] for index in step)
        ends.extend(view.ends[index] for index in step)
        if shown == "$":
            ends[-1] = view.ends[end - 1]
    return View(view.source, "".join(shown for shown, _, _ in pieces), starts, ends, view.base)


def commands(document: Document, key: str, node: Node | None) -> None:
    """Shell text under a key: a string, a list of commands, or the words of one command that is a shell."""
    if node is None:
        return
    elements = document.elements(node)
    if not elements:
        shell_text(document, node)
    elif key.lower() not in _EXEC_KEYS:
        for element in elements:
            shell_text(document, element)
    else:
        words = [document.text(element) for element in elements]
        for index, word in enumerate(words[:-1]):
            if is_shell_flag(words, index) or (word == "CMD-SHELL" and index == 0):
                shell_text(document, elements[index + 1])


def is_shell_flag(words: list[str], index: int) -> bool:
    """True where `sh -c` ends at this word, so that the next is shell text."""
    return index > 0 and bool(re.fullmatch(r"-[a-z]*c", words[index]) and re.search(r"(?:^|/)(?:ba|z|da|k)?sh$", words[index - 1]))
