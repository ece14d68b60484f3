"""Compare what a reader copied out of a file with what was put in.

Readers order words of two directions by their own lights and turn the brackets between them: of
such names every word is compared, but not the order.
"""

from unicodedata import bidirectional, normalize

from templates_app.design import Source
from tests.templates_app.designs import layout, text
from tests.templates_app.rendering.sheets import samples

NAMES = [each for names in samples().values() for each in names]
VOWELLED = ["مُحَمَّد بِلَال", "יַעֲקֹב כֹּהֵן", "تُمنح هذه الشهادة", "އަޙްމަދު ރަޝީދު", "لا لأ", "علی‌رضا"]
_DIRECTION = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))


def plain() -> Source:
    """Return a page wide enough for any name on one line."""
    return Source(layout(text(w=400), page={"width": 420, "height": 148}), {})


def _bare(found: str) -> str:
    return normalize("NFC", found.translate(_DIRECTION)).strip()


def _is_mixed(name: str) -> bool:
    kinds = {bidirectional(letter) for letter in name}
    return not kinds.isdisjoint({"R", "AL"}) and not kinds.isdisjoint({"L", "EN"})


def _letters(text: str) -> list[str]:
    return sorted(filter(str.isalnum, text))


def assert_same(found: str, name: str) -> None:
    """Fail where a name did not come out as it went in."""
    wanted, got = normalize("NFC", name).strip(), _bare(found)
    if _is_mixed(name):
        words = "".join(letter if letter.isalnum() else " " for letter in wanted).split()
        assert [word for word in words if word not in got] == []
        assert _letters(got) == _letters(wanted)
    else:
        assert got == wanted
