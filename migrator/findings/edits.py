"""From a decided fact to the text that changes: one function per kind of place, each giving edits that never span a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from migrator.analysis.sources.references import references
from migrator.catalog.urls import find_urls, host_only, moved
from migrator.discover import path_kinds
from migrator.facts.model import EnvFact, UrlFact
from migrator.formats.tree import Arg, Attr, Call, EnvDef, Item, Join, Module, Name, Node, Str
from migrator.model import Edit, Source, Span, Target
from migrator.patterns import regex
from migrator.resolve.environment import VariableRole
from migrator.text.secrets import is_placeholder, is_secret_shaped


def edit(path: str, source: Source, span: Span, new: str) -> Edit:
    """Replace what stands at `span`."""
    return Edit(path=path, span=span, old=source.text[span.start : span.end], new=new)


def url_edit(fact: UrlFact, source: Source, target: Target, *, host: bool = False) -> Edit | None:
    """The address at the target: host and prefix swapped, everything else as it was."""
    if host:
        start, end, new = fact.url.start, fact.url.swap_end, host_only(fact.url, target)
    else:
        change = moved(fact.url, target)
        if change is None:
            return None
        start, end, new = change
    return edit(fact.path, source, Span(fact.base + start, fact.base + end), new)


def address_edits(path: str, source: Source, span: Span, target: Target) -> tuple[Edit, ...]:
    """Every address inside a value, whatever stands around it: `${{ vars.X || 'https://…' }}`."""
    changes = (moved(url, target) for url in find_urls(source.text[span.start : span.end]))
    return tuple(
        edit(path, source, Span(span.start + change[0], span.start + change[1]), change[2])
        for change in changes
        if change is not None
    )


def rename(fact: EnvFact, source: Source, new: str) -> tuple[Edit, ...]:
    """The new name where the variable is named, in the form that keeps local names."""
    if fact.how == "destructured":
        return (edit(fact.path, source, fact.span, f"{new}: {fact.name}"),)
    if fact.how == "static-import":
        return (edit(fact.path, source, fact.span, f"{new} as {fact.name}"),)
    if fact.how == "configuration-section":
        return (edit(fact.path, source, fact.span, f'["{new}"]'),)
    if fact.how == "split-words":
        return (edit(fact.path, source, fact.span, f' envconfig:"{new}"'),)
    if fact.how == "options-class":
        return (edit(fact.path, source, fact.span, _set_afterwards(fact, source, new)),)
    if (fact.how == "settings-alias" or "spf13/viper." in fact.how) and source.text[fact.span.start : fact.span.end].islower():
        return (edit(fact.path, source, fact.span, new.lower()),)
    return (edit(fact.path, source, fact.span, new),)


def _set_afterwards(fact: EnvFact, source: Source, new: str) -> str:
    """The call behind one that fills a class with a section, by which its key is read from the new variable and from nowhere else."""
    call = fact.node_path.node if fact.node_path is not None else None
    last = fact.name.rpartition(":")[2]
    match call:
        case Call(func=Attr(name="Configure"), args=(Arg(value=Call(func=Attr(base=base))), Arg(value=Name(id=kind)))):
            configuration = source.text[base.span.start : base.span.end]
            return f'.PostConfigure<{kind}>(options => options.{last} = {configuration}["{new}"] ?? "")'
        case _:
            kind = "Microsoft.Extensions.Configuration.IConfiguration"
            return f'.PostConfigure<{kind}>((options, configuration) => options.{last} = configuration["{new}"] ?? "")'


_REST_OF_LINE = regex(r"[^\r\n]*")
_OLD_SHAPE = regex(r"sk-or-(?:v\d-)?[^\s\"'#]*", re.IGNORECASE)


def literal_text(value: Node | None) -> str | None:
    """The text of a literal value; None where part of it comes from elsewhere."""
    if value is None:
        return ""
    if isinstance(value, Str):
        return value.value
    if isinstance(value, Join) and all(isinstance(part, Str) for part in value.parts):
        return "".join(part.value for part in value.parts if isinstance(part, Str))
    return None


def holds_secret(fact: EnvFact, *, example: bool) -> bool:
    """Does this definition give the variable a value that may be a secret?"""
    text = literal_text(fact.value)
    if text is None or not text.strip():
        return False
    return not (is_placeholder(text) or (example and not re.fullmatch(r"sk-or-v1-[0-9a-f]{64}", text.strip())))


def redefine(fact: EnvFact, source: Source, new: str, target: Target, *, example: bool, already: bool) -> tuple[Edit, ...]:
    """A line of an env file under its new name.

    A line with a real value is switched off where it stands and the new variable is defined, empty, below it: no edit spans the
    secret, and going back is one character. One that is switched off already stays: its value must not come under the new name.
    A placeholder of the old shape becomes one of the new shape.
    """
    text = source.text
    if not holds_secret(fact, example=example):
        return (edit(fact.path, source, fact.span, new), *placeholder_edit(fact, source, target))
    if fact.commented:
        return ()
    entry = fact.entry or fact.span
    begin = max(text.rfind("\n", 0, entry.start), text.rfind("\r", 0, entry.start)) + 1 if fact.how != "dotenv" else entry.start
    begin += len(text[begin : entry.start]) - len(text[begin : entry.start].lstrip())
    starts = [begin, *(entry.start + at.end() for at in re.finditer(r"\r\n|\n|\r", text[entry.start : entry.end]))]
    edits = [Edit(path=fact.path, span=Span(start, start), old="", new="# ") for start in starts]
    if not already:
        end = "\r\n" if "\r\n" in text else "\n"
        export = "export " if re.match(r"\s*export\s", text[begin : entry.end]) else ""
        rest = _REST_OF_LINE.match(text, entry.end)
        stop = rest.end() if rest else entry.end
        edits.append(Edit(path=fact.path, span=Span(stop, stop), old="", new=f"{end}{export}{new}="))
    return tuple(edits)


def defined_elsewhere(fact: EnvFact, others: Iterable[EnvFact], module: Module, new: str, *, example: bool) -> bool:
    """Does the file define the new name without this line's help: already, in place of a placeholder, or below a later line of the name?

    The last definition wins in most readers, so an empty second one would hide the key that somebody fills into the first.
    """
    if any(isinstance(node, EnvDef) and node.name == new and not node.commented for node in module.body):
        return True
    return any(
        other.name == fact.name
        and other is not fact
        and is_env_line(other)
        and not other.commented
        and (other.span.start > fact.span.start or not holds_secret(other, example=example))
        for other in others
    )


def placeholder_edit(fact: EnvFact, source: Source, target: Target) -> tuple[Edit, ...]:
    """A placeholder of the old key's shape becomes one of the new key's; so does one in an example that asks for a key of OpenRouter."""
    value = fact.value
    if (
        isinstance(value, Str) and value.exact and is_env_line(fact) and path_kinds.is_example_env(fact.path)
        and _ASKS_FOR_OLD.search(value.value) and value.value != fact.name and is_placeholder(value.value)
    ):  # fmt: skip
        return (edit(fact.path, source, Span(*value.inner), target.key_example),)
    if isinstance(value, Str) and value.exact and (shape := _OLD_SHAPE.search(value.value)) and not is_secret_shaped(shape[0]):
        start = value.inner.start + shape.start()
        return (edit(fact.path, source, Span(start, start + len(shape[0])), target.key_example),)
    return ()


_ASKS_FOR_OLD = regex(r"open[_ -]?router", re.IGNORECASE)
"""In a placeholder such as `your_openrouter_api_key`: whoever obeys it under the new name sends the old key to the new host."""


def is_env_line(fact: EnvFact) -> bool:
    """A definition in an env file, or one that has a line of direnv's `.envrc` for itself."""
    return fact.how in ("dotenv", "envrc") and fact.node_path is not None and isinstance(fact.node_path.node, EnvDef)


