"""One browser for each module."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from odtest.chromium import Sound, launch
from odtest.daemon import Daemon


@pytest.fixture(scope="session", autouse=True)
def _sound(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One folder for all processes of a run: each has its own below that of the run."""
    own = tmp_path_factory.getbasetemp()
    Sound.folder = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "sound"
    Sound.folder.mkdir(exist_ok=True)


@pytest.fixture(scope="module")
def chromium(_suite: Daemon) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright, _suite)
        yield browser
        browser.close()
