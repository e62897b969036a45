"""Commands that put a value into somebody's hosted store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from migrator.formats.shell.dotenv_output import pairs_between
from migrator.formats.shell.scanner import Scanner
from migrator.formats.shell.words import Word, bare_name, definition_of, node_of, tail_of
from migrator.formats.tree import EnvDef, EnvRef, Node, Str
from migrator.model import Span

RUNNERS = frozenset({"npx", "bunx", "pnpx", "uvx", "yarn", "pnpm", "bun", "npm"})
_STORE_SWITCHES = frozenset({
    "--no-store", "--sensitive", "--force", "--stage", "--detach", "--user", "--yes", "-y", "--prod", "--no-repos-selected",
})  # fmt: skip


class _Take(StrEnum):
    """How a store command names variables: `X` read from elsewhere, `X=v` any number of times, `X v`, or only mentions it."""

    NAME = "name"
    PAIRS = "pairs"
    VALUE = "value"
    MENTION = "mention"


_STORES: tuple[tuple[tuple[str, ...], str, _Take], ...] = (
    (("gh", "secret", "set"), "github-secrets", _Take.NAME),
    (("gh", "secret", "delete"), "github-secrets", _Take.MENTION),
    (("gh", "secret", "remove"), "github-secrets", _Take.MENTION),
    (("gh", "variable", "set"), "github-variables", _Take.NAME),
    (("glab", "variable", "set"), "gitlab-variables", _Take.VALUE),
    (("fly", "secrets", "set"), "fly-secrets", _Take.PAIRS),
    (("flyctl", "secrets", "set"), "fly-secrets", _Take.PAIRS),
    (("fly", "secrets", "unset"), "fly-secrets", _Take.MENTION),
    (("flyctl", "secrets", "unset"), "fly-secrets", _Take.MENTION),
    (("wrangler", "secret", "put"), "wrangler-secrets", _Take.NAME),
    (("wrangler", "secret", "delete"), "wrangler-secrets", _Take.MENTION),
    (("wrangler", "pages", "secret", "put"), "wrangler-secrets", _Take.NAME),
    (("vercel", "env", "add"), "vercel-env", _Take.NAME),
    (("vercel", "env", "rm"), "vercel-env", _Take.MENTION),
    (("heroku", "config:set"), "heroku-config", _Take.PAIRS),
    (("heroku", "config:add"), "heroku-config", _Take.PAIRS),
    (("heroku", "config:get"), "heroku-config", _Take.MENTION),
    (("heroku", "config:unset"), "heroku-config", _Take.MENTION),
    (("railway", "variables"), "railway-variables", _Take.PAIRS),
    (("railway", "variable"), "railway-variables", _Take.PAIRS),
    (("netlify", "env:set"), "netlify-env", _Take.VALUE),
    (("netlify", "env:get"), "netlify-env", _Take.MENTION),
    (("supabase", "secrets", "set"), "supabase-secrets", _Take.PAIRS),
    (("modal", "secret", "create"), "modal-secrets", _Take.PAIRS),
    (("doppler", "secrets", "set"), "doppler-secrets", _Take.PAIRS),
    (("infisical", "secrets", "set"), "infisical-secrets", _Take.PAIRS),
    (("convex", "env", "set"), "convex-env", _Take.VALUE),
    (("kubectl", "create", "secret"), "kubernetes-secrets", _Take.PAIRS),
    (("kubectl", "set", "env"), "kubernetes-env", _Take.PAIRS),
    (("gcloud", "run"), "cloud-run-env", _Take.PAIRS),
    (("gcloud", "functions"), "cloud-functions-env", _Take.PAIRS),
    (("az", "webapp", "config", "appsettings", "set"), "azure-settings", _Take.PAIRS),
    (("az", "containerapp"), "azure-settings", _Take.PAIRS),
)
"""Commands that put a value into a hosted store, the store's name, and where the variable's name stands."""
_PAIR_FLAGS = ("--from-literal=", "--set-env-vars=", "--update-env-vars=", "--set-secrets=", "--update-secrets=", "--set=")


def store_commands(
    scanner: Scanner, words: Sequence[Word], at: int, out: list[Node], taken: set[int], instead: dict[int, Node]
) -> None:
    """Commands that put a value into somebody's store: `gh secret set X`, `fly secrets set X=…`."""
    while at < len(words) and words[at].literal in (*RUNNERS, "dlx", "exec", "x", "--", "-y", "--yes"):
        at += 1
    if at >= len(words):
        return
    for prefix, store, take in _STORES:
        if words[at].literal != prefix[0] and (words[at].literal or "").split("@")[0] != prefix[0]:
            continue
        if tuple(word.literal for word in words[at + 1 : at + len(prefix)]) == prefix[1:]:
            _store(scanner, words, at, at + len(prefix), f"store:{store}", take, out, taken, instead)
            return


def _store(
    scanner: Scanner, words: Sequence[Word], at: int, index: int, owner: str, take: _Take, out: list[Node], taken: set[int],
    instead: dict[int, Node],
) -> None:  # fmt: skip
    whole = Span(words[at].start, words[-1].end)
    while index < len(words):
        word = words[index]
        head = word.parts[0].value if isinstance(word.parts[0], Str) and word.parts[0].inner.start == word.start else ""
        if take is _Take.PAIRS:
            flag = next((flag for flag in _PAIR_FLAGS if head.startswith(flag)), None)
            rest = tail_of(word, len(flag)) if flag else word
            raw = scanner.text[rest.start : rest.end]
            listed = (flag or (words[index - 1].literal or "")).rstrip("=").endswith(("env-vars", "secrets"))
            if listed and "," in raw and not raw.startswith(("'", '"')):
                out += pairs_between(scanner, rest.start, rest.end, re.compile(","), "store-command", owner, expand=True)
                taken.add(index)
            elif rest.parts and (flag or not head.startswith("-")):
                made = definition_of(scanner.text, rest, "store-command", owner, Span(word.start, word.end))
                if made is not None:
                    out.append(made)
                    taken.add(index)
            index += 1
            continue
        if head.startswith("-"):
            index += 1 if "=" in head or head in _STORE_SWITCHES else 2
            continue
        piece = bare_name(word)
        if piece is None:
            return
        if take is _Take.MENTION:
            instead[index] = EnvRef(piece.inner, piece.value, piece.inner, "store-command", owner=owner)
            index += 1
            continue
        value: Node | None = None
        if take is _Take.VALUE and index + 1 < len(words) and not (words[index + 1].literal or "").startswith("-"):
            value = node_of(words[index + 1].parts, words[index + 1].start, words[index + 1].end)
            taken.add(index + 1)
        out.append(EnvDef(whole, piece.value, piece.inner, value, "store-command", owner=owner))
        taken.add(index)
        return
