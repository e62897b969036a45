"""The kinds of findings: their ids, and the table of their texts (`rules.toml`)."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from migrator.records import dataclass


class RuleId(StrEnum):
    """Every rule, in the order of `rules.toml`. A rule is added here and there; `tests/test_rules.py` compares the two."""

    BASE_URL = "base-url"
    BASE_URL_HELD = "base-url-held"
    ENV_RENAME = "env-rename"
    ENV_FILE = "env-file"
    ENV_MESSAGE = "env-message"
    ENV_HELD = "env-held"
    ENV_KEEP = "env-keep"
    SETTINGS_FIELD = "settings-field"
    DEPENDENCY = "dependency"
    HOLDS_BACK = "holds-back"
    ENDPOINT_REPORT = "endpoint-report"
    OWN_ENDPOINT = "own-endpoint"
    OTHER_HOST = "other-host"
    TEST_STUB = "test-stub"
    HIDDEN_CLIENT = "hidden-client"
    UNLISTED_CLIENT = "unlisted-client"
    SDK = "sdk"
    SEVERAL_PROVIDERS = "several-providers"
    OPENROUTER_PRODUCT = "openrouter-product"
    MODEL_VARIANT = "model-variant"
    MODEL_ROUTER = "model-router"
    MODEL_PREFIX = "model-prefix"
    MODEL_CATALOGUE = "model-catalogue"
    MODEL_MISSING = "model-missing"
    ROUTING = "routing"
    RESPONSE_FIELD = "response-field"
    STREAMED_USAGE = "streamed-usage"
    REQUEST_HEADER = "request-header"
    KEY_CHECK = "key-check"
    URL_CHECK = "url-check"
    ALLOW_LIST = "allow-list"
    HARD_CODED_KEY = "hard-coded-key"
    SETUP_TEXT = "setup-text"
    LEFT_ALONE = "left-alone"
    NOT_EDITED = "not-edited"
    NOT_READ = "not-read"
    UNUSED_IGNORE = "unused-ignore"
    DOCS_SETUP = "docs-setup"
    SECRET_SCANNER = "secret-scanner"
    EXPLICIT_CLIENT = "explicit-client"
    EXCHANGED_CLASS = "exchanged-class"
    RESPONSES_DEFAULT = "responses-default"
    OWN_ADDRESS = "own-address"
    ADDRESS_OUTSIDE = "address-outside"
    ENV_KEPT = "env-kept"


HELD_RULES = (RuleId.HOLDS_BACK, RuleId.BASE_URL_HELD, RuleId.ENV_HELD)
"""Rules that speak of places which wait for one cause."""


class Place(StrEnum):
    """Where a flag of a rule is left out because another one was told before."""

    FILE = "file"
    """A flag for the whole file."""
    LINE = "line"
    """Any flag on its line."""
    SPAN = "span"
    """One of its own rule in whose span it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding. `migrate-openrouter explain ID` prints it; a finding's `rule` is its id."""

    id: RuleId
    """Lower case words with dashes: `env-rename`, `hidden-client`."""
    file: str
    """The module of the package that makes its findings."""
    title: str
    about: str
    """What it looks for, what it does and why; plain text, paragraphs separated by blank lines."""
    source: str = ""
    """The upstream page or package that justifies it."""

    rank: int = 3
    """Findings of a lower rank are told first."""
    place: Place | None = None
    """Where a finding told before makes a flag of this rule unnecessary; None: only where it says the same of the same line."""
    alone: bool = False
    """Nothing of a higher rank is told of a file that has such a finding."""


RULES: tuple[Rule, ...]


@cache
def by_id() -> dict[str, Rule]:
    """Every rule by its id, in the order of `rules.toml`."""
    from migrator.catalog import table

    rules = [
        Rule(**{**row, "id": RuleId(row["id"]), "place": Place(row["place"]) if "place" in row else None})
        for row in table("rules")["rule"]
    ]
    return {rule.id: rule for rule in rules}


def __getattr__(name: str) -> tuple[Rule, ...]:
    """`RULES`, read when first asked for: a run that explains nothing does not pay for it."""
    if name != "RULES":
        raise AttributeError(name)
    return tuple(by_id().values())