_LEAD = regex(r"[ \t]*(?:#[ \t]*)?(?:-[ \t]+)?(?:export[ \t]+|ENV[ \t]+|ARG[ \t]+|set[ \t]+)?")
_TAIL = regex(r"[ \t]*[,;]?[ \t]*(?:#[^\r\n]*|//[^\r\n]*)?")


def beside(
    fact: EnvFact, source: Source, target: Target, new: str, *, renamed: Mapping[str, str] | None = None, empty: bool = False
) -> tuple[Edit, ...]:
    """A second line or entry for the new variable, below or behind that of the old one, which stays for whatever goes on reading it.

    The copy names the new variable wherever the original names the old one, an address is the target's, and no value that may be a secret
    is copied (`empty`: whatever it is). None where the value comes from elsewhere: it would be the old key under the new name.
    `renamed`: the other variables that a value may be made from, with their new names.
    """
    if fact.how == "allow-env":
        return (Edit(path=fact.path, span=Span(fact.span.end, fact.span.end), old="", new=f",{new}"),)
    if fact.how == "shell-for":
        return ()
    text, node = source.text, fact.node_path.node if fact.node_path is not None else None
    start, stop = fact.entry or (node.span if isinstance(node, (EnvDef, Str, Item)) else fact.span)
    if any(ref.name != fact.name and ref.name not in (renamed or {}) for ref in references(fact.value)):
        return ()
    begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    rest = _REST_OF_LINE.match(text, stop)
    end = rest.end() if rest else stop
    lead, tail = text[begin:start], text[stop:end]
    ending = "\r\n" if "\r\n" in text else "\n"
    copy = _copied(fact, source, target, new, Span(start, stop), empty=empty)
    if copy is None:
        return ()
    for ref in references(fact.value):
        if renamed and ref.name != fact.name:
            copy = _renamed(copy, ref.name, renamed[ref.name])
    if fact.how == "docker-run":  # the option stands before the variable, on a line that may go on
        goes_on = _GOES_ON.match(text, stop)
        if not lead.strip() and goes_on is not None:
            at = goes_on.end()
            return (Edit(path=fact.path, span=Span(at, at), old="", new=f"{ending}{lead}{copy}{goes_on[0]}"),)
        return (Edit(path=fact.path, span=Span(stop, stop), old="", new=f" {copy}"),)
    if _OPENED.search(lead) and _CLOSED.match(tail):
        return (Edit(path=fact.path, span=Span(stop, stop), old="", new=f", {copy}"),)
    if not _LEAD.fullmatch(lead) or not _TAIL.fullmatch(tail):
        line = text[begin:end]
        if fact.role is VariableRole.TYPE and _MEMBER.fullmatch(line) and line.count(fact.name) == 1:
            return (Edit(path=fact.path, span=Span(end, end), old="", new=f"{ending}{_renamed(line, fact.name, new)}"),)
        if _BINDS.match(line):
            return ()  # a second one would take the place of the first, or be refused
        opens_block = line.rstrip().endswith((":", "{"))  # `with pytest.raises(…):` belongs to what stands in it
        if fact.role is not VariableRole.DEFINE or not _is_whole(line) or opens_block or isinstance(node, EnvDef):
            return ()
        if any(is_secret_shaped(shape[0]) for shape in _OLD_SHAPE.finditer(line)):
            return ()  # the old key would stand under the new name
        return (
            Edit(path=fact.path, span=Span(end, end), old="", new=f"{ending}{with_target(_renamed(line, fact.name, new), target)}"),
        )
    if tail.lstrip()[:1] == "," or source.path.endswith((".json", ".jsonc", ".json5")):
        return (Edit(path=fact.path, span=Span(begin, begin), old="", new=f"{lead}{copy},{ending}"),)
    return (Edit(path=fact.path, span=Span(end, end), old="", new=f"{ending}{lead}{copy.rstrip()}"),)


