"""What is masked and what stays readable."""

from __future__ import annotations

import base64
import json
import random
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.text.secrets import (
    HIDDEN,
    holds_env_values,
    is_configuration,
    is_env_example,
    is_placeholder,
    is_secret_shaped,
    mask,
    mask_comment,
    memorable,
    values_by_name,
)

HEX = "4f3a9c0b" * 8
MIXED = "aB3dE5gH1k" * 5

KEYS = {
    "sk-or-v1-": HEX,
    "sk-or-": MIXED,
    "sk-or-v1-prov-": HEX,
    "sk-ant-api03-": MIXED + "_-" + MIXED,
    "sk-proj-": MIXED + "-" + MIXED,
    "sk-svcacct-": MIXED,
    "sk-": MIXED,
    "mg_live_": MIXED,
    "mg_test_": MIXED[:24],
    "vck_": MIXED,
    "ghp_": MIXED[:36],
    "github_pat_": MIXED,
    "glpat-": MIXED[:20],
    "hf_": MIXED[:34],
    "gsk_": MIXED,
    "xoxb-": "123456789012-" + MIXED,
    "AIza": MIXED[:35],
    "AKIA": "ABCD2345EFGH6723",
}


@pytest.mark.parametrize("prefix", KEYS)
@pytest.mark.parametrize(
    "frame", ["{}", 'key = "{}"', "KEY={}\n", "({})", "Bearer {}", "a {}, b", "https://h/?key={}&x", "-H 'x: {}'", "_{}"]
)
def test_keys_are_masked_wherever_they_stand(prefix: str, frame: str) -> None:
    text = frame.format(prefix + KEYS[prefix])
    shown = mask(text)
    assert KEYS[prefix][-8:] not in shown
    assert HIDDEN in shown
    assert is_secret_shaped(text)
    assert not is_secret_shaped(shown)
    assert mask(shown) == shown


def test_the_kind_of_a_key_stays_readable() -> None:
    assert mask("sk-or-v1-" + HEX) == "sk-or-v1-…[masked]"
    assert mask("mg_live_" + MIXED) == "mg_live_…[masked]"
    assert mask("Authorization: Bearer " + HEX) == "Authorization: Bearer …[masked]"
    assert mask("Bearer sk-or-v1-" + HEX) == "Bearer sk-or-v1-…[masked]"
    assert mask("postgres://user:s3cr3t@db.example/x") == "postgres://…[masked]@db.example/x"


@pytest.mark.parametrize("filler", ["0", "a", "f"])
def test_a_key_of_full_length_counts_whatever_it_is_made_of(filler: str) -> None:
    key = "sk-or-v1-" + filler * 64
    assert is_secret_shaped(key)
    assert not is_placeholder(key)
    assert not is_placeholder(key + "...")
    assert not is_placeholder("${KEY:-" + key + "}")


PLACEHOLDERS = """
sk-or-v1-...
sk-or-...
sk-or-v1-xxxx
sk-or-v1-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-or-v1-XXXXXXXX-XXXX
sk-or-v1-
mg_live_...
mg_live_xxx
your_api_key_here
your-openrouter-api-key
YOUR_OPENROUTER_API_KEY
yourkeyhere
yourApiKeyHere
sk-or-v1-your-key-here
sk-or-v1-YOUR-API-KEY
sk-or-v1-your_openrouter_key
sk-or-your-api-key-here
sk-or-test
sk-or-v1-test-key-123
sk-your-openai-key
sk-ant-...
<key>
<your key here>
[your key]
{{ secrets.KEY }}
${OPENROUTER_API_KEY}
$OPENROUTER_API_KEY
%OPENROUTER_API_KEY%
$(cat key)
changeme
change-me
CHANGE_ME
replace_with_your_key
REPLACE_ME
xxx
...
…
example
example-key
test
test-key
dummy
dummy-key
placeholder
todo
TODO
fake-key
none
*****
"your-key"
'sk-or-v1-...'
sk-or-v1-xxxxxxxx00a
Bearer YOUR_KEY
""".strip().splitlines()


@pytest.mark.parametrize("value", ["", "  ", '""', *PLACEHOLDERS])
def test_placeholders_stay_readable(value: str) -> None:
    assert is_placeholder(value)
    assert not is_secret_shaped(value)
    assert mask(f"KEY={value}", [value]) == f"KEY={value}"


