"""The settings that defend sessions and forms."""

from pathlib import Path

import pytest

from odweb.project.configure import values

SETTINGS = values(Path("/nowhere"), "a test's", ["localhost"], "Asia/Kolkata")


@pytest.mark.parametrize("cookie", ["SESSION", "CSRF"])
def test_no_script_no_plain_line_and_no_neighboring_host_gets_or_sets_a_cookie(cookie):
    assert SETTINGS[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
    assert SETTINGS[f"{cookie}_COOKIE_SECURE"]
    assert SETTINGS[f"{cookie}_COOKIE_HTTPONLY"]
    assert SETTINGS.get(f"{cookie}_COOKIE_SAMESITE", "Lax") == "Lax"  # a link in a mail still finds one signed in


def test_every_request_passes_the_check_of_forms_and_nothing_tells_a_stranger_what_went_wrong():
    assert "django.middleware.csrf.CsrfViewMiddleware" in SETTINGS["MIDDLEWARE"]
    assert "odweb.project.middleware.policy.policy" in SETTINGS["MIDDLEWARE"]
    assert not SETTINGS.get("DEBUG")
    assert not SETTINGS.get("USE_X_FORWARDED_HOST")
    assert "*" not in SETTINGS["ALLOWED_HOSTS"]
