"""Runs Python programs: loads the libraries once, then forks a copy of itself for each program.

Arguments: the port of the gateways, their certificate, modules to load if they are installed. Each line of standard input is a job
(cwd, script, env); each line of standard output an answer (code, error). The first line lists the modules that were loaded.
Every host name leads to the gateways.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import ssl
import sys
import traceback
from typing import Any, NoReturn

PORT, CERTIFICATE = int(sys.argv[1]), sys.argv[2]
SECONDS = 20
_lookup, _connect, _load = socket.getaddrinfo, socket.socket.connect, ssl.SSLContext.load_verify_locations


def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
    """Every host is on loopback."""
    return _lookup("127.0.0.1", *args, **kwargs)


def connect(self: socket.socket, address: Any) -> None:
    """Every port is the gateways' port."""
    _connect(self, ("127.0.0.1", PORT))


def load(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:
    """The gateways' authority in place of all others: loading those takes longer than a request."""
    _load(self, CERTIFICATE)


def child(job: dict[str, Any], errors: int) -> NoReturn:
    """In the forked copy: becomes the program. Never returns."""
    code = 0
    try:
        signal.alarm(SECONDS)
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["env"])
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
        sys.argv = [job["script"]]
        sys.path[0] = os.path.dirname(os.path.abspath(job["script"]))
        runpy.run_path(job["script"], run_name="__main__")
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if code and not isinstance(stop.code, int):
            print(stop.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code & 255)


def warm_up(loaded: list[str]) -> None:
    """One call of each client, so that what they load late is there before the fork."""
    base, messages = "https://openrouter.ai/api/v1", [{"role": "user", "content": "warm"}]
    modules: dict[str, Any] = {name: importlib.import_module(name) for name in loaded}
    if "openai" in modules:
        client = modules["openai"].OpenAI(base_url=base, api_key="none")
        client.chat.completions.create(model="m", messages=messages)
        client.embeddings.create(model="m", input="x")
    if "anthropic" in modules:
        client = modules["anthropic"].Anthropic(base_url="https://openrouter.ai/api", api_key="none")
        client.messages.create(model="m", max_tokens=5, messages=messages)
    if "langchain_openai" in modules:
        modules["langchain_openai"].ChatOpenAI(model="m", base_url=base, api_key="none").invoke("warm")
    for name in {"httpx", "requests"} & set(loaded):
        modules[name].get(base + "/models", timeout=10)


def main() -> None:
    """Answers jobs until standard input ends."""
    socket.getaddrinfo = lookup
    certificates = ("load_verify_locations", "load_default_certs", "set_default_verify_paths")
    for owner, name, function in ((socket.socket, "connect", connect), *((ssl.SSLContext, name, load) for name in certificates)):
        setattr(owner, name, function)
    sys.dont_write_bytecode = True
    loaded = []
    for module in sys.argv[3:]:
        try:
            importlib.import_module(module)
            loaded.append(module)
        except ImportError:
            pass
    warm_up(loaded)
    gc.collect()
    gc.freeze()  # a collection in a copy would touch, and so duplicate, every page
    gc.disable()
    answers = os.dup(1)
    os.dup2(2, 1)
    os.write(answers, (json.dumps(loaded) + "\n").encode())
    for line in sys.stdin:
        job = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            child(job, writing)
        os.close(writing)
        output = b""
        while block := os.read(reading, 65536):
            output += block
        os.close(reading)
        _, status = os.waitpid(pid, 0)
        answer = {"code": os.waitstatus_to_exitcode(status), "output": output.decode("utf-8", "replace")[-2000:]}
        os.write(answers, (json.dumps(answer) + "\n").encode())


main()
