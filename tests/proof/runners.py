"""Runs programs: Python in a fork server, JavaScript in one Node process, shell in bash with curl. All hosts are the gateways."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.proof.gateways import Gateways, Request

WORKERS = Path(__file__).parent / "workers"
PYTHON_MODULES = (
    "aiohttp",
    "openai",
    "anthropic",
    "httpx",
    "requests",
    "pydantic_settings",
    "dotenv",
    "decouple",
    "langchain_openai",
    "http.client",
    "urllib.request",
)
NODE_PACKAGES = (
    "openai",
    "dotenv",
    "axios",
    "zod",
    "ai",
    "@ai-sdk/openai",
    "@ai-sdk/openai-compatible",
    "@langchain/openai",
    "@openrouter/ai-sdk-provider",
    "@anthropic-ai/sdk",
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of one script did."""

    code: int
    output: str
    requests: tuple[Request, ...]


def node_packages() -> Path | None:
    """The folder with the packages of `tests/node/package-lock.json`, where they are installed already."""
    given = os.environ.get("PROOF_NODE_MODULES")
    if given:
        return Path(given).parent
    node = Path(__file__).parent.parent / "node"
    lock = (node / "package-lock.json").read_bytes() + (node / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migrate-openrouter-tests"
    folder = cache / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    return folder if shutil.which("node") and (folder / "node_modules" / "typescript").is_dir() else None


class Runner:
    """The workers and the gateways that they talk to; starts a worker when its first program comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateways = Gateways(folder)
        (folder / ".curlrc").write_text(
            f'connect-to = "::127.0.0.1:{self.gateways.port}"\ncacert = "{self.gateways.certificate}"\nsilent\nmax-time = 20\n'
        )
        self._base = {"PATH": os.environ["PATH"], "HOME": str(folder), "CURL_HOME": str(folder), "LANG": "C.UTF-8"}
        self._base["SSL_CERT_FILE"] = self._base["NODE_EXTRA_CA_CERTS"] = str(self.gateways.certificate)
        self._python: subprocess.Popen[bytes] | None = None
        self._node: tuple[subprocess.Popen[bytes], Any] | None = None
        self.modules: tuple[str, ...] = ()
        self.packages: tuple[str, ...] = ()

    def start_python(self) -> subprocess.Popen[bytes]:
        """The fork server."""
        if self._python is None:
            paths = os.pathsep.join(path for path in (os.environ.get("PROOF_PYTHON_LIBRARIES"), str(WORKERS / "stubs")) if path)
            command = [sys.executable, str(WORKERS / "python_worker.py"), str(self.gateways.port), str(self.gateways.certificate)]
            self._python = subprocess.Popen(
                [*command, *PYTHON_MODULES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**self._base, "PYTHONPATH": paths}
            )
            assert self._python.stdout is not None
            self.modules = tuple(json.loads(self._python.stdout.readline()))
        return self._python

    def start_node(self) -> tuple[subprocess.Popen[bytes], Any] | None:
        """The Node process and the pipe it answers on; None where Node or the packages are missing."""
        packages = node_packages()
        if self._node is None and packages is not None:
            reading, writing = os.pipe()

            def give() -> None:
                os.dup2(writing, 3)

            command = ["node", str(WORKERS / "node_worker.cjs"), str(self.gateways.port), str(packages), *NODE_PACKAGES]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, env=self._base, pass_fds=(writing, 3), preexec_fn=give)
            os.close(writing)
            self._node = process, os.fdopen(reading)
            self.packages = tuple(json.loads(self._node[1].readline()))
        return self._node

    def run(self, language: str, root: Path, script: str, env: dict[str, str]) -> Result:
        """Runs one script in a tree, with exactly these variables beside those that a shell needs."""
        if language == "python":
            self.start_python()
        self.gateways.take()
        env = {**self._base, **env}
        if language == "shell":
            done = subprocess.run(["bash", script], cwd=root, env=env, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
            code, output = done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")[-2000:]
        else:
            job = json.dumps({"cwd": str(root), "script": script, "env": env}) + "\n"
            answer = json.loads(self._python_answer(job) if language == "python" else self._node_answer(job))
            code, output = answer["code"], answer["output"]
        return Result(code, output, tuple(self.gateways.take()))

    def _python_answer(self, job: str) -> bytes:
        worker = self.start_python()
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(job.encode())
        worker.stdin.flush()
        return worker.stdout.readline()

    def _node_answer(self, job: str) -> str:
        started = self.start_node()
        assert started is not None, "Node or its packages are missing"
        process, answers = started
        assert process.stdin is not None
        process.stdin.write(job.encode())
        process.stdin.flush()
        return str(answers.readline())

    def close(self) -> None:
        """Ends the workers."""
        for process in (self._python, self._node[0] if self._node else None):
            if process is not None and process.stdin is not None:
                process.stdin.close()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
        if self._node:
            self._node[1].close()
        self.gateways.close()
