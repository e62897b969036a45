"""Every failure of a preflight, over a real socket: its sentence, its remedy, and how many requests it took."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.live import http, keys, preflight, render
from migrator.live.gateway import Record
from migrator.live.rehearse import running
from migrator.live.result import Check, Report, Verdict
from migrator.model import Location, MigratorError, ModelRow, Target
from tests.live.servers import Answer, certificates, closed_port, scripted, silent

KEY = "mg_live_" + "a1b2" * 10
OLD = "sk-or-v1-" + "0" * 64
LIST = json.dumps(
    {"object": "list", "data": [{"id": "openai/gpt-4o-mini", "pricing": {"input": "0.000001", "output": "0.000002"}}]}
)
CHAT = json.dumps(
    {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "OK"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1},
    }
)
MODELS = "/api/v1/models"
COMPLETIONS = "/api/v1/chat/completions"
GOOD = {MODELS: Answer(body=LIST.encode()), COMPLETIONS: Answer(body=CHAT.encode())}


def at(url: str) -> Target:
    return targets.with_host(targets.load(), f"{url}/api/v1")


def model(id_: str, status: str = "same") -> ModelRow:
    return ModelRow(id=id_, locations=(Location(path="app.py", line=3),), status=status, note="")


def check(
    target: Target,
    key: str | None = KEY,
    *,
    models: tuple[ModelRow, ...] = (),
    agree: bool = True,
    say: Callable[[Check], None] = lambda _check: None,
    **more: object,
) -> Report:
    environ: Mapping[str, str] = {} if key is None else {target.key_env: key}
    ask = replace(preflight.Ask(target=target, models=models), **more)  # type: ignore[arg-type]
    return preflight.run(ask, environ, say, lambda _question: agree)


def failed(report: Report) -> Check:
    found = [line for line in report.checks if line.verdict is Verdict.FAIL]
    assert len(found) == 1, report
    assert not report.passed()
    assert found[0].remedy
    return found[0]


def requests(report: Report) -> int:
    return sum(line.request is not None for line in report.checks)


# -- the local part: nothing is sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "id_", "says"),
    [
        (None, "key-missing", "MG_KEY is not set in the environment"),
        ("", "key-empty", "set in the environment, but empty"),
        ("  ", "key-empty", "but empty"),
        (OLD, "key-refused", "another vendor (sk-or-v1-…)"),
        (f' "{OLD}"', "key-refused", "another vendor (sk-or-v1-…)"),
        ("vck_" + "x1" * 20, "key-refused", "another vendor (vck_…)"),
        ("mg_live_...", "key-reference", "a reference or a template"),
        ("${SECRET}", "key-reference", "a reference or a template"),
        ("your-key-here", "key-placeholder", "a placeholder, not a key"),
        (f'"{KEY}"', "key-dirty", "a character that no key has"),
        (f"{KEY}\n", "key-dirty", "a character that no key has"),
        (f"{KEY}\r\nX-Evil: 1", "key-dirty", "a character that no key has"),
        (KEY[:-1] + "ß", "key-dirty", "a character that no key has"),
    ],
)
def test_a_bad_key_is_told_before_anything_is_sent(key: str | None, id_: str, says: str) -> None:
    with scripted(GOOD) as server:
        report = check(at(server.url), key)
        line = failed(report)
        assert (line.id, line.failure) == ("key", id_)
        assert says in line.says
        assert server.seen == []
    assert requests(report) == 0
    if key and len(key) > 30:
        assert key.strip()[12:] not in render.report_json(report)


def test_the_keys_of_the_target_are_refused_for_openrouter() -> None:
    with scripted(GOOD) as server:
        target = targets.with_host(targets.gateway("openrouter"), f"{server.url}/api/v1")
        assert failed(check(target, KEY)).failure == "key-refused"
        assert server.seen == []
        assert check(target, OLD).passed()


def test_a_sandbox_key_is_named_as_one() -> None:
    with scripted(GOOD) as server:
        report = check(at(server.url), "mg_test_" + "a1" * 16)
    assert report.passed()
    line = next(line for line in report.checks if line.id == "key")
    assert line.verdict is Verdict.NOTE
    assert "sandbox" in line.says
    assert "proves nothing about models" in line.says


def test_a_made_up_key_is_good_for_a_rehearsal_only() -> None:
    with scripted(GOOD) as server:
        assert check(at(server.url), "mg_live_your-key-here").passed()
        assert len(server.seen) == 1
    away = targets.with_host(targets.load(), "https://gateway.invalid/api/v1")
    assert failed(check(away, "mg_live_your-key-here")).failure == "key-placeholder"


def test_the_env_file_that_is_named_decides_and_is_not_expanded(tmp_path: Path) -> None:
    file = tmp_path / "keys.env"
    file.write_text(f"export MG_KEY='{KEY}'  # of the project\nOTHER=1\n")
    with scripted(GOOD) as server:
        report = check(at(server.url), "mg_live_" + "9" * 40, env_file=file)
        assert report.passed()
        assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"
        assert "keys.env" in report.key
        file.write_text("MG_KEY=${HOME}\n")
        assert failed(check(at(server.url), KEY, env_file=file)).failure == "key-reference"
        file.write_text("OTHER=1\n")
        assert failed(check(at(server.url), KEY, env_file=file)).failure == "key-missing"
    with pytest.raises(MigratorError, match="cannot be read"):
        keys.find("MG_KEY", tmp_path / "none.env", {})


def test_a_base_url_that_is_anthropics_is_told_before_anything_is_sent() -> None:
    target = replace(targets.load(), openai_base="https://synapse.garden/api")
    line = failed(check(target))
    assert (line.id, line.failure) == ("base-url", "wrong-base")
    assert "https://synapse.garden/api/v1" in (line.remedy or "")


def test_the_common_wrong_host_is_named() -> None:
    target = targets.with_host(targets.gateway("openrouter"), "https://api.openrouter.ai/v1")
    lines = preflight.local(target, keys.find("K", None, {"K": OLD}), None)
    said = next(line.says for line in lines if line.id == "base-url")
    assert "not documented by OpenRouter" in said
    assert "https://openrouter.ai/api/v1" in said


# -- answers ----------------------------------------------------------------------------------------------------------------


def error(status: int, code: object, message: str = "No.", **headers: str) -> Answer:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Answer(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("answer", "failure", "says"),
    [
        (error(401, "INVALID_API_KEY"), "401", "does not accept the key in MG_KEY (401, INVALID_API_KEY)"),
        (error(401, "EXPIRED_API_KEY"), "401", "has expired"),
        (error(402, "BUDGET_EXCEEDED"), "402", "spend cap of this project is reached"),
        (error(403, "FORBIDDEN"), "403", "forbids this (403, FORBIDDEN)"),
        (error(408, "TIMEOUT"), "408", "gave up waiting"),
        (error(409, "CONFLICT"), "409", "conflict"),
        (error(422, "UNPROCESSABLE"), "422", "does not take the request's form"),
        (error(429, "RATE_LIMITED", Retry_After="17"), "429", "Retry-After says 17 s, which is shown and not obeyed"),
        (error(429, "RATE_LIMITED"), "429", "Retry-After says nothing"),
        (error(500, "INTERNAL", X_Request_Id="req-7"), "500", "failed (500, INTERNAL): No.; request id req-7"),
        (error(502, "UPSTREAM_ERROR"), "502", "failed (502, UPSTREAM_ERROR)"),
        (error(503, 503, X_Request_Id="req-8"), "503", "request id req-8"),
        (error(504, "UPSTREAM_TIMEOUT"), "504", "did not answer in time"),
        (error(418, "TEAPOT"), "418", "answered 418 (TEAPOT)"),
        (Answer(status=404, body=b"<html>404</html>", kind="text/html"), "404", "the path is wrong, not the model"),
        (Answer(status=404, body=b'{"detail": "Not Found"}'), "404", "the path is wrong, not the model"),
        (Answer(status=405), "405", "does not take this method"),
        (Answer(body=b"<!DOCTYPE html><title>Hi</title>", kind="text/html"), "200", "a web page (HTML) instead of JSON"),
        (Answer(body=b"  <html>", kind="application/json"), "200", "a web page (HTML) instead of JSON"),
        (Answer(body=b"OK", kind="text/plain"), "200", "not JSON"),
        (Answer(body=b""), "200", "not JSON"),
        (Answer(body=b"[" * 100_000), "200", "not JSON"),
        (Answer(body=b'{"hello": 1}'), "200", "answered, but without a list of models"),
        (error(200, 502, "Provider returned error"), "200", "answered 200 with an error inside (502): Provider returned error"),
        (Answer(body=b'{"error": "no such thing"}'), "200", "with an error inside (no code): no such thing"),
        (Answer(cut=True), "cut", "closed the connection without a whole answer"),
    ],
)
def test_each_answer_has_its_sentence_and_takes_one_request(answer: Answer, failure: str, says: str) -> None:
    with scripted({MODELS: answer}) as server:
        report = check(at(server.url), probe=True)
        line = failed(report)
        assert (line.id, line.failure) == ("models", failure)
        assert says in line.says
        assert len(server.seen) == requests(report) == 1, "one line, one request, no retry"
    assert KEY not in render.report_json(report)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (error(400, "INVALID_REQUEST"), "rejected the request (400, INVALID_REQUEST)"),
        (error(402, "BUDGET_EXCEEDED"), "spend cap"),
        (error(403, "MODEL_NOT_ALLOWED"), "may not use openai/gpt-4o-mini (403, MODEL_NOT_ALLOWED)"),
        (error(404, "MODEL_NOT_FOUND"), "does not know the model openai/gpt-4o-mini"),
        (Answer(status=404, body=b"not here", kind="text/plain"), "the path is wrong, not the model"),
        (error(429, "RATE_LIMITED", Retry_After="2"), "shown and not obeyed"),
        (error(503, "UPSTREAM_ERROR"), "failed (503"),
        (Answer(body=b'{"choices": []}'), 'without a "choices" list'),
        (error(200, 502), "with an error inside"),
        (Answer(body=b'{"choices": [{"error": {"code": 502, "message": "upstream"}}]}'), "with an error inside (502): upstream"),
    ],
)
def test_each_answer_to_the_probe_has_its_sentence(answer: Answer, says: str) -> None:
    with scripted({**GOOD, COMPLETIONS: answer}) as server:
        report = check(at(server.url), models=(model("openai/gpt-4o-mini"),), probe=True)
        line = failed(report)
        assert line.id == "probe:chat"
        assert says in line.says
        assert [seen.path for seen in server.seen] == [MODELS, COMPLETIONS]
        assert requests(report) == 2


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (400, 400, "answers 400 for an unknown model"),
        (402, 402, "credits"),
        (403, 403, "guardrail"),
        (404, 404, "rule out every provider"),
    ],
)
def test_openrouter_has_its_own_meanings(status: int, code: int, says: str) -> None:
    with scripted({**GOOD, COMPLETIONS: error(status, code)}) as server:
        target = targets.with_host(targets.gateway("openrouter"), f"{server.url}/api/v1")
        line = failed(check(target, OLD, models=(model("openai/gpt-4o-mini"),), probe=True))
        assert says in f"{line.says} {line.remedy}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", [MODELS, COMPLETIONS])
def test_a_redirect_is_named_and_never_followed(status: int, path: str) -> None:
    with scripted(GOOD) as other:
        moved = Answer(status=status, body=b"", headers={"Location": f"{other.url}{path}"})
        with scripted({**GOOD, path: moved}) as server:
            report = check(at(server.url), models=(model("openai/gpt-4o-mini"),), probe=True)
            line = failed(report)
            assert f"answered {status} and points to {other.url}" in line.says
            assert len(server.seen) == requests(report)
        assert other.seen == [], "no request, and so no key, went to the other host"


def test_a_redirect_to_the_same_host_is_not_followed_either() -> None:
    with scripted({MODELS: Answer(status=308, headers={"Location": "/elsewhere"})}) as server:
        failed(check(at(server.url)))
        assert len(server.seen) == 1


def test_an_answer_that_quotes_the_key_does_not_bring_it_out() -> None:
    said = f"Incorrect API key provided: {KEY}. \x1b[31mAlso {OLD}\n"
    with scripted({MODELS: error(401, KEY, said)}) as server:
        report = check(at(server.url))
    shown = render.report_json(report) + "".join(render.check(line, 1000) for line in report.checks)
    assert KEY not in shown
    assert OLD not in shown
    assert "\x1b" not in shown
    assert "\\u001b" not in shown


# -- no answer --------------------------------------------------------------------------------------------------------------


def test_a_port_where_nobody_listens() -> None:
    line = failed(check(at(f"http://127.0.0.1:{closed_port()}")))
    assert line.failure == "refused"
    assert "refused the connection" in line.says


def test_a_host_that_dns_does_not_know() -> None:
    # .invalid is reserved for this (RFC 2606); a resolver that is not there at all answers the same
    line = failed(check(targets.with_host(targets.load(), "https://gateway.invalid/api/v1")))
    assert line.failure == "dns"
    assert "gateway.invalid is not known to DNS" in line.says


def test_a_host_that_takes_the_request_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_S", 0.2)
    with silent() as url:
        line = failed(check(at(url)))
    assert line.failure == "read-timeout"
    assert "sent nothing for" in line.says


def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 1000)
    with scripted({MODELS: Answer(body=b"[" + b" " * 5000 + b"]")}) as server:
        assert failed(check(at(server.url))).failure == "too-large"
    monkeypatch.setattr(http, "TOTAL_S", -1.0)
    with scripted(GOOD) as server:
        assert failed(check(at(server.url))).failure == "slow"


def test_a_certificate_nobody_vouches_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, authority = certificates(tmp_path, "127.0.0.1")
    with scripted(GOOD, tls) as server:
        line = failed(check(at(server.url)))
        assert line.failure == "tls-untrusted"
        assert "not signed by an authority this machine trusts" in line.says
        assert "--ca-file or SSL_CERT_FILE" in (line.remedy or "")
        assert server.seen == []
        named = check(at(server.url), ca_file=authority)
        assert named.passed()
        assert str(authority) in named.network
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        found = check(at(server.url))
        assert found.passed()
        assert "SSL_CERT_FILE" in found.network


def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    tls, authority = certificates(tmp_path, "gateway.example")
    with scripted(GOOD, tls) as server:
        assert failed(check(at(server.url), ca_file=authority)).failure == "tls-hostname"
        assert server.seen == []


def test_a_server_without_tls() -> None:
    with scripted(GOOD) as server:
        line = failed(check(at(server.url.replace("http:", "https:"))))
        assert line.failure == "tls-plain"
        assert server.seen == []


def test_a_ca_file_that_is_none_is_an_error_of_the_command(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate")
    with pytest.raises(MigratorError, match=r"ca\.pem: cannot be read as PEM"):
        check(targets.with_host(targets.load(), "https://127.0.0.1:9/api/v1"), ca_file=file)


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:hunter2@127.0.0.1:{port}")
    report = check(targets.with_host(targets.load(), "https://gateway.invalid/api/v1"))
    line = failed(report)
    assert line.failure == "proxy"
    assert f"***@127.0.0.1:{port} did not let the request through" in line.says
    assert f"***@127.0.0.1:{port}" in report.network
    assert "hunter2" not in render.report_json(report)


@pytest.mark.parametrize(("status", "failure"), [(b"403 Forbidden", "proxy"), (b"407 Proxy Authentication Required", "proxy-auth")])
def test_a_proxy_that_refuses(status: bytes, failure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    import threading

    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen()
        asked: list[bytes] = []

        def serve() -> None:
            connection, _ = place.accept()
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{place.getsockname()[1]}")
        line = failed(check(targets.with_host(targets.load(), "https://gateway.invalid/api/v1")))
        thread.join(5)
    assert line.failure == failure
    assert asked[0].startswith(b"CONNECT gateway.invalid:443")
    assert KEY.encode() not in asked[0], "the key travels inside TLS, never to the proxy"


def test_no_proxy_is_obeyed_and_loopback_is_never_proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert http.route("https://gateway.example/v1").shown == "through the proxy http://proxy.example:3128"
    monkeypatch.setenv("NO_PROXY", "gateway.example")
    assert http.route("https://gateway.example/v1").shown == "no proxy"
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.delenv("NO_PROXY")
    with scripted(GOOD) as server:
        assert check(at(server.url)).passed()


def test_a_key_for_one_host_is_not_sent_to_another() -> None:
    with (
        scripted(GOOD) as server,
        http.session(server.url, http.route(server.url)) as way,
        pytest.raises(MigratorError, match="nothing was sent"),
    ):
        http.send(way, "GET", "https://elsewhere.example/v1/models", KEY)


# -- models -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        [{"id": "a/b"}, {"id": "a/c"}],
        {"object": "list", "data": [{"id": "a/b"}, {"id": "a/c"}]},
        {"models": [{"id": "a/b"}, {"id": "a/c"}]},
        ["a/b", "a/c"],
    ],
)
def test_the_known_shapes_of_the_list(document: object) -> None:
    with scripted({MODELS: Answer(body=json.dumps(document).encode())}) as server:
        report = check(at(server.url), models=(model("a/b"),))
    assert report.passed()
    assert any(line.says.startswith("a/b is on the list (app.py:3)") for line in report.checks)


def test_an_unknown_model_is_told_with_its_neighbours_and_never_replaced() -> None:
    listed = json.dumps({"data": [{"id": "openai/gpt-5.4-mini"}, {"id": "openai/gpt-5.4"}, {"id": "zai/glm-5"}]})
    with scripted({**GOOD, MODELS: Answer(body=listed.encode())}) as server:
        rows = (model("openai/gpt-5.4-mni"), model("z-ai/glm-5"), model("nobody/xyz"))
        report = check(at(server.url), models=rows, probe=True)
        lines = {line.id: line for line in report.checks}
        assert "openai/gpt-5.4-mini" in (lines["model:openai/gpt-5.4-mni"].remedy or "")
        assert "zai/glm-5" in (lines["model:z-ai/glm-5"].remedy or "")
        assert "nothing on the list" in (lines["model:nobody/xyz"].remedy or "")
        assert lines["probe:chat"].failure == "no-model"
        assert len(server.seen) == 1, "the ids are checked against the list, without requests"
        assert not report.passed()


def test_a_prefixed_id_is_checked_as_it_is_sent_and_a_variant_as_it_stands() -> None:
    with scripted(GOOD) as server:
        report = check(at(server.url), models=(model("openrouter/openai/gpt-4o-mini", "prefixed"),))
        assert report.passed()
        report = check(at(server.url), models=(model("openai/gpt-4o-mini:free", "variant"),))
        assert failed(report).failure == "model-not-listed"
        openrouter = targets.with_host(targets.gateway("openrouter"), f"{server.url}/api/v1")
        assert check(openrouter, OLD, models=(model("openai/gpt-4o-mini:nitro", "variant"),)).passed()
        assert not check(openrouter, OLD, models=(model("openai/gpt-4o-mini:free", "variant"),)).passed()


def page(ids: list[str], following: str | None) -> Answer:
    links = {} if following is None else {"links": {"next": following}}
    return Answer(body=json.dumps({"data": [{"id": id_} for id_ in ids], **links}).encode())


def test_pages_of_the_list_are_lines_of_their_own_and_stay_on_the_host() -> None:
    with scripted(GOOD) as other:
        pages = {MODELS: page(["a/b"], f"{MODELS}?p=2"), f"{MODELS}?p=2": page(["a/c"], f"{other.url}{MODELS}")}
        with scripted(pages) as server:
            report = check(at(server.url), models=(model("a/c"),))
            assert report.passed()
            assert len(server.seen) == requests(report) == 2
        assert other.seen == []
        assert any("was not fetched" in line.says for line in report.checks)


def test_a_list_that_never_ends_is_left() -> None:
    with scripted({MODELS: page(["a/b"], MODELS)}) as server:
        assert check(at(server.url)).passed()
        assert len(server.seen) == 20


# -- probes -----------------------------------------------------------------------------------------------------------------


def test_the_cost_is_told_before_and_nothing_is_sent_without_consent() -> None:
    with scripted(GOOD) as server:
        said: list[Check] = []
        report = check(at(server.url), models=(model("openai/gpt-4o-mini"),), probe=True, agree=False, say=said.append)
        assert [seen.path for seen in server.seen] == [MODELS]
        assert any(line.id == "cost:chat" and "cost at most $0.000" in line.says for line in said)
        assert any("not confirmed" in line.says for line in said)
        assert report.passed()


def test_the_probe_is_one_small_non_streaming_request() -> None:
    with scripted(GOOD) as server:
        order: list[str] = []
        report = check(
            at(server.url),
            models=(model("openai/gpt-4o-mini"),),
            probe=True,
            say=lambda line: order.append(f"{line.id} {len(server.seen)}"),
        )
        assert report.passed()
        sent = json.loads(server.seen[1].body)
        assert sent["max_tokens"] == 16
        assert sent["stream"] is False
        assert server.seen[1].headers["authorization"] == f"Bearer {KEY}"
        assert order.index("cost:chat 1") < order.index("probe:chat 2")


def test_an_unknown_price_is_called_unknown() -> None:
    with scripted({**GOOD, MODELS: page(["a/b"], None)}) as server:
        report = check(at(server.url), models=(model("a/b"),), probe=True, agree=False)
    assert any("unknown (the gateway lists no price)" in line.says for line in report.checks)


ALL = frozenset({"streaming", "tools", "json-schema", "vision", "reasoning", "embeddings", "routing", "messages"})


def test_each_feature_is_one_request_and_a_rehearsal_serves_them_all() -> None:
    record = Record()
    rows = (model("openai/gpt-4o-mini"), model("openai/text-embedding-3-small"))
    with running(targets.load(), record) as port:
        target = at(f"http://127.0.0.1:{port}")
        report = check(target, models=rows, probe=True, features=ALL, routing={"order": ["bedrock"]})
        assert report.passed(), report
        tried = [line for line in report.checks if line.id.startswith("probe:")]
        assert {line.id for line in tried} == {f"probe:{feature}" for feature in (*ALL, "chat")}
        assert len(record.arrivals) == requests(report) == 1 + len(tried)
    said = {line.id: line.says for line in tried}
    assert "usage at the end; ended with [DONE]" in said["probe:streaming"]
    assert "JSON as asked" in said["probe:json-schema"]
    assert next(arrival.routing for arrival in record.arrivals if arrival.routing) == (
        '{"providerOptions": {"gateway": {"order": ["bedrock"]}}}'
    )
    assert not any(arrival.warnings for arrival in record.arrivals)


def test_a_failure_that_would_repeat_stops_the_probes() -> None:
    with running(targets.load(), record := Record(), fail=(429,)) as port:
        report = check(
            at(f"http://127.0.0.1:{port}"),
            models=(model("openai/gpt-4o-mini"),),
            probe=True,
            features=frozenset({"tools", "vision"}),
        )
        assert failed(report).failure == "429"
        assert len(record.arrivals) == requests(report) == 2
        assert any("not sent after this failure: tools, vision" in line.says for line in report.checks)


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        (b"data: {oops\n\n", "whole JSON"),
        (b"", "a stream of events"),
        (b'data: {"error": {"code": 502, "message": "x"}}\n\n', "a stream free of errors"),
    ],
)
def test_a_stream_that_is_none(body: bytes, lacks: str) -> None:
    with scripted({**GOOD, COMPLETIONS: Answer(body=body, kind="text/event-stream")}) as server:
        report = check(at(server.url), models=(model("openai/gpt-4o-mini"),), features=frozenset({"streaming"}))
        line = failed(report)
        assert line.id == "probe:streaming"
        assert f"answered, but without {lacks}" in line.says


def test_the_text_says_every_request_on_its_own_line() -> None:
    with scripted(GOOD) as server:
        lines: list[Check] = []
        report = check(at(server.url), models=(model("openai/gpt-4o-mini"),), probe=True, say=lines.append)
        text = "\n".join(render.check(line, 1000) for line in lines)
        assert text.count(" GET ") + text.count(" POST ") == len(server.seen) == 2
    assert render.ending(report, 80) == "Passed: 2 requests sent."
    assert "10 s to connect, 60 s between bytes" in report.network
    assert json.loads(render.report_json(report))["passed"] is True
