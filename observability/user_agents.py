"""What kind of program asks, by the name it gives itself: one of eight classes."""

import re
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

UNKNOWN = "unknown"
BROWSERS = ("browser_desktop", "browser_mobile")
CLASSES = (
    *BROWSERS,
    *("link_preview", "search_bot", "ai_bot", "http_library", "monitor"),
    UNKNOWN,
)
# Nobody at a keyboard: what asks by itself, without anybody who wants to know the verdict.
BOTS = frozenset({"link_preview", "search_bot", "ai_bot", "monitor"})

# A name is as long as somebody likes; what tells programs apart stands in its beginning.
_LONGEST = 300
# The list's own tags. What walks the web for other ends (archives, feeds, scanners) walks it all
# the same; a browser driven by a program is a program.
_CLASS_OF_TAG = {
    "social-preview": "link_preview",
    "ai-crawler": "ai_bot",
    "monitoring": "monitor",
    "http-library": "http_library",
    "browser-automation": "http_library",
}
_WALKER = "search_bot"
# What the list leaves out, since it does not crawl. `curl/8.9.1`, `okhttp/4.12`: the whole name.
_LIBRARY = re.compile(
    r"(?i)curl|okhttp|node-fetch|undici|axios|got \(|java/|apache-httpclient|postmanruntime|"
    r"insomnia|httpie|guzzlehttp|restsharp|dart/|faraday|ruby|php/|urllib3|powershell|winhttp"
)
_MOBILE = re.compile(r"Mobi|Android|iPhone|iPad|iPod|Windows Phone")
_BROWSER = re.compile(r"^(?:Mozilla/5\.0 \(|Opera/)")


# An expression that means its own letters: escaped punctuation, and nothing else with a meaning.
_ESCAPED = re.compile(r"\\([^a-zA-Z0-9])")
_MEANING = re.compile(r"[\\.^$*+?{}\[\]|()]")


@lru_cache(maxsize=4096)
def classify(user_agent: str) -> str:
    """Return the class of a User-Agent header's value; nothing else of it is kept for long."""
    name = user_agent[:_LONGEST]
    literals, expressions = _crawlers()
    for literal, kind in literals:
        if literal in name:
            return kind
    for expression, kind in expressions:
        if expression.search(name):
            return kind
    if _BROWSER.match(name):
        return "browser_mobile" if _MOBILE.search(name) else "browser_desktop"
    return "http_library" if _LIBRARY.match(name) else UNKNOWN


@cache
def _crawlers() -> tuple[list[tuple[str, str]], list[tuple[re.Pattern[str], str]]]:
    """Return what names of programs hold, each with its class, the particular before the general.

    All but a few of the expressions are plain words, which Python finds three times as fast.
    """
    order = [*_CLASS_OF_TAG.values(), _WALKER]
    entries = [(entry["pattern"], _class(entry["tags"])) for entry in CRAWLER_USER_AGENTS_DATA]
    entries.sort(key=lambda entry: order.index(entry[1]))
    plain = [one for one in entries if not _MEANING.search(_ESCAPED.sub("", one[0]))]
    others = [one for one in entries if _MEANING.search(_ESCAPED.sub("", one[0]))]
    return (
        [(_ESCAPED.sub(r"\1", pattern), kind) for pattern, kind in plain],
        [(re.compile(pattern), kind) for pattern, kind in others],
    )


def _class(tags: list[str]) -> str:
    return next((_CLASS_OF_TAG[tag] for tag in tags if tag in _CLASS_OF_TAG), _WALKER)
