"""The loopback gateway: real SDKs take it for the real thing, and it tells what a half-done migration sends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from migrator.catalog import targets
from migrator.live.gateway import TEXT, Record, statuses
from migrator.live.rehearse import bases, lines, listen, running, summary
from migrator.model import MigratorError

KEY = "mg_test_" + "a1b2" * 8
OLD = "sk-or-v1-" + "0" * 64
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture(params=["synapse", "openrouter"])
def gateway(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, str, Record]]:
    profile = targets.gateway(request.param)
    record = Record()
    with running(profile, record) as port:
        openai, anthropic = bases(profile, port)
        assert anthropic is not None
        yield openai, anthropic, OLD if profile.name == "openrouter" else KEY, record


def test_the_openai_sdk(gateway: tuple[str, str, str, Record]) -> None:
    openai = pytest.importorskip("openai", reason="the openai package is not installed")
    base, _, key, record = gateway
    with openai.OpenAI(api_key=key, base_url=base, max_retries=0) as client:
        answer = client.chat.completions.create(model="openai/gpt-4o-mini", messages=HELLO)
        assert answer.choices[0].message.content == TEXT
        assert answer.usage.prompt_tokens > 0
        chunks = list(
            client.chat.completions.create(
                model="openai/gpt-4o-mini", messages=HELLO, stream=True, stream_options={"include_usage": True}
            )
        )
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
        assert chunks[-1].usage.total_tokens > 0
        assert "openai/gpt-4o-mini" in [model.id for model in client.models.list()]
        vector = client.embeddings.create(model="openai/text-embedding-3-small", input=["a", "b"], dimensions=4)
        assert [entry.embedding for entry in vector.data] == [[1.0, 0.0, 0.0, 0.0]] * 2
        tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
        called = client.chat.completions.create(
            model="openai/gpt-4o-mini",
            messages=HELLO,
            tools=[tool],
            tool_choice="required",
            extra_body={"providerOptions": {"gateway": {"only": ["bedrock"]}}},
        )
        assert called.choices[0].message.tool_calls[0].function.name == "look"
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="error/429", messages=HELLO)
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="vck_" + "1" * 20).models.list()
    assert [arrival.status for arrival in record.arrivals] == [200, 200, 200, 200, 200, 429, 401]
    assert record.arrivals[1].stream
    assert record.arrivals[4].routing == '{"providerOptions": {"gateway": {"only": ["bedrock"]}}}'


def test_the_anthropic_sdk(gateway: tuple[str, str, str, Record]) -> None:
    anthropic = pytest.importorskip("anthropic", reason="the anthropic package is not installed")
    _, base, key, record = gateway
    with anthropic.Anthropic(auth_token=key, base_url=base, max_retries=0) as client:
        asked = {"model": "anthropic/claude-opus-4.6", "max_tokens": 16, "messages": HELLO}
        answer = client.messages.create(**asked)
        assert answer.content[0].text == TEXT
        with client.messages.stream(**asked) as stream:
            assert "".join(stream.text_stream) == TEXT
            assert stream.get_final_message().stop_reason == "end_turn"
        with pytest.raises(anthropic.PermissionDeniedError):
            client.messages.create(**{**asked, "model": "error/403"})
        doubled = client.with_options(base_url=f"{base}/v1")
        with pytest.raises(anthropic.NotFoundError):
            doubled.messages.create(**asked)
    with anthropic.Anthropic(api_key=key, base_url=base, max_retries=0) as client:
        assert client.messages.create(**asked).usage.input_tokens > 0
    assert [arrival.status for arrival in record.arrivals] == [200, 200, 403, 404, 200]
    assert any("/v1 twice" in warning for warning in record.arrivals[3].warnings)


def _npm(folder: Path) -> Path | str:
    """The folder with the packages installed once from the lock file, or why it cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    import hashlib

    lock = (folder / "package-lock.json").read_bytes() + (folder / "talk.mjs").read_bytes()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = base / "migrate-openrouter" / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (home / "installed").exists():
        # in a folder of its own and then renamed: tests may run side by side
        fresh = home.with_name(f"{home.name}.{os.getpid()}")
        shutil.copytree(folder, fresh, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=fresh, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            return f"npm ci did not succeed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'no reason given'}"
        (fresh / "installed").touch()
        try:
            fresh.rename(home)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
    return home


def test_the_npm_packages(gateway: tuple[str, str, str, Record]) -> None:
    base, _, key, record = gateway
    home = _npm(Path(__file__).parent / "node")
    if isinstance(home, str):
        pytest.skip(home)
    environment = {**os.environ, "BASE": base, "KEY": key, "MODEL": "openai/gpt-4o-mini"}
    done = subprocess.run(["node", "talk.mjs"], cwd=home, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said == {"openai": TEXT, "openaiStream": TEXT, "openaiUsage": True, "ai": TEXT, "aiStream": TEXT, "openaiError": 429}
    assert [arrival.status for arrival in record.arrivals] == [200, 200, 429, 200, 200]
    assert json.loads(record.arrivals[3].routing) == {"providerOptions": {"gateway": {"order": ["bedrock"]}}}


def test_errors_on_demand_in_the_gateways_own_shape() -> None:
    for name, code in (("synapse", "RATE_LIMITED"), ("openrouter", 429)):
        profile = targets.gateway(name)
        key = OLD if name == "openrouter" else KEY
        with running(profile, Record(), fail=(503, 429)) as port:
            url = f"{bases(profile, port)[0]}/chat/completions"

            def post(headers: dict[str, str] | None = None, url: str = url, key: str = key, **body: object) -> httpx.Response:
                sent = {"Authorization": f"Bearer {key}", **(headers or {})}
                return httpx.post(url, json={"model": "a/b", "messages": HELLO, **body}, headers=sent)

            assert post(headers={"X-Rehearse-Error": "504"}).status_code == 504
            assert post().status_code == 503
            limited = post()
            assert limited.status_code == 429
            assert limited.json()["error"]["code"] == code
            assert limited.headers["retry-after"] == "7"
            assert limited.headers["x-request-id"]
            assert post().status_code == 200, "each error of --fail is answered once"
            assert "error" in post(model="error/200").json()
            assert "html" in post(model="error/html").headers["content-type"]
            assert post(model="error/redirect").status_code == 302
            assert post(model=None).status_code == 400


def test_a_half_done_migration_is_told_and_no_secret_is_kept() -> None:
    profile = targets.load()
    record = Record()
    with running(profile, record) as port:
        base = bases(profile, port)[0]
        headers = {"Authorization": f"Bearer {OLD}", "HTTP-Referer": "https://me.example", "X-Title": "Me"}
        assert httpx.post(f"{base}/chat/completions", json={}, headers=headers).status_code == 401
        good = {"Authorization": f"Bearer {KEY}", "X-Provider-API-Keys": "{}"}
        body = {
            "model": "openai/gpt-4o-mini:nitro",
            "messages": [{"role": "user", "content": "the secret prompt"}],
            "provider": {"order": ["Together"]},
            "extra_body": {},
            "only": ["x"],
            "providerOptions": {"gateway": {"byok": {"openai": [{"apiKey": OLD}]}}},
        }
        assert httpx.post(f"{base}/chat/completions", json=body, headers=good).status_code == 200
        assert httpx.get(f"{base}/models").status_code == 401
    first, second, third = record.arrivals
    assert first.variable == "OPENROUTER_API_KEY"
    assert first.attribution == ("http-referer", "x-title")
    assert any("another vendor" in warning for warning in first.warnings)
    text = " ".join(second.warnings)
    for part in (
        '"provider" at the top level',
        "extra_body",
        '"only" stands at the top level',
        "X-Provider-API-Keys",
        "variant suffix",
    ):
        assert part in text
    assert third.key == "none"
    shown = "\n".join(text for arrival in record.arrivals for text in lines(arrival, 80))
    shown += "\n".join(summary(record.arrivals, 80))
    assert [text for text in shown.splitlines() if len(text) > 80 and " " in text.strip()[9:]] == []
    assert "WARNING" in shown
    for secret in (KEY[8:], OLD[9:], "secret prompt"):
        assert secret not in shown + repr(record)


def test_streamed_usage_comes_unasked_only_at_openrouter() -> None:
    for name, unasked in (("synapse", False), ("openrouter", True)):
        profile = targets.gateway(name)
        key = OLD if name == "openrouter" else KEY
        with running(profile, Record()) as port:
            response = httpx.post(
                f"{bases(profile, port)[0]}/chat/completions",
                json={"model": "a/b", "messages": HELLO, "stream": True},
                headers={"Authorization": f"Bearer {key}"},
            )
        assert ('"usage"' in response.text) is unasked
        assert (": OPENROUTER PROCESSING" in response.text) is unasked
        assert response.text.endswith("data: [DONE]\n\n")


def test_structured_output_fits_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"enum": ["x", "y"]},
            "many": {"type": "array", "minItems": 1, "items": {"type": ["integer", "null"]}},
            "deep": {"anyOf": [{"type": "object", "properties": {"on": {"type": "boolean"}}}]},
            "text": {"type": "string"},
            "fixed": {"const": 3},
        },
    }
    asked = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    profile = targets.load()
    with running(profile, Record()) as port:
        response = httpx.post(
            f"{bases(profile, port)[0]}/chat/completions",
            json={"model": "a/b", "messages": HELLO, "response_format": asked},
            headers={"Authorization": f"Bearer {KEY}"},
        )
    content = json.loads(response.json()["choices"][0]["message"]["content"])
    assert content == {"kind": "x", "many": [0], "deep": {"on": True}, "text": "rehearsal", "fixed": 3}


