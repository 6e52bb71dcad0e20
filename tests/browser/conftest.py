"""One browser for each module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from odtest.chromium import launch
from odtest.daemon import Daemon


@pytest.fixture(scope="module")
def chromium(_suite: Daemon) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright, _suite)
        yield browser
        browser.close()
