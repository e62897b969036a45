"""Where a value begins to look like a secret: each condition with a value on either side of it."""

from __future__ import annotations

import pytest

from migrator.text.secrets import HIDDEN, mask
from migrator.text.shapes import has_head, is_anonymous_secret, is_drawn, mask_shapes

DRAWN = "q7Zt9mKp2Xw4Lr8Bn5Vd3Jh6"
"""24 letters and digits without a word in them."""


@pytest.mark.parametrize(
    ("run", "drawn"),
    [
        (DRAWN, True),
        (DRAWN[:16], True),
        (DRAWN[:15], False),  # too short
        ("8472910384729103", False),  # no letter
        ("xkqzvbnwrtplmsdf", False),  # one case, no digit
        ("xkqzvbnwrtplmsdfghjkq", False),  # long, one case
        ("XKQZVBNWRTPLMSDFGHJKQ", False),
        ("xkQzvBnwRtpLmsDfgHjkQ", True),  # long, both cases
        ("xkQzvBnwRtpLmsDfgHj", False),  # 19
        ("xkQzvBnwRtpLmsD1gHj", False),  # one digit is not enough while it is short
        ("xkQzvBnwRtpL2sD1gHj", True),
        ("OpenRouterClientConfiguration2024v2", False),  # words
    ],
)
def test_drawn_or_written(run: str, drawn: bool) -> None:
    assert is_drawn(run) is drawn


@pytest.mark.parametrize(
    ("value", "head"),
    [
        (f"lin_api_{DRAWN}", True),
        ("lin_api_" + DRAWN[:11], False),  # too little behind it
        ("lin_api_configuration_settings_manager", False),  # words behind it
        (f"my lin_api_{DRAWN}", False),  # not at the beginning
        (DRAWN, False),
    ],
)
def test_heads_of_known_vendors(value: str, head: bool) -> None:
    assert has_head(value) is head


@pytest.mark.parametrize(
    ("run", "before", "secret"),
    [
        (DRAWN, "", True),
        (DRAWN + "==", "", True),
        (DRAWN[:23] + "==", "", False),
        (DRAWN.lower(), "", False),
        (DRAWN.upper(), "", False),
        ("4f3a9c0b" * 4, "", False),  # a checksum
        (DRAWN, "sha256-", False),
        (DRAWN, "https://github.com/a/b/commit/", False),
        (DRAWN, "sha256- and more than twenty-four characters ", True),
        ("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", "", False),
        ("q7Zt9mKp2Xw4-Lr8Bn5Vd3Jh6", "", False),  # short parts, as ids of models have
        (f"{DRAWN[:20]}-{DRAWN[:8]}", "", True),
    ],
)
def test_a_secret_without_a_name(run: str, before: str, secret: bool) -> None:
    assert is_anonymous_secret(run, before) is secret


def test_the_head_stays_and_what_is_hidden_is_not_hidden_again() -> None:
    assert mask_shapes(f"x lin_api_{DRAWN} y", HIDDEN) == f"x lin_api_{HIDDEN} y"
    once = mask_shapes(f"lin_api_{DRAWN}", HIDDEN)
    assert mask_shapes(once, HIDDEN) == once
    assert mask_shapes("lin_api_configuration_settings_manager", HIDDEN) == "lin_api_configuration_settings_manager"
    assert mask_shapes(f"{DRAWN} {DRAWN}", HIDDEN) == f"{HIDDEN} {HIDDEN}"


SHOWN = """
password = os.environ["DB_PASSWORD"]
password: str
password = None
api_key=get_settings().llm_key
max_tokens = 20480
keyword = "q7Zt9mKp2Xw4"
key = "summarizer/config.py"
token_url = "https://login.example/oauth/token"
api_key = settings.OPENROUTER_API_KEY
API_KEY = "OPENROUTER_API_KEY"
secret: projects/acme/llm
auth = true
key: "two words 12"
tokens: 12345678
""".strip().splitlines()

MASKED = """
password = "tree-house"
DB_PASSWORD: tree9
api_key = "q7Zt9mKp2Xw4"
api_key: str = "q7Zt9mKp2Xw4"
"apiKey": "q7Zt9mKp2Xw4"
"api_key", "q7Zt9mKp2Xw4Lr8B"
--token q7Zt9mKp2Xw4
--api-key=q7Zt9mKp2Xw4
Authorization: Basic q7Zt9mKp2Xw4
X-Api-Key: q7Zt9mKp2Xw4
<password>q7Zt9mKp2Xw4</password>
token: 1234567890123456
name: DB_PASSWORD, value: "q7Zt9mKp2Xw4"
API_KEY=Ab3!Cd9?x
password = f(x) or "q7Zt9mKp2Xw4Lr8B"
""".strip().splitlines()


@pytest.mark.parametrize("line", SHOWN)
def test_an_ordinary_value_stays_readable(line: str) -> None:
    assert mask(line) == line


@pytest.mark.parametrize("line", MASKED)
def test_what_a_name_gives_away_is_masked(line: str) -> None:
    shown = mask(line, literal=True)
    assert HIDDEN in shown
    assert not any(part in shown for part in ("tree", "q7Zt", "123456", "Ab3", "Cd9"))


def test_the_rest_of_a_line_that_names_a_secret_is_looked_at() -> None:
    assert DRAWN not in mask(f"API_KEY=${{API_KEY}} # was {DRAWN}")
    assert "Tr0ub4dor-x8" not in mask("DB_PASSWORD=$DB_PASSWORD # was Tr0ub4dor-x8Kq")
    assert mask("API_KEY=$API_KEY # was Tuesday") == "API_KEY=$API_KEY # was Tuesday"
    assert mask(f"commit {DRAWN.lower()}") == f"commit {DRAWN.lower()}"


def test_a_value_over_several_lines_is_only_one_in_three_quotes() -> None:
    assert DRAWN not in mask(f'secret = """\n{DRAWN}\n"""')
    assert mask('secret = "a\nb = "c"') == 'secret = "a\nb = "c"'
