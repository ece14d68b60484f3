"""What a visit to our pages cost its reader arrives in the metrics, from a real browser."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Open


def counted(tab: Page, demo: dict[str, Any], page: str) -> list[float]:
    """Return how many reports of a page the histograms hold."""
    token = {"Authorization": f"Bearer {demo['metrics_token']}"}
    text = tab.request.get(f"{demo['base_url']}/metrics", headers=token).text()
    return [
        float(line.split()[-1])
        for series in ("cert_rum_lcp_seconds", "cert_rum_cls")
        for line in text.splitlines()
        if line.startswith(f'{series}_count{{page="{page}"}} ')
    ]


@pytest.mark.parametrize(
    ("address", "page"),
    [("verify_url", "verifier"), ("page_url", "learner_certificate")],
)
def test_a_visit_shows_in_the_metrics(
    demo: dict[str, Any], open_page: Open, address: str, page: str
) -> None:
    issued = (one for one in demo["tenants"][0]["certificates"] if one["state"] == "issued")
    visited = next(issued)[address]
    tab = open_page(visited)
    before = counted(tab, demo, page)
    assert len(before) == 2
    tab.goto("about:blank")  # leaving is when the browser tells
    deadline = time.monotonic() + 60
    while counted(tab, demo, page) != [one + 1 for one in before]:
        assert time.monotonic() < deadline, "the visit was not reported"
        tab.wait_for_timeout(100)
    assert tab.context.cookies() == []


def test_a_script_of_ours_is_kept_for_ever(demo: dict[str, Any], open_page: Open) -> None:
    issued = (one for one in demo["tenants"][0]["certificates"] if one["state"] == "issued")
    tab = open_page(next(issued)["verify_url"])
    source = tab.locator("script").get_attribute("src")
    assert source
    assert re.search(r"/rum\.[0-9a-f]{12}\.js$", source)
    answer = tab.request.get(f"{demo['base_url']}{source}")
    assert "immutable" in answer.headers["cache-control"]
