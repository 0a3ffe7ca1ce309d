"""The TLS settings of clients that are opened one after the other."""

from pathlib import Path

import pytest
from yarl import URL

from lightfield._config.config import resolve
from lightfield._http.tls import tls_context


def test_the_key_log_is_that_of_the_environment_when_a_client_opens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config, url = resolve({"api_key": "sk_lf_sandbox"}), URL("https://api.example")
    for name in ("first", "second"):
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / name))
        context = tls_context(config, url, None)
        assert context is not None
        assert context.keylog_filename == str(tmp_path / name)
    monkeypatch.delenv("SSLKEYLOGFILE")
    context = tls_context(config, url, None)
    assert context is not None
    assert context.keylog_filename is None
