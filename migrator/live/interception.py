"""Environment variables by which programs of each runtime send their requests to the recorder and accept its certificate."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from shutil import which

_PASSWORD = "changeit"
"""Of Java's trust store, which must have one; it guards nothing."""


def environment(environ: Mapping[str, str], port: int, certificate: Path, folder: Path) -> dict[str, str]:
    """`environ` with the variables of Python, curl, Node, Go, Ruby, PHP and Java set. Files that they need are written to `folder`.

    The recorder's authority stands beside those that the system trusts: a program that also reads a local page over TLS goes on.
    """
    proxy = f"http://127.0.0.1:{port}"
    bundle = folder / "bundle.pem"
    bundle.write_text(_system_authorities() + certificate.read_text("ascii"), "ascii")
    preload = folder / "redirect.cjs"
    preload.write_text(resources.files("migrator.live").joinpath("redirect.cjs").read_text("utf-8"), "utf-8")
    php = folder / "php"
    php.mkdir(exist_ok=True)
    (php / "recorder.ini").write_text(f'curl.cainfo="{bundle}"\nopenssl.cafile="{bundle}"\n', "utf-8")
    options = " ".join(filter(None, (environ.get("NODE_OPTIONS"), f"--require={_quoted(preload)}")))
    whole = {
        **environ,
        **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO"), str(bundle)),
        "NODE_EXTRA_CA_CERTS": str(certificate),
        "NODE_OPTIONS": options,
        "MIGRATE_OPENROUTER_RECORDER": str(port),
        "DENO_CERT": str(certificate),
        "PHP_INI_SCAN_DIR": f":{php}",
    }
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        whole[name] = whole[name.lower()] = proxy
    for name in ("NO_PROXY", "no_proxy"):
        whole[name] = "localhost,127.0.0.1,::1"
    if (store := _java_store(certificate, folder)) is not None:
        java = (
            f"-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort={port} -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={port} "
            f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword={_PASSWORD}"
        )
        whole["JAVA_TOOL_OPTIONS"] = " ".join(filter(None, (environ.get("JAVA_TOOL_OPTIONS"), java)))
    return whole


def _system_authorities() -> str:
    """What OpenSSL trusts on this machine, as PEM; empty where that is no file."""
    path = ssl.get_default_verify_paths().cafile
    if path is None:
        return ""
    try:
        text = Path(path).read_text("ascii", "ignore")
    except OSError:
        return ""
    return text if text.endswith("\n") else text + "\n"


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text


def _java_store(certificate: Path, folder: Path) -> Path | None:
    """A trust store with the recorder's authority, made by the JDK's own tool; None where there is none."""
    keytool = which("keytool")
    if keytool is None:
        return None
    store = folder / "trust.p12"
    if store.exists():  # made for the run before; the tool refuses to put the same name in twice
        return store
    command = [keytool, "-importcert", "-noprompt", "-alias", "recorder", "-file", str(certificate), "-keystore", str(store)]
    done = subprocess.run([*command, "-storepass", _PASSWORD, "-storetype", "PKCS12"], capture_output=True, check=False)
    return store if done.returncode == 0 else None
