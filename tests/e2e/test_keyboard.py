"""Whoever has no mouse reaches everything on a public page, in order, and sees where they are."""

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import BLANK, Open
from tests.e2e.states import SHOWN, Demo

_STOPS = """() => {
  const all = "a[href], button, input, select, textarea, summary, [tabindex]";
  window.stops = [...document.querySelectorAll(all)].filter(
    one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true})
      // Tab stops once at a group of which one is chosen; arrows lead on.
      && (one.type !== "radio" || one === document.querySelector(`[name=${one.name}]`)));
  return window.stops.map(one => one.outerHTML.slice(0, 80));
}"""
_WHERE = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const place = one.getBoundingClientRect();
  return {
    stop: window.stops.indexOf(one),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: place.width > 0 && place.bottom > 0 && place.top < innerHeight
      && place.right > 0 && place.left < innerWidth,
  };
}"""

# What other sites show in a frame has nothing to skip.
FRAMED = {"card", "no card"}


def walked(page: Page, stops: list[str]) -> list[int]:
    """Go through the page with Tab; return the stops in the order they came."""
    came = []
    for _ in stops:
        page.keyboard.press("Tab")
        where = page.evaluate(_WHERE)
        assert where["stop"] >= 0, "Tab left the page before its end"
        assert where["outlined"], f"no ring around {stops[where['stop']]}"
        assert where["seen"], f"out of sight: {stops[where['stop']]}"
        came.append(where["stop"])
    return came


@pytest.mark.parametrize("language", ["en", "ar"])
def test_tab_goes_through_everything_in_order(demo: Demo, open_page: Open, language: str) -> None:
    page = open_page(BLANK, viewport={"width": 390, "height": 700})
    for name, show in SHOWN.items():
        show(page, demo, language)
        stops = page.evaluate(_STOPS)
        assert name in FRAMED or 'class="skip"' in stops[0]
        assert walked(page, stops) == list(range(len(stops))), name


@pytest.mark.parametrize("name", ["home", "verify_url issued", "page_url issued"])
def test_the_skip_link_leads_to_the_content(demo: Demo, open_page: Open, name: str) -> None:
    page = open_page(BLANK)
    SHOWN[name](page, demo, "en")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_what_is_folded_opens_and_shuts_by_the_keyboard(demo: Demo, open_page: Open) -> None:
    page = open_page(BLANK)
    SHOWN["verify_url issued"](page, demo, "en")
    summary = page.locator("summary").first
    summary.focus()
    for is_open in (True, False):
        page.keyboard.press("Enter")
        assert summary.evaluate("one => one.parentElement.open") is is_open
