"""A page opens sockets of its own server only, whatever else runs on the same host."""

from typing import Any

import pytest

from rollout_site.origins import is_own


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        pytest.param("http://localhost:8000", "localhost:8000", True, id="the same port"),
        pytest.param("http://localhost:9000", "localhost:8000", False, id="another port"),
        pytest.param("http://localhost", "localhost:8000", False, id="the default port against another"),
        pytest.param("https://Example.org", "example.org:443", True, id="a default port that is left out"),
        pytest.param("https://example.org:443", "example.org", True, id="a default port that is said"),
        pytest.param("http://example.org:443", "example.org", False, id="another scheme's default port"),
        pytest.param("https://other.org", "example.org", False, id="another host"),
        pytest.param("https://trusted.org:8443", "inside", True, id="a trusted origin behind a proxy"),
        pytest.param("null", "example.org", False, id="no page at all"),
        pytest.param("", "example.org", True, id="no browser"),
    ],
)
def test_an_origin_is_one_s_own_down_to_the_port(settings: Any, origin: str, host: str, *, own: bool) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.org:8443"]
    assert is_own(origin, host) is own