def test_a_taken_port_is_an_error_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(MigratorError, match="--port 0 takes a free one"):
            listen(taken.getsockname()[1])
    with pytest.raises(MigratorError, match="no such port"):
        listen(70000)


@pytest.mark.parametrize("text", ["x", "200", "429,,x", "600", "-1"])
def test_only_http_errors_can_be_asked_for(text: str) -> None:
    with pytest.raises(MigratorError, match="from 400 to 599"):
        statuses(text)
    assert statuses(" 429, 503 ,") == (429, 503)


def test_the_command_serves_prints_a_line_a_request_and_records(tmp_path: Path) -> None:
    record = tmp_path / "arrivals.jsonl"
    program = (
        "import sys, pathlib; from migrator.cli.gateways import rehearse;"
        " sys.exit(rehearse(port=0, gateway='synapse', fail='429', record=pathlib.Path(sys.argv[1])))"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(record)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            base = ""
            while not base:
                said = process.stdout.readline()
                assert said, "the server ended early"
                base = said.split()[-1] if "OpenAI base" in said else ""
            with httpx.Client(headers={"Authorization": f"Bearer {KEY}"}, transport=httpx.HTTPTransport(retries=20)) as client:
                assert client.get(f"{base}/models").status_code == 200
                assert client.post(f"{base}/chat/completions", json={"model": "a/b", "user": f"mine is {KEY}"}).status_code == 429
        finally:
            process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(15) == 0
    shown = [said for said in rest.splitlines() if "127.0.0.1" in said and said.lstrip()[:1].isdigit()]
    assert len(shown) == 2
    assert "GET 127.0.0.1" in shown[0]
    assert "MG_KEY (Authorization: mg_test_… (40 characters))" in rest
    assert rest.splitlines()[-1] == "2 requests: 1 error, 0 requests with a warning."
    arrivals = [json.loads(text) for text in record.read_text().splitlines()]
    assert [arrivals[0]["body"], arrivals[1]["body"]["model"]] == [{}, "a/b"]
    assert "mine is" in arrivals[1]["body"]["user"]
    assert record.stat().st_mode & 0o777 == 0o600
    assert [arrival["status"] for arrival in arrivals] == [200, 429]
    assert KEY[8:] not in record.read_text() + rest


def test_the_vercel_profile_has_other_paths() -> None:
    profile = targets.gateway("vercel")
    with running(profile, Record(), models=("mine/model",)) as port:
        base, anthropic = bases(profile, port)
        assert base.endswith("/v1")
        assert anthropic == f"http://127.0.0.1:{port}"
        listed = httpx.get(f"{base}/models", headers={"Authorization": "Bearer vck_" + "1" * 20}).json()
        assert "mine/model" in [row["id"] for row in listed["data"]]


def test_a_profile_without_anthropic_has_no_such_base() -> None:
    assert bases(replace(targets.load(), anthropic_base=None), 1)[1] is None
