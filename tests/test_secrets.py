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

from migrator.text.secrets import HIDDEN, holds_env_values, is_env_example, is_placeholder, is_secret_shaped, mask

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
