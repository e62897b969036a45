"""Values that their names say are secret, and names that are looked for by the beginnings of their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.text.assignments import _HEADS, _LOWER_WORD, _TYPES, _words
from migrator.text.secrets import HIDDEN, mask

_PIECES = (
    *_HEADS,
    "word",
    "phrase",
    "code",
    "wd",
    "s",
    "iz",
    "orization",
    "i_key",
    "ikey",
    "i-key",
    "_string",
    "a",
    "_",
    "-",
    " ",
    "=",
    "1",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_the_same_words_are_found(text: str) -> None:
    assert [match.span() for match in _words(text)] == [match.span() for match in _LOWER_WORD.finditer(text)]


NAMES = (
    "password", "passwd", "passphrase", "passcode", "my_pass", "pwd", "client_secret", "token", "credential", "authorization", "auth",
    "api_key", "apikey", "api-key", "the_key", "dsn", "cookie", "salt", "webhook", "connection_string", "connectionString", "private",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_name_of_a_secret_is_known(name: str) -> None:
    assert [match[0] for match in _words(f"x {name.lower()} ")]
    for written in (name, name.upper()):
        assert mask(f'{written} = "ab3!cd9?xq"') == f'{written} = "{HIDDEN}"'


@pytest.mark.parametrize("word", sorted(_TYPES))
def test_kinds_of_values_are_no_secrets(word: str) -> None:
    assert mask(f"password: {word}", literal=True) == f"password: {word}"


@pytest.mark.parametrize(
    "text",
    [
        'password = "${K9xxxxxxxxxxxxxx8d}"',
        "api_key=KEY, nCtx=32768",
        "API_KEY=OPENROUTER_API_KEY",
        "token = https://login.example.com/Zq8kk2Lm",
    ],
)
def test_what_is_no_secret_beside_a_name_is_shown(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tool --token Zq8!kk2Lm run", f"tool --token {HIDDEN} run"),
        ("tool --token=Zq8!kk2Lm run", f"tool --token={HIDDEN} run"),
        ("tool --password treehouse9 run", f"tool --password {HIDDEN} run"),
    ],
)
def test_the_value_of_an_option_of_a_command_is_hidden(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_a_path_of_the_tree_is_shown_and_what_only_ends_like_one_is_not() -> None:
    paths = frozenset(("src/Login2Fa.ts",))
    assert mask("key: src/Login2Fa.ts:12", literal=True, paths=paths) == "key: src/Login2Fa.ts:12"
    assert mask("password: app/src/Login2Fa.ts", literal=True, paths=paths) == "password: app/src/Login2Fa.ts"
    assert mask("password: Zq8!src/Login2Fa.ts", literal=True, paths=paths) == f"password: {HIDDEN}"
    assert mask("password: src/Login2Fa.ts[q7Zt9mKp2Xw4Lr8Bn5Vd3Jh6", literal=True, paths=paths) == f"password: {HIDDEN}"


def test_a_known_value_is_hidden_also_where_only_its_quotes_are_escaped() -> None:
    value = 'tr\xe4umen"99Zq'
    assert mask('said tr\xe4umen\\"99Zq twice', [value]) == f"said {HIDDEN} twice"
    assert mask('said tr\\u00e4umen\\"99Zq twice', [value]) == f"said {HIDDEN} twice"