@pytest.mark.parametrize(
    "value",
    [
        HEX,
        HEX[:32],
        MIXED,
        "deadbeef",
        "1234abcd5678",
        "abc123def456",
        "correcthorsebatterystaple",
        "sk-or-v1-" + HEX,
        "sk-or-v1-test-" + HEX,
        "your-" + HEX,
        "test_" + MIXED,
        "p4ssw0rd!tr0ub4dor",
        "https://openrouter.ai/api/v1",
    ],
)
def test_what_may_be_real_is_no_placeholder(value: str) -> None:
    assert not is_placeholder(value)


@given(st.sampled_from(["sk-or-v1-", "mg_live_", "sk-ant-api03-", "sk-proj-"]), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_drawn_keys_are_never_taken_for_placeholders(prefix: str, chance: random.Random) -> None:
    body = "".join(chance.choices(string.ascii_letters + string.digits + "-_", k=chance.randint(40, 90)))
    assert not is_placeholder(prefix + body)
    assert body[8:] not in mask(f"x {prefix}{body} y")


@given(
    st.sampled_from(["", "sk-", "sk-or-", "sk-or-v1-", "mg_live_", "sk-ant-", "ghp_", "Bearer "]),
    st.lists(
        st.sampled_from(["your", "key", "api", "test", "x", "123", "my", "-", "_", "KEY", "here", "abc", "0000", "4f3a9c0b", "."]),
        max_size=8,
    ),
)
@settings(max_examples=100, deadline=None)
def test_no_placeholder_is_secret_shaped(prefix: str, parts: list[str]) -> None:
    """The two decide together whether an edit may cover a value."""
    value = prefix + "".join(parts)
    assert not (is_placeholder(value) and is_secret_shaped(value))


@pytest.mark.parametrize(
    "text",
    [
        "task-or-something-else-entirely",
        "key.startswith('sk-or-v1-')",
        r"^sk-or-v1-[a-f0-9]{64}$",
        "sk-or-…, sk-or-v1-...",
        "hf_embedding_model_v2_name",
        "npm_config_target_platform",
        "risk-assessment-2024-report-of-the-year",
        "headers = {'Authorization': f'Bearer {key}'}",
        "Bearer token",
        "Bearer authentication",
        "https://openrouter.ai/api/v1",
        "https://user:password@localhost/x",
        "https://{user}:{password}@host",
        "postgres://${DB_USER}:${DB_PASS}@db/x",
        "git@github.com:owner/repo.git",
        "mailto:somebody@example.org",
        "http://[::1]:8080/@scope/package@1.0.0",
        "https://cdn.example/npm/@scope/pkg@1.2.3/index.js",
        "sha256-" + HEX,
        "sk-toggleable__label-arrow",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "sentence",
    [
        "the key also comes from token store: src/a1B2/x9Z8.py:12",
        "api_key: lib/v2beta1/Client3.ts:20 reads it",
        "it shares the read of OPENROUTER_API_KEY with tests/e2e/Auth2Flow9.spec.ts:88, which stays",
        "key: /srv/work/apps/web3/S3Client.ts:14-19",
    ],
)
def test_paths_of_the_tree_stay_readable(sentence: str) -> None:
    paths = {"src/a1B2/x9Z8.py", "lib/v2beta1/Client3.ts", "tests/e2e/Auth2Flow9.spec.ts", "apps/web3/S3Client.ts"}
    assert mask(sentence) != sentence
    assert mask(sentence, paths=paths) == sentence
    assert mask(f"{sentence}; api_key: {MIXED}", paths=paths) == f"{sentence}; api_key: {HIDDEN}"


def test_a_secret_on_the_line_of_a_path_is_masked() -> None:
    for sentence in ('src/a1B2/x9Z8.py has api_key = "Qztabck12"', 'api_key = "Qztabck12" is in src/a1B2/x9Z8.py'):
        assert mask(sentence, paths={"src/a1B2/x9Z8.py"}) == sentence.replace("Qztabck12", HIDDEN)


def test_other_shapes() -> None:
    assert mask("aws_secret_access_key = " + "aB3/" * 10) == "aws_secret_access_key = …[masked]"
    assert HIDDEN in mask("https://" + MIXED + "@host/x")
    assert mask("eyJ" + MIXED + ".eyJ" + MIXED + "." + MIXED) == "eyJ…[masked]"
    pem = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIE\nabc\n-----END RSA PRIVATE " + "KEY-----\nafter"
    assert mask(pem) == "-----BEGIN RSA PRIVATE KEY-----…[masked]\nafter"


KNOWN = "Pa ss/wörd+=?&"


@pytest.mark.parametrize(
    "form",
    [
        KNOWN,
        quote(KNOWN),
        quote(KNOWN, safe=""),
        quote_plus(KNOWN),
        json.dumps(KNOWN),
        json.dumps(KNOWN, ensure_ascii=False),
    ],
)
def test_a_known_value_goes_in_every_form(form: str) -> None:
    shown = mask(f"before {form} after", [KNOWN])
    assert form.strip('"') not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@given(
    st.text(min_size=10, max_size=40).filter(lambda text: text.strip() == text and not is_placeholder(text)), st.binary(max_size=5)
)
@settings(max_examples=100, deadline=None)
def test_a_known_value_goes_inside_base64(value: str, around: bytes) -> None:
    data = value.encode("utf-8", "surrogatepass")
    for encoder in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encoder(around + data + around).decode()
        core = whole[(len(around) * 8 + 5) // 6 : (len(around) + len(data)) * 8 // 6]
        assert core not in mask(whole, [value])


def test_short_values_and_placeholders_are_not_hunted() -> None:
    assert mask("a test of the true value", ["a", "true", "test", "", "changeme"]) == "a test of the true value"


def test_a_longer_known_value_goes_before_a_shorter_one_inside_it() -> None:
    assert mask("hunter2-and-more", ["hunter2", "hunter2-and-more"]) == HIDDEN


def test_a_known_key_keeps_its_prefix() -> None:
    key = "sk-or-v1-" + HEX
    assert mask(f"{key} {quote(key)}", [key]) == "sk-or-v1-…[masked] sk-or-v1-…[masked]"


@given(st.text(alphabet="sk-or-v1_mg.live:/@ BearerAKIA0123abcXx<>${}=\n", max_size=200))
@settings(max_examples=100, deadline=None)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    shown = mask(text)
    assert mask(shown) == shown


@pytest.mark.parametrize(
    "piece",
    ["sk-", "sk-or-", "://", "://a:", "Bearer ", "eyJ", "eyJa.", "AKIA", "a-", "-----BEGIN PRIVATE KEY-----", "x" * 50 + ":"],
)
def test_long_lines_of_nothing_but_beginnings_come_back(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert len(mask(text)) > 0


@pytest.mark.parametrize(
    ("path", "env", "example"),
    [
        (".env", True, False),
        ("a/.env.local", True, False),
        (".env.example", True, True),
        (".env_example", True, True),
        (".example.env", True, True),
        ("deploy/prod.env", True, False),
        ("sample.env", True, True),
        (".envrc", True, False),
        (".dev.vars", True, False),
        (".env-template", True, True),
        ("env.py", False, False),
        ("environment.yml", False, False),
        ("a.env/readme.md", False, False),
        ("docs/example.md", False, False),
        ("examples/.env", True, False),
        ("samples/prod.env", True, False),
    ],
)
def test_files_of_the_env_family(path: str, env: bool, example: bool) -> None:
    assert (holds_env_values(path), is_env_example(path)) == (env, example)


def test_a_value_in_three_quotes_may_stand_on_the_next_line_and_one_in_a_single_quote_may_not() -> None:
    assert "x8Kq2Lz" not in mask('PASSWORD = """\nTr0ub4dor-x8Kq2Lz\n"""\n')
    prose = "the password isn't\nwhat 2 people say it doesn't\n"
    assert mask(prose) == prose


def test_syllables_of_three_letters_are_no_words() -> None:
    assert "Por7xun3" not in mask("use Kal4mit9Por7xun3Bel5dam8Fyr here")
    readable = "use Kalimit9Porexun3Belidam8Fyr here"
    assert mask(readable) == readable


@pytest.mark.parametrize(
    ("path", "configuration"),
    [
        ("config/app.yml", True), ("a.yaml", True), ("a.TOML", True), ("setup.cfg", True), ("Dockerfile", True), ("api/Dockerfile.prod", True),
        ("compose.prod", True), ("docker-compose.override", True), (".env", True), ("prod.env", True), ("a.jsonc", True),
        ("app.py", False), ("yaml.py", False), ("Dockerfiles/a.py", False), ("compose/a.py", False), ("a.yml.txt", False),
    ],
)  # fmt: skip
def test_files_in_which_text_without_quotes_is_a_value(path: str, configuration: bool) -> None:
    assert is_configuration(path) is configuration


@pytest.mark.parametrize(
    ("value", "placeholder"),
    [
        ("hunter2", True),  # seven characters: too short for a key
        ("hunter22", False),
        ("deadbee", False),  # unless it may be a part of one
        ("sk-or-v1-q7Zt9mK", True),
        ("sk-q7Zt9mK", True),
        ("sk-q7Zt9mKp", False),
        ("sk-or-v1-q7Zt9mKp", False),
        ("0" * 31, True),
        ("0" * 32, False),
        ("x" * 60, True),
        ("Bearer $TOKENVARNAME12", True),
        ("bearer $TOKENVARNAME12", True),
        ("Bearers$TOKENVARNAME12", False),
        ("treehouse***", True),
        ("treehouse…", True),
        ("treehouse...", True),
        ("treehouse..", False),
        ("q7Zt9mKp2Xw4Lr8Bn5Vd***", False),  # shows most of a key
        (f"before {HIDDEN} behind", True),
        ("test12key34", False),  # two numbers in one word
        ("test-key-12", True),
        ("test-key-1357", True),
        ("test-key-13579", False),
        ("test-key-12345", True),  # counted up
        ("test-key-012345678901", True),
        ("key-abcdefghijklmnop", True),
        ("key-abcdefghijklmnopq", False),  # no word is that long
        ("key-AbcDe-some", True),
        ("key-AbDeFgh-some", False),  # nor are these words
        ("test-key-Ab", True),
        ("test-key-AbC", False),
        ("test-key-fOo", True),
        ("test-key-xXxX", True),
        ("fOo-AbcDe", True),
        ("example22", True),
        ("treehouse22", False),
        ("blue-treehouse", False),
        ("key-treehouse", True),
        ("treehouse-key", True),
        ("K9xxxxxxxx8d", True),
        ("K9xxxxx8dk", False),
    ],
)
def test_where_a_placeholder_ends(value: str, placeholder: bool) -> None:
    assert is_placeholder(value) is placeholder


@pytest.mark.parametrize(
    ("text", "shaped"),
    [
        ("sk-or-v1-q7Zt9mK", False),
        ("sk-or-v1-q7Zt9mKp", True),
        ("sk-or-v1-kxqzvbnwrtplmns", False),  # 15 letters
        ("sk-or-v1-kxqzvbnwrtplmnsd", True),
        ("sk-or-v1-kxqz-vbnwrtplmnsdfg", False),
        ("sk-or-v1-ab-kxqzvbnwrtplmnsdfghj", True),  # 20 at a stretch
        ("sk-or-v1-ab-kxqzvbnwrtplmnsdfgh", False),
        ("sk-kxqzvbnwrtplmn123", False),
        ("sk-kxqzvbnwrtplmnsd123", False),  # 19
        ("sk-kxqzvbnwrtplmnsdf123", True),
        ("sk-abc123-def456-ghi789x", True),
        ("hf_abc123-def456-ghi789x", False),
        ("hf_kxqzvbnwr123-defgh", True),  # a part of 12
        ("hf_kxqzvbnw123-defghi", False),
        ("Bearer kxqzvbnwrtpl123", False),  # 15
        ("Bearer kxqzvbnwrtplm123", True),
        ("Bearer kxqzvbnwrtplmn12", False),  # two digits
        ("Bearer kxqzvbnwrtplmnsdfghj", False),  # one case and no digit
        ("Bearer Kxqzvbnwrtplmnsdfghj", True),
        ("Bearer Kxqzvbnwrtplmnsdfgh", False),
        ("Bearer Kxqzvbnwrt.plmnsdfghjk", False),
        ("Basic kxqzvbnwrtplm123", True),
        ("https://kxqzvbnwrtplm123@host/x", True),
        ("https://kxqzvbnwrtpl123@host/x", False),
        ("postgres://u:tree@host/x", True),
        ("postgres://u:%(pw)s@host/x", False),
        ("postgres://u:$1@host/x", False),
        ("postgres://u:{pw@host/x", False),
        ("postgres://u:a{b}@host/x", False),
        ("postgres://u:changeme@host/x", False),
    ],
)
def test_where_a_shape_begins(text: str, shaped: bool) -> None:
    assert is_secret_shaped(text) is shaped


@pytest.mark.parametrize(
    "head",
    [
        "pk-lf-", "sk-lf-", "sk-None-", "sk-admin-", "sk-or-mgmt-", "sk-ant-sid01-", "vck_", "tvly-", "fc-", "ghp_", "gho_", "ghs_", "ghu_",
        "ghr_", "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "hf_", "gsk_", "xai-", "pplx-", "r8_",
        "npm_", "pypi-", "sk_live_", "sk_test_", "rk_live_", "pk_test_", "whsec_", "AIza", "dckr_pat_",
    ],
)  # fmt: skip
def test_the_head_says_whose_key_it_is(head: str) -> None:
    assert mask(f"x {head}{MIXED[:36]} y") == f"x {head}{HIDDEN} y"


def test_what_stands_before_a_masked_part_stays() -> None:
    assert mask("https://kxqzvbnwrtplm123@host/x") == f"https://{HIDDEN}@host/x"
    assert mask("Basic kxqzvbnwrtplm123") == f"Basic {HIDDEN}"
    assert mask("AKIA" + "ABCD2345EFGH6723") == f"AKIA{HIDDEN}"
    assert mask('"Authorization": "Basic q7Zt9mKp2Xw4"') == f'"Authorization": "Basic {HIDDEN}"'
    assert mask("Authorization: Basic q7Zt9mKp2Xw4", literal=True) == f"Authorization: Basic {HIDDEN}"
    assert mask('api_key = "sk-or-v1-treehouse9"') == f'api_key = "sk-or-v1-{HIDDEN}"'
    assert mask('a = 1; password = "tree9!house"; b = 2') == f'a = 1; password = "{HIDDEN}"; b = 2'


def test_a_known_value_needs_six_characters() -> None:
    assert mask("x a1b2c y", ["a1b2c"]) == "x a1b2c y"
    assert mask("x a1b2c3 y", ["a1b2c3"]) == f"x {HIDDEN} y"
    assert mask("x a1b2c3 y", [" a1b2c3\n"]) == f"x {HIDDEN} y"


def test_a_line_of_a_known_value_goes_by_itself_where_it_is_long_enough() -> None:
    known = "tree house\n  seven9 \neight9xy"
    assert mask("x tree house y", [known]) == f"x {HIDDEN} y"
    assert mask("x eight9xy y", [known]) == f"x {HIDDEN} y"
    assert mask("x seven9 y", [known]) == "x seven9 y"


def test_a_short_value_is_found_in_base64_where_eight_characters_are_its_own() -> None:
    assert mask(base64.b64encode(b"hunt3r").decode(), ["hunt3r"]) == HIDDEN
    whole = base64.b64encode(b"\0hunt3r").decode()
    assert mask(whole, ["hunt3r"]) == whole
    key = "sk-or-v1-" + HEX
    shown = mask(base64.b64encode(key.encode()).decode(), [key])
    assert HIDDEN in shown
    assert "sk-or" not in shown


@pytest.mark.parametrize(
    ("value", "of_its_own"),
    [
        ("a1b2c", False), ("a1b2c3", True), ("treehouse", False), ("tree-house", True), ("kxqzvbnwrtplmns", False), ("kxqzvbnwrtplmnsd", True),
        ("changeme-1", False), (f"x{HIDDEN}", False), (f"x9{HIDDEN[:-1]}", False),
    ],
)  # fmt: skip
def test_values_that_can_be_masked_wherever_they_stand(value: str, of_its_own: bool) -> None:
    assert memorable(value) is of_its_own


def test_a_comment_beside_secrets() -> None:
    drawn = "q7Zt9mKp2Xw4Lr8Bn5Vd3Jh6"
    assert mask_comment(f"# was {drawn}") == f"# was {HIDDEN}"
    assert mask_comment(f"{drawn} was it") == f"{HIDDEN} was it"
    assert mask_comment("# the key of the house") == "# the key of the house"


def test_a_value_is_told_once_and_whole() -> None:
    assert list(values_by_name('PASSWORD="a token: Ab3!Cd9?x of it"\n', literal=True)) == ["a token: Ab3!Cd9?x of it"]
    assert list(values_by_name("password = treehouse\n", literal=False)) == []
    assert list(values_by_name("password = treehouse\n", literal=True)) == ["treehouse"]
