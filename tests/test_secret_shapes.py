"""Where a value begins to look like a secret: each condition with a value on either side of it."""

from __future__ import annotations

import pytest

from migrator.text.secrets import HIDDEN, is_placeholder, mask
from migrator.text.shapes import has_head, is_anonymous_secret, is_drawn, mask_shapes, written_share

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
        ("xkQzvBnwRtpLmsDfgHjk", True),  # 20
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
        (DRAWN[:23] + "X", "", True),
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
okey = "Ab3!Cd9?x"
password = (abc1!d)
password = [abc1!d]
monkey = "Ab3!Cd9?x"
password = "a1!"
password = treehouse
password = tree_house.of?mine!
password = "${K9xxxxxxxxxxxxxx8d}"
password_file = "./pw/file9!x"
"password", "tree-house"
api_key = "A1B2C3D4"
api_key = "a1b2c3d"
api_key = "abcdefg12"
api_key = "Abcdefgh1"
api_key = "abcdefgh!"
api_key = "ab1cdefg"
api_key = "abc-defg1"
api_key = "abc/def:g@h.i1"
api_key = "ab1 cd2!"
api_key = client.k3y9a8b7
token = "Q7ZT9_MKP2XW4LR8B"
token = "123456789012345"
token = "hf_kxqzvbnwrtp"
token = "hf_configuration_settings"
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
password = "a1!q7Zt"
"password": "tree-house"
password = "treehouse"
secret_path = "/etc/q7Zt9mKp2Xw4Lr8B"
-token: "q7Zt9mKp2Xw4"
-password: "tree-house"
DB_PASSWORD_PROD: "tree-house"
api_key = "q7Zt9mKp"
api_key = "Qztabck12"
api_key = "q7ztabc!"
api_key = "1q7ztabc"
token = "Q7ZT9MKP2XW4LR8B5"
accesskey = "Qztabck12"
token = "1234561234561234"
token = "hf_q7Ztkxqzvbnw"
api_key = client.q7zty9a8b7
""".strip().splitlines()


@pytest.mark.parametrize("line", SHOWN)
def test_an_ordinary_value_stays_readable(line: str) -> None:
    assert mask(line) == line


@pytest.mark.parametrize("line", MASKED)
def test_what_a_name_gives_away_is_masked(line: str) -> None:
    shown = mask(line, literal=True)
    assert HIDDEN in shown
    assert not any(part in shown for part in ("tree", "q7Zt", "123456", "Ab3", "Cd9"))


@pytest.mark.parametrize("line", ["password = {}tree9{}", "api_key = {}q7zt9!abc{}", "--password {}tree9{}"])
def test_what_is_no_expression_of_a_program_is_masked_there_too(line: str) -> None:
    assert mask(line.format("", "")) == line.partition("{")[0] + HIDDEN


def test_a_secret_in_the_path_of_a_value_on_the_next_line() -> None:
    pair = "- name: BUILD_TOKEN\n  value: {}\n"
    assert mask(pair.format(f"/hooks/{DRAWN[:16]}/run"), literal=True) == pair.format(HIDDEN)
    assert mask(pair.format("/hooks/build9/run"), literal=True) == pair.format("/hooks/build9/run")


def test_the_rest_of_a_line_that_names_a_secret_is_looked_at() -> None:
    assert DRAWN not in mask(f"API_KEY=${{API_KEY}} # was {DRAWN}")
    assert "Tr0ub4dor-x8" not in mask("DB_PASSWORD=$DB_PASSWORD # was Tr0ub4dor-x8Kq")
    assert "Tr0ub4dor-x8" not in mask("accesskey=$ACCESSKEY # was Tr0ub4dor-x8Kq")
    assert mask("API_KEY=$API_KEY # was Tuesday") == "API_KEY=$API_KEY # was Tuesday"
    assert mask(f"commit {DRAWN.lower()}") == f"commit {DRAWN.lower()}"


@pytest.mark.parametrize(
    "kind",
    [
        "string", "bool", "boolean", "integer", "number", "float", "true", "false", "unknown", "object", "bytes", "SecretStr", "optional",
        "required", "text", "sensitive", "prompt", "none", "Null", "undefined", "hidden", "password", "any", "str", "off", "yes",
    ],
)  # fmt: skip
def test_a_kind_of_value_is_no_value(kind: str) -> None:
    line = f'password: "{kind}"'
    assert mask(line) == line


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("Tr0ub4dor-x8Kq", False),
        ("tr0ub4dor-x8kq", True),  # one case
        ("TR0UB4DOR-X8KQ", True),
        ("Tr0ub4d-x", True),  # nine characters
        ("Tr0ub4d-xk", False),
        ("Tr0ubador-xKq", True),  # one digit
        ("http://h/q7Zt9mKp2Xw4Lr8B", True),
        ("https://h/q7Zt9mKp2Xw4Lr8B", True),
        ("httpsq//h/q7Zt9mKp2Xw4Lr8B", False),
        ("Q7ZT9MKP2XW4LR8B", True),  # may be the name of a variable
        ("$Q7ZT9MKP2XW4LR8B", True),
        ("$Q7zT9MKP2XW4LR8B", False),
        ("q7Zt9mKp2Xw4Lr8B=False", True),
        ("q7Zt9mKp2Xw4Lr8B=Falsk", False),
        ("K9xxxxxxxx8d", True),  # crossed out
        ("hf_kxqzvbnwrtpl", False),
        ("Kalimit9Porexun3", True),  # words
    ],
)
def test_a_word_beside_a_name_that_sounds_secret(word: str, shown: bool) -> None:
    line = f"API_KEY=$API_KEY # was {word} then"
    assert mask(line) == (line if shown else f"API_KEY=$API_KEY # was {'hf_' if word.startswith('hf_') else ''}{HIDDEN} then")


@pytest.mark.parametrize(
    ("run", "share"),
    [
        ("Bana", 1.0),
        ("Ban", 0.0),  # three letters are no word
        ("Bant", 1.0),  # a quarter of them vowels
        ("Bnatk", 0.0),
        ("aeiouaebcd", 1.0),  # seven of ten
        ("aeiouaeibc", 0.0),
        ("abcdfe", 0.0),  # four consonants at a stretch
        ("abcdee", 1.0),
        ("Bana1234", 0.5),
        ("BANANA12", 0.75),
    ],
)
def test_how_much_of_a_run_are_words(run: str, share: float) -> None:
    assert written_share(run) == share


def test_half_of_words_is_written() -> None:
    assert not is_drawn("Porexunt9q7z8x2w")
    assert is_drawn("Porexun19q7z8x2w")


def test_what_a_checksum_stands_behind_counts_from_the_start_of_a_text() -> None:
    assert mask_shapes(f"@{DRAWN}", HIDDEN) == f"@{DRAWN}"
    assert mask_shapes(f"x{DRAWN}"[1:], HIDDEN) == HIDDEN
    assert mask_shapes(f"the commit {DRAWN}", HIDDEN) == f"the commit {DRAWN}"
    assert mask_shapes(f"commit of today {DRAWN}", HIDDEN) == f"commit of today {HIDDEN}"


def test_what_a_pattern_hides_keeps_its_head() -> None:
    address = "https://acme.webhook.office.com/webhookb2/"
    assert mask_shapes(f"to {address}0123-abcd@4567-ef01/x", HIDDEN) == f"to {address}{HIDDEN}"


def test_a_value_over_several_lines_is_only_one_in_three_quotes() -> None:
    assert DRAWN not in mask(f'secret = """\n{DRAWN}\n"""')
    assert mask('secret = "a\nb = "c"') == 'secret = "a\nb = "c"'


def test_a_part_that_is_crossed_out_stands_in_whatever_its_letters() -> None:
    assert is_placeholder("your-xXxXxX-key")
    assert not is_placeholder("your-qXvZkX-key")