_GOES_ON = regex(r"[ \t]*\\(?=\r?\n)")
"""The end of a line of a command that goes on in the next."""
_BINDS = regex(r"\s*(?:export\s+)?(?:(?:const|let|var)\s|\w+\s*(?::[^=\n]+)?=(?!=))")
"""A statement that gives a name of the program its value."""
_MEMBER = regex(r"""[ \t]*(?:readonly[ \t]+)?["']?\w+["']?[?!]?[ \t]*:[^\r\n{}=]*""")
"""A member of a type that has its line for itself: `readonly OPENROUTER_API_KEY?: string;`."""
_OPENED = regex(r"[\[{,][ \t]*\Z")
_CLOSED = regex(r"[ \t]*[\]},]")


def _copied(fact: EnvFact, source: Source, target: Target, new: str, span: Span, *, empty: bool) -> str | None:
    """The text of a definition for the new variable; None where an empty one would hide a value that is set from outside."""
    text, value = source.text, fact.value
    copy = text[span.start : span.end]
    if isinstance(value, Str) and value.value and (empty or holds_secret(fact, example=True)) and not find_urls(value.value):
        inner = value.inner
        shown = target.key_example if path_kinds.is_example_env(fact.path) and not empty else ""
        if fact.how.startswith("dockerfile"):
            return None
        if fact.how.startswith("shell"):
            return f'{text[span.start : value.span.start]}"${{{new}:-}}"'.replace(fact.name, new)
        copy = text[span.start : inner.start] + shown + text[inner.end : span.end]
    return _OLD_SHAPE.sub(target.key_example, with_target(_renamed(copy, fact.name, new), target))


def with_target(text: str, target: Target) -> str:
    """A text with every address of OpenRouter's API replaced by the target's."""
    for url in reversed(find_urls(text)):
        if (change := moved(url, target)) is not None:
            text = text[: change[0]] + change[2] + text[change[1] :]
    return text


def _renamed(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<![A-Za-z0-9_]){re.escape(old)}(?![A-Za-z0-9_])", new, text)


def _is_whole(line: str) -> bool:
    """Is a line a whole statement, as far as its brackets say?"""
    return all(line.count(left) == line.count(right) for left, right in ("()", "[]", "{}")) and not line.rstrip().endswith(
        (",", "\\")
    )
