"""What looks like a secret, what only stands in for one, and how either is shown.

Two mistakes are possible and they are not equally bad: a dummy that is masked costs a little readability, a key that is shown
has to be revoked. So whatever has the shape and length of a key counts as one unless it is plainly a placeholder, and a
"plain" placeholder is made of words, blanks or template marks.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from urllib.parse import quote, quote_plus

from migrator.patterns import regex
from migrator.text.assignments import Judge, named_secrets, standing_out
from migrator.text.shapes import has_head, is_drawn, mask_shapes, written_share

HIDDEN = "…[masked]"
"""What stands in the place of a secret, after the part that names its kind."""

_STRONG = (
    r"sk-or-(?:v\d+-)?(?:prov-|mgmt-)?",
    r"sk-ant-(?:(?:api|admin|oat|ort|sid)\d*-)?",
    r"sk-(?:proj|svcacct|admin|None|lf)-",
    r"mg_(?:live|test)_",
)
"""Heads that only keys have; what follows need not look drawn."""

_HEADS = (
    r"pk-lf-",
    r"vck_",
    r"tvly-",
    r"fc-",
    r"gh[opsur]_",
    r"github_pat_",
    r"glpat-",
    r"xox[abeoprs]-",
    r"hf_",
    r"gsk_",
    r"xai-",
    r"pplx-",
    r"r8_",
    r"npm_",
    r"pypi-",
    r"(?:sk|rk|pk)_(?:live|test)_",
    r"whsec_",
    r"AIza",
    r"dckr_pat_",
)
"""Heads of other vendors' keys that an identifier may have as well (`hf_model_v2`): what follows must look drawn."""

_PREFIX = regex("|".join((*_STRONG, *_HEADS, "sk-")))
_STRONG_HEAD = regex("|".join(_STRONG))
_TOKEN = regex(rf"(?<![A-Za-z0-9])({_PREFIX.pattern})([A-Za-z0-9_-]+)")
_AWS = regex(r"(?<![A-Za-z0-9])((?:AKIA|ASIA|AROA|AIDA)[A-Z2-7]{0,4})[A-Z0-9]{12,}(?![A-Za-z0-9])")
_AWS_SECRET = regex(
    r"""((?i:aws_?secret_?(?:access_?)?key)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?)([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"""
)
_JWT = regex(r"(?<![A-Za-z0-9])(eyJ)[A-Za-z0-9_-]{14,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")
_BEARER = regex(r"((?i:bearer)[ \t]+|(?i:basic)[ \t]+)([A-Za-z0-9._~+/-]{8,}={0,2})")
_USERINFO = regex(r"(://)([^\s/?#:@\"'`<>\\]{0,256}):([^\s/?#@\"'`<>\\]{1,512})@(?=[^\s@]|$)")
_USER_ONLY = regex(r"(://)([^\s/?#:@\"'`<>\\]{8,512})@(?=[^\s@]|$)")
_PEM = regex(r"(-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----).*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|\Z)", re.DOTALL)

