"""Secrets to plant: how keys of many vendors look, and the places of a repository in which people leave them.

Nothing here is a key: each value is drawn from a seed when a test runs.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable

Draw = Callable[[random.Random], str]

_HEX, _ALNUM, _LOWER = "0123456789abcdef", string.ascii_letters + string.digits, string.ascii_lowercase + string.digits


def _of(alphabet: str, length: int, head: str = "", tail: str = "") -> Draw:
    return lambda chance: head + "".join(chance.choice(alphabet) for _ in range(length)) + tail


def _joined(*parts: Draw, by: str = "") -> Draw:
    return lambda chance: by.join(part(chance) for part in parts)


def _password(chance: random.Random) -> str:
    return "Tr" + _of(_ALNUM, 8)(chance) + chance.choice("!-+") + _of(string.digits, 2)(chance) + "z"


def _base64(length: int) -> Draw:
    return lambda chance: base64.b64encode(bytes(chance.randrange(256) for _ in range(length))).decode()


SHAPES: dict[str, Draw] = {
    "openrouter": _of(_HEX, 64, "sk-or-v1-"),
    "openai": _of(_ALNUM, 48, "sk-"),
    "openai project": _of(_ALNUM + "_-", 100, "sk-proj-"),
    "anthropic": _of(_ALNUM + "_-", 90, "sk-ant-api03-", "AA"),
    "synapse garden": _of(_ALNUM, 32, "mg_live_"),
    "sendgrid": _joined(_of(_ALNUM, 22, "SG."), _of(_ALNUM, 43), by="."),
    "fireworks": _of(_ALNUM, 24, "fw_"),
    "cerebras": _of(_LOWER, 48, "csk-"),
    "databricks": _of(_HEX, 32, "dapi"),
    "telegram": _joined(_of(string.digits, 10), _of(_ALNUM + "_-", 33, "AA"), by=":"),
    "langsmith": _joined(_of(_HEX, 32, "lsv2_pt_"), _of(_HEX, 10), by="_"),
    "elevenlabs": _of(_HEX, 48, "sk_"),
    "digitalocean": _of(_HEX, 64, "dop_v1_"),
    "nvidia": _of(_ALNUM + "_-", 64, "nvapi-"),
    "aws id": _of(string.ascii_uppercase + "234567", 16, "AKIA"),
    "aws secret": _of(_ALNUM + "/+", 40),
    "azure openai": _of(_HEX, 32),
    "azure storage": _base64(64),
    "twilio": _of(_HEX, 32, "SK"),
    "twilio token": _of(_HEX, 32),
    "discord": _joined(_of(_ALNUM, 25, "M"), _of(_ALNUM, 6), _of(_ALNUM + "_-", 38), by="."),
    "together": _of(_ALNUM + "_-", 43, "tgp_v1_"),
    "together old": _of(_HEX, 64),
    "mistral": _of(_ALNUM, 32),
    "cohere": _of(_ALNUM, 40),
    "groq": _of(_ALNUM, 52, "gsk_"),
    "hugging face": _of(string.ascii_letters, 34, "hf_"),
    "replicate": _of(_ALNUM, 37, "r8_"),
    "perplexity": _of(_ALNUM, 48, "pplx-"),
    "xai": _of(_ALNUM, 80, "xai-"),
    "google": _of(_ALNUM + "_-", 35, "AIza"),
    "github": _of(_ALNUM, 36, "ghp_"),
    "gitlab": _of(_ALNUM + "_-", 20, "glpat-"),
    "slack": _joined(_of(string.digits, 12, "xoxb-"), _of(string.digits, 12), _of(_ALNUM, 24), by="-"),
    "stripe": _of(_ALNUM, 24, "sk_live_"),
    "npm": _of(_ALNUM, 36, "npm_"),
    "pinecone": _of(_ALNUM + "_", 60, "pcsk_"),
    "tavily": _of(_ALNUM, 32, "tvly-"),
    "token for the web": _joined(_of(_ALNUM, 30, "eyJ"), _of(_ALNUM, 60, "eyJ"), _of(_ALNUM + "_-", 43), by="."),
    "uuid": _joined(*(_of(_HEX, length) for length in (8, 4, 4, 4, 12)), by="-"),
    "password": _password,
    "shopify": _of(_HEX, 32, "shpat_"),
}
"""42 shapes."""

CALL = 'OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])'

PLACES: dict[str, str] = {
    "a.env": "OPENROUTER_API_KEY=\nOPENROUTER_BASE_URL=https://openrouter.ai/api/v1 # @@\n",
    "quoted.env": 'export OPENROUTER_API_KEY=""\nSOME_TOKEN="@@"\nOPENROUTER_BASE_URL="https://openrouter.ai/api/v1"\n',
    "compose.yaml": "services:\n  a:\n    build: .\n    environment:\n      DB_PASSWORD: @@\n      OPENROUTER_API_KEY: ${OPENROUTER_API_KEY}\n",
    "list/compose.yaml": "services:\n  a:\n    build: .\n    environment:\n      - OPENROUTER_API_KEY=${OPENROUTER_API_KEY}\n      - COHERE_API_KEY=@@\n",
    "comment/compose.yaml": "services:\n  a:\n    build: .\n    environment:\n      OPENROUTER_API_KEY: ${OPENROUTER_API_KEY} # was @@\n",
    "pairs.yaml": "env:\n  - name: OTHER_SECRET\n    value: '@@'\n  - name: OPENROUTER_API_KEY\n    value: ''\n",
    "settings.json": '{"openrouter": {"base_url": "https://openrouter.ai/api/v1", "api_key": "@@"}}\n',
    "nested.json": '{\n  "url": "https://openrouter.ai/api/v1",\n  "headers": {\n    "Authorization": "Bearer @@"\n  }\n}\n',
    "settings.toml": '[openrouter]\nbase_url = "https://openrouter.ai/api/v1"\nsecret_key = "@@"\n',
    "settings.ini": "[openrouter]\nbase_url = https://openrouter.ai/api/v1\nclient_secret = @@\n",
    "typed.py": f'import os\nfrom openai import OpenAI\nPASSWORD: str = "@@"\n{CALL}\n',
    "argument.py": 'from openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key="@@")\n',
    "default.py": (
        'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", '
        'api_key=os.getenv("OPENROUTER_API_KEY", "@@"))\n'
    ),
    "beside.py": f"import os\nfrom openai import OpenAI\n{CALL}  # old token @@\n",
    "mapping.py": f'import os\nfrom openai import OpenAI\nC = {{"cohere_api_key": "@@"}}\n{CALL}\n',
    "header.py": (
        'import os, requests\nrequests.post("https://openrouter.ai/api/v1/chat/completions", '
        'headers={"Authorization": f"Bearer {os.environ[\'OPENROUTER_API_KEY\']}", "X-Api-Key": "@@"}, json={})\n'
    ),
    "url.py": f'import os\nfrom openai import OpenAI\nDSN = "postgres://app:@@@db.example.com/app"\n{CALL}\n',
    "query.py": f'import os\nfrom openai import OpenAI\nHOOK = "https://example.com/hook?api_key=@@&x=1"\n{CALL}\n',
    "object.ts": (
        'import OpenAI from "openai";\nconst other = { apiKey: "@@" };\n'
        'new OpenAI({ baseURL: "https://openrouter.ai/api/v1", apiKey: process.env.OPENROUTER_API_KEY });\n'
    ),
    "fallback.ts": (
        'import OpenAI from "openai";\n'
        'new OpenAI({ baseURL: "https://openrouter.ai/api/v1", apiKey: process.env.OPENROUTER_API_KEY || "@@" });\n'
    ),
    "export.sh": 'export ADMIN_PASSWORD=@@\nexport OPENROUTER_API_KEY="$OPENROUTER_API_KEY"\ncurl https://openrouter.ai/api/v1/models\n',
    "flag.sh": 'tool --token @@ --url https://openrouter.ai/api/v1 --key "$OPENROUTER_API_KEY"\n',
    "curl.sh": 'curl https://openrouter.ai/api/v1/models -H "Authorization: Bearer @@"\n',
    "Dockerfile": "FROM python\nENV REGISTRY_TOKEN=@@\nENV OPENROUTER_API_KEY=\n",
    "main.tf": 'variable "x" {}\nlocals {\n  openrouter_url = "https://openrouter.ai/api/v1"\n  db_password = "@@"\n}\n',
    "call.http": "POST https://openrouter.ai/api/v1/chat/completions\nAuthorization: Bearer @@\n\n{}\n",
}
"""26 places; `@@` is where the secret stands, and some line beside it changes or is reported."""
