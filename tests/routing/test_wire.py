"""What really arrives: the emitted form is sent by real clients to a server on loopback, and the body is looked at.

The clients for JavaScript are installed once into the user's cache from `node/package-lock.json`; where Node or a registry is out of
reach these tests are skipped and say so.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from migrator.catalog.targets import load
from tests.routing.trees import edited

HERE = Path(__file__).parent / "node"
TARGET = load("synapse")
ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


class Loopback:
    """A server that keeps the bodies it was sent."""

    def __init__(self) -> None:
        bodies: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                answer = json.dumps(ANSWER).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.bodies = bodies
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def body(self) -> dict[str, Any]:
        """The only body that arrived."""
        (body,) = self.bodies
        return body


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    found = Loopback()
    yield found
    found.server.shutdown()
    found.server.server_close()
    found.thread.join()


GATEWAY = {"providerOptions": {"gateway": {"order": ["groq"], "only": ["groq"]}}}
POLICY = '{"order": ["groq"], "allow_fallbacks": False}'


def rewritten(code: str, path: str = "app.py", name: str | None = None) -> str:
    """The code after the migration of its routing."""
    after = edited({path: code}, TARGET, name=name)[path]
    assert after != code
    return after


# -- Python ----------------------------------------------------------------------------------------------------------------------------------

HEAD = "# OpenRouter\n"


def test_openai_for_python(loopback: Loopback) -> None:
    openai = pytest.importorskip("openai", reason="the openai package is not installed")
    code = rewritten(
        HEAD + f'client.chat.completions.create(model="lab/one", messages=[], extra_body={{"provider": {POLICY}, "custom": 1}})\n'
    )
    with openai.OpenAI(base_url=loopback.base, api_key="none", max_retries=0) as client:
        exec(compile(code, "app.py", "exec"), {"client": client})
    assert loopback.body() == {"model": "lab/one", "messages": [], "custom": 1, **GATEWAY}


def test_openai_for_python_refuses_a_keyword_of_its_own(loopback: Loopback) -> None:
    """Why the object goes into `extra_body`: as a keyword it never gets as far as a request."""
    openai = pytest.importorskip("openai", reason="the openai package is not installed")
    with openai.OpenAI(base_url=loopback.base, api_key="none", max_retries=0) as client, pytest.raises(TypeError):
        client.chat.completions.create(model="lab/one", messages=[], **GATEWAY)
    assert loopback.bodies == []


def test_httpx(loopback: Loopback) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    code = rewritten(
        HEAD + f'httpx.post(URL, json={{"model": "lab/one", "messages": [], "provider": {POLICY}, "usage": {{"include": True}}}})\n'
    )
    exec(compile(code, "app.py", "exec"), {"httpx": httpx, "URL": f"{loopback.base}/chat/completions"})
    assert loopback.body() == {"model": "lab/one", "messages": [], **GATEWAY}


def test_a_payload_that_grows(loopback: Loopback) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    code = rewritten(
        HEAD
        + 'import json\npayload = {"model": "lab/one", "messages": []}\n'
        + f'payload["provider"] = {POLICY}\nhttpx.post(URL, content=json.dumps(payload))\n'
    )
    exec(compile(code, "app.py", "exec"), {"httpx": httpx, "URL": f"{loopback.base}/chat/completions"})
    assert loopback.body() == {"model": "lab/one", "messages": [], **GATEWAY}


# -- JavaScript ------------------------------------------------------------------------------------------------------------------------------


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    return Path(base) / "migrate-openrouter-tests" / digest


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of the lock file; made once, then reused."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed: the clients for JavaScript are not tried")
    ready = cache()
    if not (ready / "node_modules").is_dir():
        folder = tmp_path_factory.mktemp("npm")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        try:
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.skip("npm ci took too long: the clients for JavaScript are not tried")
        if done.returncode != 0:
            pytest.skip("npm ci failed (no registry?): the clients for JavaScript are not tried")
        ready.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.move(str(folder), ready)
        except OSError:
            if not (ready / "node_modules").is_dir():
                raise
    return ready


def send(packages: Path, tmp_path: Path, client: str, base: str, code: str) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps({"client": client, "base": base, "code": code}))
    done = subprocess.run(
        ["node", str(HERE / "send.mjs"), str(case)], cwd=packages, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


TS_POLICY = "{ order: ['groq'], allow_fallbacks: false }"


def test_openai_for_javascript(loopback: Loopback, packages: Path, tmp_path: Path) -> None:
    code = rewritten(
        f"// OpenRouter\nawait client.chat.completions.create({{ model: 'lab/one', messages: [], provider: {TS_POLICY} }});\n",
        "app.ts",
    )
    send(packages, tmp_path, "openai", loopback.base, code)
    assert loopback.body() == {"model": "lab/one", "messages": [], **GATEWAY}


def test_openai_for_javascript_compiles_under_strict(packages: Path, tmp_path: Path) -> None:
    code = rewritten(
        "// OpenRouter\nimport OpenAI from 'openai';\nconst client = new OpenAI();\n"
        "const reply = await client.chat.completions.create({\n  model: 'lab/one',\n  messages: [],\n"
        f"  // @ts-expect-error not a field of the package\n  provider: {TS_POLICY},\n}});\n"
        "export const text = reply.choices[0]?.message.content;\n",
        "app.ts",
    )
    source = packages / f"strict-{os.getpid()}.ts"
    source.write_text(code)
    try:
        done = subprocess.run(
            [
                "node", str(packages / "node_modules" / "typescript" / "bin" / "tsc"), "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022",
                "--module", "nodenext", str(source),
            ],
            cwd=packages, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    finally:
        source.unlink()
    assert done.stdout == ""
    assert done.returncode == 0


def test_openai_compatible_of_the_ai_sdk(loopback: Loopback, packages: Path, tmp_path: Path) -> None:
    """Call-level options move from the OpenRouter provider to the OpenAI-compatible one, in the nested form."""
    code = rewritten(
        "const provider = createOpenAICompatible({ name: 'synapse', baseURL: base, apiKey: 'none' });\n"
        f"await generateText({{ model: provider('lab/one'), prompt: 'x', maxRetries: 0, providerOptions: {{ openrouter: {{ provider: {TS_POLICY} }} }} }});\n",
        "app.ts",
        name="synapse",
    )
    assert "providerOptions: { synapse: { providerOptions: { gateway:" in code
    send(packages, tmp_path, "openai-compatible", loopback.base, code)
    assert loopback.body()["providerOptions"] == GATEWAY["providerOptions"]


def test_call_level_gateway_options_are_dropped_by_the_ai_sdk(loopback: Loopback, packages: Path, tmp_path: Path) -> None:
    """Why such a block is reported as not reaching the wire."""
    code = (
        "const provider = createOpenAICompatible({ name: 'synapse', baseURL: base, apiKey: 'none' });\n"
        "await generateText({ model: provider('lab/one'), prompt: 'x', maxRetries: 0, providerOptions: { gateway: { only: ['groq'] } } });\n"
    )
    send(packages, tmp_path, "openai-compatible", loopback.base, code)
    assert "groq" not in json.dumps(loopback.body())


@pytest.mark.parametrize(
    "code",
    [
        f"const p = createOpenRouter({{ apiKey: 'none', baseURL: base, extraBody: {{ provider: {TS_POLICY} }} }});\n"
        "await generateText({ model: p('lab/one'), prompt: 'x', maxRetries: 0 });\n",
        "const openrouter = createOpenRouter({ apiKey: 'none', baseURL: base });\n"
        f"await generateText({{ model: openrouter('lab/one', {{ provider: {TS_POLICY} }}), prompt: 'x', maxRetries: 0 }});\n",
        "const p = createOpenRouter({ apiKey: 'none', baseURL: base });\n"
        f"await generateText({{ model: p('lab/one'), prompt: 'x', maxRetries: 0, providerOptions: {{ openrouter: {{ provider: {TS_POLICY} }} }} }});\n",
    ],
    ids=["extraBody", "model settings", "providerOptions.openrouter"],
)
def test_openrouters_own_provider_kept(loopback: Loopback, packages: Path, tmp_path: Path, code: str) -> None:
    send(packages, tmp_path, "openrouter", loopback.base, rewritten(code, "app.ts"))
    body = loopback.body()
    assert body["providerOptions"] == GATEWAY["providerOptions"]
    assert "provider" not in body
