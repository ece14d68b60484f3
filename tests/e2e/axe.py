"""axe-core, the judge of WCAG 2.2 AA: `npm ci --prefix tests/e2e`, as `make e2e` does."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

_SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
JUDGED = {"bypass_csp": True}
_RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"


def violations(page: Page) -> list[str]:
    """Return what breaks a rule on a page: the rule, and the first element that breaks it.

    The page's context bypasses its policy (`JUDGED`): axe measures with styles of its own.
    """
    if not _SCRIPT.exists():
        pytest.skip("needs axe-core: npm ci --prefix tests/e2e")
    page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(_RUN, _TAGS)
    assert found["passes"], "axe looked at nothing"
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
