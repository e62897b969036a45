"""Which entries of a configuration file are environment variables, and whose names they are.

Compose, GitHub Actions, Kubernetes, wrangler and the rest write the same few shapes (a mapping, a list of `NAME=value`, a list of
`{name, value}`) under keys of their own. What differs is small enough to be data, and is the same whether the file is YAML, JSON
or TOML, so it is decided here, on the tree. The tree itself stays as it is: definitions and references are added beside it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from migrator.formats.config.compose import compose
from migrator.formats.config.context import Document
from migrator.formats.config.env_entries import (
    CAPITALS,
    IDENTIFIER,
    SPRING_FILE,
    commands,
    compiled_in,
    is_shell,
    is_shell_flag,
    mapping,
    normal,
    shell_text,
    variables,
)
from migrator.formats.config.github_actions import own_secrets, workflow
from migrator.formats.config.kubernetes import manifest
from migrator.formats.interpolation import Dialect
from migrator.formats.tree import Item, Join, Node, Obj, Seq, Str
from migrator.model import Source, Span
from migrator.patterns import regex


class Kind(StrEnum):
    """Files whose shapes are known; the value is the `how` of an environment mapping in them ("" : the language's own)."""

    ACTIONS = "actions-env"
    COMPOSE = "compose-map"
    GITLAB = "gitlab-variables"
    CIRCLECI = "circleci-env"
    AZURE = "azure-env"
    KUBERNETES = "k8s-env"
    HELM = "helm-values"
    SERVERLESS = "serverless-env"
    SAM = "sam-env"
    RENDER = "render-env"
    GAE = "gae-env"
    WRANGLER = "wrangler-vars"
    DEVCONTAINER = "devcontainer-env"
    VERCEL = "vercel-env"
    VSCODE = "vscode-env"
    TURBO = "turbo-env"
    PACKAGE = "package-env"
    FLY = "fly-env"
    NETLIFY = "netlify-env"
    STREAMLIT = "streamlit-secret"
    MISE = "mise-env"
    GENERIC = ""


_PATHS = (
    (Kind.ACTIONS, r"(?:^|/)\.(?:github|gitea|forgejo)/(?:workflows|actions)/.*\.ya?ml$|(?:^|/)action\.ya?ml$"),
    (Kind.ACTIONS, r"(?:^|/)workflow-templates/.*\.ya?ml$"),
    (Kind.COMPOSE, r"(?:^|/)[^/]*compose[^/]*\.(?:ya?ml|json)(?:\.[a-z]+)?$"),
    (Kind.GITLAB, r"(?:^|/)[^/]*\.gitlab-ci\.ya?ml$|(?:^|/)\.gitlab/"),
    (Kind.CIRCLECI, r"(?:^|/)\.circleci/"),
    (Kind.AZURE, r"(?:^|/)[^/]*azure-pipelines[^/]*\.ya?ml$|(?:^|/)\.azure(?:-pipelines|devops)?/"),
    (Kind.HELM, r"(?:^|/)[^/]*values[^/]*\.ya?ml$"),
    (Kind.SERVERLESS, r"(?:^|/)serverless[^/]*\.(?:ya?ml|json)$"),
    (Kind.SAM, r"(?:^|/)(?:sam-)?template[^/]*\.(?:ya?ml|json)$"),
    (Kind.RENDER, r"(?:^|/)render\.ya?ml$"),
    (Kind.GAE, r"(?:^|/)app(?:\.[a-z]+)?\.ya?ml$"),
    (Kind.WRANGLER, r"(?:^|/)wrangler[^/]*\.(?:jsonc?|toml)$"),
    (Kind.DEVCONTAINER, r"(?:^|/)\.?devcontainer\.json$|(?:^|/)\.devcontainer/.*\.json$"),
    (Kind.VERCEL, r"(?:^|/)(?:vercel|now)\.json$"),
    (Kind.VSCODE, r"(?:^|/)\.vscode/(?!mcp\.json$)[^/]*\.json$|\.code-workspace$"),
    (Kind.TURBO, r"(?:^|/)(?:turbo|nx|project)\.jsonc?$"),
    (Kind.PACKAGE, r"(?:^|/)(?:package\.json|deno\.jsonc?)$"),
    (Kind.FLY, r"(?:^|/)fly(?:\.[^/]*)?\.toml$"),
    (Kind.NETLIFY, r"(?:^|/)netlify\.toml$"),
    (Kind.STREAMLIT, r"(?:^|/)\.streamlit/secrets[^/]*\.toml[^/]*$|(?:^|/)secrets\.toml(?:\.[a-z]+)?$"),
    (Kind.MISE, r"(?:^|/)\.?mise(?:\.[^/]*)?\.toml$|(?:^|/)\.?mise/config\.toml$"),
)
_COMPILED = tuple((kind, regex(pattern)) for kind, pattern in _PATHS)

_ENV_KEYS = frozenset({
    "env", "environment", "variables", "vars", "envvars", "envs", "envvariables", "environmentvariables", "containerenv",
    "remoteenv", "secrets", "buildargs", "buildenv", "extraenv", "extraenvvars", "extraenvs", "secretenv", "pytestenv", "passenv",
    "setenv",
})  # fmt: skip
_LIST_KEYS = frozenset({
    "globalenv", "passthroughenv", "globalpassthroughenv", "requiredenv", "requiredenvvars", "passthrough", "requires", "envnames",
})  # fmt: skip
_ENV_FILE = regex(r"(?:^|[._-])(?:env|environment|secrets?|vars|variables)s?(?:[._-][^/]*)?\.(?:ya?ml|json|toml)$")
_NAMES_A_VARIABLE = regex(
    r"(?:[a-z0-9]*(?:key|token|secret|url|base|auth|password|bearer))(?:env|envvar|envkey|envar|envname|envvarname|environmentvariable)\Z"
    r"|env(?:key|var|varname|name|variable)\Z|apikeyname\Z|apikeyvar(?:iable|name)?\Z|keyenv[a-z]*\Z|environmentvariable\Z|secretname\Z"
)
_MCP_KEYS = frozenset({"mcpservers", "mcp", "servers", "contextservers"})


def kind_of(path: str) -> Kind:
    """What a file is, by its path alone."""
    return next((kind for kind, pattern in _COMPILED if pattern.search(path)), Kind.GENERIC)


_COMPOSE_TEXT = regex(r"^services:[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_COMPOSE_SERVICE = regex(r"^[ \t]+(?:image|build):", re.MULTILINE)
_KUBERNETES_TEXT = regex(r"^apiVersion:.*\r?$", re.MULTILINE)


def dialect_of(source: Source) -> Dialect:
    """Who expands the scalars of a YAML file; known before it is parsed, because the scalars are lowered on the way."""
    kind = kind_of(source.path)
    if kind is Kind.COMPOSE:
        return Dialect.COMPOSE
    if kind is Kind.AZURE:
        return Dialect.MACRO
    if kind is Kind.GENERIC and _KUBERNETES_TEXT.search(source.text):
        return Dialect.MACRO
    if kind is Kind.GENERIC and _COMPOSE_TEXT.search(source.text) and _COMPOSE_SERVICE.search(source.text):
        return Dialect.COMPOSE
    return Dialect.PLACEHOLDER


def definitions(document: Document, roots: tuple[Node, ...]) -> tuple[Node, ...]:
    """Every variable that the documents define or name, and what the shell text in them says, in text order."""
    kind = kind_of(document.source.path)
    for root in roots:
        _root(document, root, kind)
    return tuple(sorted((*document.variables, *document.shells), key=lambda node: node.span))


def _root(document: Document, root: Node, kind: Kind) -> None:
    document.seal = "sealed:sops" if isinstance(document.get(root, "sops"), Obj) else ""
    if document.seal:
        _every_capital(document, root)
    triggered = isinstance(document.get(root, "jobs"), Obj) and document.get(root, "on") is not None
    if kind is Kind.ACTIONS or (kind is Kind.GENERIC and triggered):
        workflow(document, root)
        return
    if document.dialect is Dialect.COMPOSE and isinstance(document.get(root, "services"), Obj):
        compose(document, root)
        return
    resource = document.text(document.get(root, "kind"))
    if resource and document.get(root, "apiVersion") is not None:
        manifest(document, root, resource)
        kind = Kind.KUBERNETES
    if ".continue/" in f"/{document.source.path}" or (
        document.get(root, "schema") is not None and document.get(root, "models") is not None
    ):
        own_secrets(root, None, "store:continue-secrets")
    if kind is Kind.STREAMLIT:
        mapping(document, root, kind, "", anything=True)
    elif kind is Kind.GENERIC and (
        _ENV_FILE.search(document.source.path) or SPRING_FILE.fullmatch(document.source.path.rpartition("/")[2])
    ):
        mapping(document, root, f"{document.language}-env", "")
    _visit(document, root, (), kind)


def _every_capital(document: Document, root: Node) -> None:
    stack: list[Node | Item] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Obj):
            mapping(document, node, f"{document.language}-env", "")
        if isinstance(node, Obj | Seq):
            stack.extend(node.items)
        elif isinstance(node, Item):
            stack.append(node.value)


def _visit(document: Document, node: Node, node_path: tuple[str, ...], kind: Kind) -> None:
    """Walk what is written, not what aliases stand for, so that the cost is that of the text."""
    match node:
        case Obj(items=items):
            for item in items:
                if isinstance(item.key, Str):
                    _entry(document, node, item.key.value, document.follow(item.value), node_path, kind)
                    _visit(document, item.value, (*node_path, item.key.value), kind)
                else:
                    _visit(document, item.value, node_path, kind)
        case Seq(items=elements):
            for element in elements:
                _visit(document, element, node_path, kind)
        case _:
            pass


def _entry(document: Document, parent: Obj, key: str, value: Node, node_path: tuple[str, ...], kind: Kind) -> None:
    plain = normal(key)
    how = str(kind) or f"{document.language}-env"
    if kind is Kind.TURBO and (plain in _LIST_KEYS or plain == "env"):
        for element in document.elements(value) or (value,):
            if isinstance(element, Str) and element.exact and IDENTIFIER.match(element.value.lstrip("!")):
                start = element.inner.end - len(element.value.lstrip("!"))
                document.refer(element.span, element.value.lstrip("!"), Span(start, element.inner.end), "turbo-env")
        return
    if key in ("scripts", "tasks") and (node_path[:1] == ("tool",) if document.language == "toml" else document.language == "json"):
        for _, script, _ in document.entries(value):
            shell_text(document, script)
        return
    kamal = plain in ("clear", "secret") and node_path[-1:] == ("env",)
    if plain in _ENV_KEYS or kamal or key.startswith("terminal.integrated.env."):
        owner = _mcp_owner(document, parent, node_path)
        if owner is not None:
            how = "mcp-env"
        elif kind is Kind.PACKAGE:
            how = f"{document.language}-env"
        elif "pytest" in node_path or plain == "pytestenv":
            how = "pytest-env"
        anything = kind in (Kind.WRANGLER, Kind.KUBERNETES) and plain in ("vars", "env") and not isinstance(value, Obj)
        anything = anything or (kind is Kind.WRANGLER and plain == "vars")
        variables(document, value, how, how, owner or "", anything=anything, passes=False)
        return
    if plain in _LIST_KEYS:
        for element in document.elements(value):
            if isinstance(element, Str) and CAPITALS.match(element.value):
                document.refer(element.span, element.value, element.inner, "env-name-value")
        return
    if _NAMES_A_VARIABLE.match(plain) and isinstance(value, Str) and CAPITALS.match(value.value):
        document.refer(value.span, value.value, value.inner, "env-name-value")
    elif is_shell(key) and not isinstance(value, Obj) and not ({normal(part) for part in node_path} & _MCP_KEYS):
        commands(document, key, value)
    elif kind is Kind.VSCODE and plain in ("args", "toolargs"):
        compiled_in(document, value)
    elif key == "args" and kind is Kind.KUBERNETES:
        words = [document.text(element) for element in document.elements(document.get(parent, "command"))]
        if len(words) > 1 and is_shell_flag(words, len(words) - 1):
            for element in document.elements(value)[:1]:
                shell_text(document, element)


_RELATIVE = regex(r"\.{1,2}/|\$\{workspaceFolder\}|[\w.-]+(?:/[\w.-]+)*\.(?:py|[cm]?[jt]sx?)\Z")
_LAUNCHERS = frozenset({"npx", "uvx", "pipx", "bunx", "docker", "podman", "deno"})


def _mcp_owner(document: Document, parent: Obj, node_path: tuple[str, ...]) -> str | None:
    """Whose program an `env` block of an MCP server configures: None when it is none, "" when it runs a file of this repository.

    Only the command and the package are named, because the arguments may hold a key.
    """
    around = {normal(part) for part in node_path} & _MCP_KEYS
    if not around:
        return None
    command = document.get(parent, "command", "path")
    parts = (command,) if isinstance(command, Str | Join) else document.elements(command)
    words = [document.text(part) for part in (*parts, *document.elements(document.get(parent, "args")))]
    words = [word for word in words if word]
    if not words:
        if document.get(parent, "url", "httpUrl", "serverUrl") is not None:
            return "mcp:remote"
        return None if around == {"servers"} else "mcp:unknown"
    program = words[0].replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".cmd").removesuffix(".exe")
    if program not in _LAUNCHERS and any(_RELATIVE.match(word) for word in words):
        return ""
    plain = [word for word in words[1:] if re.fullmatch(r"@?[A-Za-z][\w./:@-]*", word) and not re.match(r"(?i)sk-|mg_|key", word)]
    if program in ("docker", "podman"):
        plain = [word for word in plain if "/" in word or ":" in word][-1:] or plain[:1]
    return " ".join((f"mcp:{program}", *plain[:1]))
