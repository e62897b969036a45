"""`migrator/integrations/*.toml`: each file is what the schema asks for, and a mistake in one is named with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.catalog import renamed
from migrator.integrations import lookup
from migrator.integrations.parse import parse
from migrator.integrations.schema import Client
from migrator.model import MigratorError

KNOWN = lookup.shipped()

GOOD = """\
title = "Lamp"
docs = "https://example.org/lamp"
checked = { python = "lamp 1.2.0", ecma = "@lamp/core 3.0.0" }

[[client]]
python = ["lamp.Client"]
ecma = ["@lamp/core.Client"]
url = { python = "base_url", ecma = ["baseURL", "options.baseURL"], at = 1, env = "LAMP_URL" }
key = { python = "api_key", ecma = "apiKey", env = "LAMP_KEY" }
"""


@pytest.mark.parametrize("stem", KNOWN.stems)
def test_each_file_is_as_the_schema_asks(stem: str) -> None:
    library = KNOWN.library(stem)
    assert library.title
    assert library.checked
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", stem)


def test_each_callee_is_found_by_its_name() -> None:
    for library in KNOWN.libraries():
        for client in library.clients:
            for language, callees in client.callees.items():
                for callee in callees:
                    name = f"{callee[:-1]}something" if callee.endswith(".*") else callee
                    match = KNOWN.built_in(language, name) if client.built_in else KNOWN.client(language, name)
                    assert match is not None, f"{library.stem}: {callee}"


def test_no_callee_is_listed_twice() -> None:
    seen: dict[tuple[str, str, bool, tuple[str, ...]], str] = {}
    for library in KNOWN.libraries():
        for client in library.clients:
            for language, callees in client.callees.items():
                for callee in callees:
                    chosen_by = client.model.names.get(language, ()) if client.model is not None else ()
                    key = (language, callee, bool(client.built_in), chosen_by)
                    assert key not in seen, f"{library.stem} and {seen[key]} both describe {callee}"
                    seen[key] = library.stem


def test_each_client_that_is_given_a_key_reads_openrouters_variable_by_itself() -> None:
    for library in KNOWN.libraries():
        for client in library.clients:
            if (client.give is not None or client.exchange is not None) and client.key.env is not None:
                assert renamed(client.key.env, "MG_KEY") is not None, (
                    f"{library.stem}: the new variable of {client.name} has no name"
                )


def test_an_empty_key_is_enough_for_each_javascript_client() -> None:
    """Where it is not, the library takes OpenRouter's key instead of a missing one and sends it to the new host."""
    for library in KNOWN.libraries():
        for client in library.clients:
            if client.give is not None and "ecma" in client.callees and client.key.env is not None:
                assert client.give.empty or client.give.closed, f"{library.stem}: {client.name}"


def test_a_good_file_is_read() -> None:
    library = parse("lamp.toml", GOOD)
    (client,) = library.clients
    assert client.name == "lamp"
    assert client.url.names == {"python": ("base_url",), "ecma": ("baseURL", "options.baseURL")}
    assert (client.url.at, client.url.env, client.key.env) == (1, "LAMP_URL", "LAMP_KEY")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('title = "Lamp"\n', "", 1, "title"),
        ("https://example.org/lamp", "the manual", 2, "https://"),
        (', ecma = "@lamp/core 3.0.0"', "", 3, "no version for ecma"),
        ("lamp 1.2.0", "lamp", 3, "package and its version"),
        ('"lamp.Client"', "", 6, "python"),
        ('ecma = ["@lamp', 'typescript = ["@lamp', 7, "typescript"),
        ("python = [", "python [", 6, "not TOML"),
        ('python = "base_url", ', "", 8, "no name for python"),
        ("at = 1", 'at = "1"', 8, "position"),
        ("at = 1", "position = 1", 8, "position"),
        ('"LAMP_KEY"', '"lamp key"', 9, "variable"),
        ("[[client]]\n", "[client]\n", 5, "[[client]]"),
        ("[[client]]\n", '[[client]]\nbuilt_in = "lamp"\n', 6, "no gateway"),
        ("[[client]]\n", '[[client]]\nbuilt_in = "openrouter"\n', 6, "advice"),
        ("[[client]]\n", '[[environment]]\npython = ["lamp.env"]\nrole = "write"\n[[client]]\n', 7, "read, define, ask"),
        ("lamp.Client", "lamp.*", 6, "built_in"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    with pytest.raises(MigratorError) as caught:
        parse("lamp.toml", GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(f"lamp.toml:{line}: "), caught.value
    assert says in str(caught.value)


def test_a_client_can_be_left_out_in_one_language() -> None:
    less = KNOWN.without("openai", 0, "python")
    assert less.client("python", "openai.OpenAI") is None
    assert less.client("ecma", "openai.OpenAI") is not None
    assert KNOWN.client("python", "openai.OpenAI") is not None


_LANGUAGES = {"python": "Python", "ecma": "JavaScript", "ruby": "Ruby", "rust": "Rust"}


def _rows_of_the_readme() -> list[str]:
    """A row for each library with OpenRouter built in: what of it is given an address and a key, and what is only told."""
    rows = []
    for library in sorted(KNOWN.libraries(), key=lambda library: library.title.lower()):
        built_in = [client for client in library.clients if client.built_in]
        moves = [client for client in built_in if client.give or client.exchange]
        told = [_list([client for client in built_in if client not in moves])] if len(built_in) > len(moves) else []
        told += [f"`{package.module}`" for package in library.packages if package.module]
        spoken = {language: None for client in built_in for language in client.callees} or dict.fromkeys(library.checked)
        if built_in or told:
            languages = ", ".join(_LANGUAGES[language] for language in spoken)
            cells = (languages, _list(moves), _with_a_word(moves), ", ".join(told))
            rows.append(f"| [{library.title}]({library.docs}) | {' | '.join(cells)} |")
    return rows


def _list(clients: list[Client]) -> str:
    return ", ".join(dict.fromkeys(_words(client) for client in clients))


def _with_a_word(clients: list[Client]) -> str:
    """When what moves is left to `--unsafe`."""
    reasons = {
        "a model known at run time": any(client.model and client.give for client in clients),
        "an entry of a configuration file": any(client.mapping for client in clients),
        "a reply that is handed on": any(client.exchange and client.exchange.reply for client in clients),
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


def _words(client: Client) -> str:
    """What a client is called by, once each; the package where all of it is meant."""
    if client.give is not None and client.give.maker:
        return f"`{client.give.name}`"
    if client.exchange is not None and "ecma" in client.callees:
        return f"`{client.exchange.old}`"
    names: dict[str, None] = {}
    for language, callees in client.callees.items():
        exact = [callee for callee in callees if not callee.endswith(".*")]
        for callee in exact or [callee.removesuffix(".*") for callee in callees]:
            short = callee in exact and language in ("python", "ecma")
            names[re.split(r"[./]", callee)[-1] if short else callee] = None
    return ", ".join(f"`{name}`" for name in names)


def test_the_readme_lists_libraries_with_openrouter_built_in() -> None:
    text = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    rows = _rows_of_the_readme()
    listed = [line for line in text.splitlines() if line.startswith("| [") and "](https://" in line]
    assert [line for line in listed if line in rows] == rows, "\n".join(rows)