_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        your my yours change changeme replace replaceme example sample test testing tests dummy placeholder todo fixme fake insert
        put enter add paste none null nil xxx xx key keys apikey token secret password pass redacted masked hidden here mock stub
        foo bar baz undefined unset fill set some any something whatever value invalid wrong bad demo removed stripped
        """,
    )
)
"""Words that say "this is not the thing itself"."""

_BLANK = regex(r"[xX*.\-_…•#?0 ]*")
_CROSSED_OUT = regex(r"[A-Za-z0-9]{0,4}[xX*•]{6,}[A-Za-z0-9]{0,4}")
"""A sample that shows no more than the ends of a key: `xxxxxxxx00a`."""
_TEMPLATE = regex(
    r"<[^<>]*>|\[[^\[\]]*\]|\{\{.*\}\}|\{[^{}]*\}|\$\{.*\}|\$\(.*\)|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|__[A-Z0-9_]+__|@[A-Z0-9_]+@",
    re.DOTALL,
)
_SPELLED_OUT = regex(r"(?i:your|my|replace|change|insert|enter|put|add|paste|todo|example|dummy|placeholder|fake)[a-z]{0,40}")
_KEY_RUN = regex(r"[A-Za-z0-9_-]{16,}")
_SEPARATORS = regex(r"[^A-Za-z0-9]+")
_RUNS = regex(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]|\d+")


def is_placeholder(value: str) -> bool:
    """Whether a value only stands in for a secret: nothing, `...`, `<key>`, `${KEY}`, `your-key-here`, `sk-or-v1-xxxx`, `changeme`.

    False for whatever might be real, and for whatever `is_secret_shaped`, so that the two can be relied on together. A key of
    full length made of zeros counts as real, because nobody types that by hand except to look like a key.
    """
    return _reads_so(value) and not is_secret_shaped(value)


def _reads_so(value: str) -> bool:
    value = _bare(value)
    return _plain(value) or (len(value) < 8 and not re.fullmatch(r"[0-9a-fA-F]+", value))


def _bare(value: str) -> str:
    value = value.strip().strip("\"'`").strip()
    return value[7:].strip() if value[:7].lower() == "bearer " else value


def _plain(value: str) -> bool:
    """`is_placeholder` without the rule that nothing so short can be a key: it may still be a password."""
    head = _PREFIX.match(value)
    rest = value[head.end() :] if head else value
    return _stands_in(value) or (head is not None and (len(rest) < 8 or _stands_in(rest)))


def _stands_in(value: str) -> bool:
    if (len(value) < 32 or "0" not in value) and _BLANK.fullmatch(value):
        return True
    if _CROSSED_OUT.fullmatch(value):
        return True
    if _TEMPLATE.fullmatch(value) or value.endswith(("...", "…", "***")):
        # `sk-or-v1-4f…` shows too little to be a key; `${KEY:-…}` with a whole key as its default shows all of it
        return not any(_random(run) for run in _KEY_RUN.findall(value))
    if HIDDEN in value:
        return True
    if _SPELLED_OUT.fullmatch(value):
        return True
    blocks = [block for block in _SEPARATORS.split(value) if block]
    if any(map(is_drawn, blocks)):
        return False  # what was drawn may hold any word
    listed = False
    for block in blocks:
        runs = _RUNS.findall(block)
        letters = [run for run in runs if run.isalpha()]
        digits = [run for run in runs if run.isdigit()]
        if len(digits) > 1 or any(len(run) > 4 and run not in "01234567890123456789" for run in digits):
            return False
        jumble = letters and (max(map(len, letters)) > 16 or sum(map(len, letters)) / len(letters) < 2.5)
        if jumble and len(block) > 2 and block.lower() not in _WORDS and not _BLANK.fullmatch(block):
            return False
        listed = listed or block.lower() in _WORDS or any(run.lower() in _WORDS for run in letters)
    return listed


def _random(body: str) -> bool:
    """Whether a run of key characters looks drawn rather than written."""
    if len(body) < 16:
        return False
    longest = max(map(len, re.split(r"[-_.]", body)))
    return sum(map(str.isdigit, body)) >= 3 or longest >= 20


def _secret_token(prefix: str, body: str) -> bool:
    if _stands_in(body) or len(body) < 8:
        return False
    if _STRONG_HEAD.fullmatch(prefix):
        return any(map(str.isdigit, body)) or _random(body) or (len(body) >= 16 and not _SEPARATORS.search(body))
    return (
        _random(body) and (prefix != "sk-" or len(body) >= 20) and (prefix == "sk-" or max(map(len, re.split(r"[-_]", body))) >= 12)
    )


def _credential(token: str) -> bool:
    """For what follows `Bearer` or stands before `@`: any vendor's shape, or drawn characters."""
    return not _reads_so(token) and _random(token) and (any(map(str.isdigit, token)) or not token.islower())


def _password(text: str) -> bool:
    """For what stands between `:` and `@` of a URL: everything but a template or a word that says it is none."""
    return not (_stands_in(text) or _TEMPLATE.search(text) or text.startswith(("{", "$", "%(")))


def _swap_token(match: re.Match[str]) -> str:
    return match[1] + HIDDEN if _secret_token(match[1], match[2]) else match[0]


def _swap_credential(match: re.Match[str]) -> str:
    if not _credential(match[2]):
        return match[0]
    head = _PREFIX.match(match[2])
    return match[1] + (head[0] if head else "") + HIDDEN


def _swap_userinfo(match: re.Match[str]) -> str:
    return f"{match[1]}{HIDDEN}@" if _password(match[3]) else match[0]


def _swap_user(match: re.Match[str]) -> str:
    return f"{match[1]}{HIDDEN}@" if _credential(match[2]) else match[0]


def _mask_shapes(text: str) -> str:
    text = _PEM.sub(rf"\1{HIDDEN}", text)
    text = _USERINFO.sub(_swap_userinfo, text)
    text = _USER_ONLY.sub(_swap_user, text)
    text = _TOKEN.sub(_swap_token, text)
    text = _BEARER.sub(_swap_credential, text)
    text = _JWT.sub(rf"\1{HIDDEN}", text)
    text = _AWS_SECRET.sub(rf"\1{HIDDEN}", text)
    text = _AWS.sub(lambda match: match[0][:4] + HIDDEN, text)
    return mask_shapes(text, HIDDEN)


def is_secret_shaped(text: str) -> bool:
    """Whether any part of the text has the shape of a key, a token, a password in a URL or a private key."""
    return _mask_shapes(text) != text


def _forms(value: str) -> set[str]:
    """The value as it may turn up elsewhere: as it is, in a URL, in a string literal, or inside base64."""
    data = value.encode("utf-8", "surrogateescape")
    forms = {value, quote(data, safe=""), quote(data), quote_plus(data)}
    forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    forms.update(line for line in value.splitlines() if len(line.strip()) >= 8)
    for shift in range(3):
        # base64 of a text that holds the value, at each of the three ways it can be cut into groups of three bytes
        whole = base64.b64encode(b"\0" * shift + data)
        core = whole[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6].decode()
        if len(core) >= 8:
            forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms


