"""The variables that lead a command's requests to the recorder, for each of the two runs."""

from __future__ import annotations

from pathlib import Path
from shutil import which

import pytest

from migrator.live.interception import environment

trustme = pytest.importorskip("trustme")


@pytest.mark.skipif(which("keytool") is None, reason="no JDK here")
def test_java_is_led_to_the_recorder_in_both_runs(tmp_path: Path) -> None:
    certificate = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(certificate)
    first, second = (environment({}, 8443, certificate, tmp_path) for _ in range(2))
    assert "-Dhttps.proxyPort=8443" in first["JAVA_TOOL_OPTIONS"]
    assert second["JAVA_TOOL_OPTIONS"] == first["JAVA_TOOL_OPTIONS"]