@lru_cache(256)
def _shown_forms(known: frozenset[str]) -> dict[str, str]:
    """Every form of some known values, with what is shown in its place."""
    forms: dict[str, str] = {}
    for value in sorted(known):
        value = value.strip()
        if len(value) >= 6 and not _plain(_bare(value)):
            head = _PREFIX.match(value)
            shown = (head[0] if head else "") + HIDDEN
            for form in _forms(value):
                forms[form] = shown if head and form.startswith(head[0]) else HIDDEN
    return forms


def mask(text: str, known: Iterable[str] = (), *, literal: bool = False, paths: Set[str] = frozenset()) -> str:
    """The text with every secret replaced by `…[masked]`, the part that names its kind kept: `sk-or-v1-…[masked]`.

    `literal`: the text is configuration, where what stands behind a name without quotes is a value and no expression.

    `known` are values seen in this run; they go whatever their shape, also URL-encoded, escaped or in base64. Placeholders
    and values under six characters stay, or the text could no longer be read. Masking twice changes nothing more.

    `paths` are those of files that may be named: `the key comes from src/Login2Fa.ts:12` gives a place and no key.
    """
    forms = _shown_forms(frozenset(known))
    present = [form for form in forms if form in text]
    if present:
        pattern = re.compile("|".join(re.escape(form) for form in sorted(present, key=lambda form: (-len(form), form))))
        text = pattern.sub(lambda match: forms[match[0]], text)
    # by the name first: what a name says is secret goes whole, while a shape may cover only a part of it
    return _mask_shapes(_mask_named(text, literal=literal, paths=paths))


def _mask_named(text: str, *, literal: bool, paths: Set[str]) -> str:
    """The text without the values that their names say are secret, but for paths."""
    places = list(_places(text, paths)) if paths else []
    secrets = named_secrets(text, _JUDGE, literal=literal)
    return _without(text, [span for span in secrets if not any(start <= span[0] and span[1] <= end for start, end in places)])


_PLACE = regex(r"[^\s,;()\[\]\"'`]+")
_LINES = regex(r"(?::\d+(?:-\d+)?)*[.:]?$")


def _places(text: str, paths: Set[str]) -> Iterator[tuple[int, int]]:
    """Where a text names one of some files, also with the folder that the tool was given in front and a line behind it."""
    for word in _PLACE.finditer(text):
        named = _LINES.sub("", word[0])
        steps = [at + 1 for at, letter in enumerate(named) if letter == "/"]
        if named in paths or any(named[at:] in paths for at in steps):
            yield word.span()


def _without(text: str, secrets: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in sorted(secrets):
        if start >= at:
            head = _PREFIX.match(text, start, end)
            pieces += (text[at:start], head[0] if head else "", HIDDEN)
            at = end
    return "".join((*pieces, text[at:])) if pieces else text


def mask_comment(text: str) -> str:
    """A comment in a file that holds secrets, without what looks like an old one."""
    return _without(text, standing_out(text, _JUDGE, 0, len(text)))


def _is_stand_in(value: str) -> bool:
    return HIDDEN.rstrip("]") in value or _plain(_bare(value))


def _has_head(value: str) -> bool:
    head = _PREFIX.match(value)
    return has_head(value) or (head is not None and len(value) - head.end() >= 12 and written_share(value[head.end() :]) < 0.75)


_JUDGE = Judge(_is_stand_in, _has_head)


def values_by_name(text: str, *, literal: bool) -> Iterator[str]:
    """Values in a text that their names say are secret; `literal` for configuration, where what has no quotes is a value too."""
    for start, end in named_secrets(text, _JUDGE, literal=literal):
        yield text[start:end]


def memorable(value: str) -> bool:
    """Whether a value is so much of its own that it can be masked wherever it stands, and not a word that texts have anyway."""
    return len(value) >= 6 and (any(map(str.isdigit, value)) or not value.isalnum() or len(value) >= 16) and not _is_stand_in(value)


_CONFIGURATION = regex(
    r"\.(ya?ml|toml|ini|cfg|conf|properties|json5?|jsonc|tfvars|envrc|plist|xml|config)$|(^|/)Dockerfile[^/]*$|(^|/)[^/]*compose[^/]*$",
    re.IGNORECASE,
)


def is_configuration(path: str) -> bool:
    """Whether text without quotes is a value in a file of this name."""
    return _CONFIGURATION.search(path) is not None or holds_env_values(path)


_ENV_FILE = regex(r"(?:\.env(?:rc|[._-].*)?|\.dev\.vars(?:\..*)?|.+\.env|\.[^/]+\.env)", re.IGNORECASE)
_EXAMPLE = regex(r"(?i:example|sample|template|dist|defaults?)")


def holds_env_values(path: str) -> bool:
    """Whether a file of this name is of the `.env` family, where every value may be a secret."""
    return _ENV_FILE.fullmatch(path.rsplit("/", 1)[-1]) is not None


def is_env_example(path: str) -> bool:
    """Whether a file of the `.env` family is one that is meant to be shared: `.env.example`, `sample.env`."""
    return holds_env_values(path) and _EXAMPLE.search(path.rsplit("/", 1)[-1]) is not None
