"""Cut text into clusters and tell the script of each: what fonts are chosen by."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from unicodedata import category, name

import uharfbuzz as hb

EMOJI = "Zsye"

# Scripts whose printed result somebody has looked at. Any other text is refused: a certificate
# that is late can be mended, a wrong name on paper cannot.
DRAWN = frozenset(
    {
        *("Latn", "Grek", "Cyrl", "Armn", "Geor", "Arab", "Hebr", "Thaa", "Ethi", EMOJI),
        *("Hani", "Hira", "Kana", "Hang", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"),
        *("Deva", "Beng", "Gujr", "Guru", "Taml", "Telu", "Knda", "Mlym", "Sinh"),
    }
)
# Letters of any other script join, stack or carry marks: spacing them apart tears them.
TRACKED = frozenset({"Latn", "Grek", "Cyrl", "Armn", "Geor", "Hani", "Hira", "Kana", "Hang"})
_EMOJI_LETTERS = range(0x1F000, 0x1FB00)
_FLAG_HALVES = range(0x1F1E6, 0x1F200)
_JOINERS = {0x200C, 0x200D}
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)

NAMES = {
    "Arab": "Arabic",
    "Armn": "Armenian",
    "Beng": "Bengali",
    "Cyrl": "Cyrillic",
    "Deva": "Devanagari",
    "Ethi": "Ethiopic",
    "Geor": "Georgian",
    "Grek": "Greek",
    "Gujr": "Gujarati",
    "Guru": "Gurmukhi",
    "Hang": "Hangul",
    "Hani": "Han",
    "Hebr": "Hebrew",
    "Hira": "Hiragana",
    "Kana": "Katakana",
    "Khmr": "Khmer",
    "Knda": "Kannada",
    "Laoo": "Lao",
    "Latn": "Latin",
    "Mlym": "Malayalam",
    "Mymr": "Myanmar",
    "Sinh": "Sinhala",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Thaa": "Thaana",
    "Thai": "Thai",
    "Tibt": "Tibetan",
    EMOJI: "emoji",
}


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """Return the ISO 15924 code of a letter's script, or nothing for what scripts share."""
    buffer = hb.Buffer()
    buffer.add_codepoints([ord(letter)])
    buffer.guess_segment_properties()
    return buffer.script or ""


def name_of(script: str, letter: str) -> str:
    """Return what a person calls a script, after one of its letters where nobody has named it."""
    return NAMES.get(script) or name(letter, script).split(" ")[0].title()


@lru_cache(maxsize=1024)
def clusters(text: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges that must not be torn apart: a letter with its marks, an emoji."""
    if text.isascii():
        return tuple(pairwise(range(len(text) + 1)))
    ranges: list[tuple[int, int]] = []
    for at, letter in enumerate(text):
        if ranges and _continues(text[ranges[-1][0] : at], letter):
            ranges[-1] = (ranges[-1][0], at + 1)
        else:
            ranges.append((at, at + 1))
    return tuple(ranges)


def is_emoji(cluster: str) -> bool:
    """Say whether a cluster asks to be drawn as an emoji."""
    return "\ufe0f" in cluster or ord(cluster[0]) in _EMOJI_LETTERS


def scripts(text: str, ranges: Sequence[tuple[int, int]]) -> list[str]:
    """Return the script of each cluster; what scripts share goes with what stands before it."""
    found = [_own_script(text[a:b]) for a, b in ranges]
    first = next((script for script in found if script and script != EMOJI), "Latn")
    before = first
    for at, script in enumerate(found):
        if not script:
            found[at] = before
        elif script != EMOJI:
            before = script
    return found


@lru_cache(maxsize=4096)
def _own_script(cluster: str) -> str:
    if is_emoji(cluster):
        return EMOJI
    return next((script for letter in cluster if (script := script_of(letter))), "")


def _continues(cluster: str, letter: str) -> bool:
    code = ord(letter)
    return (
        category(letter) in {"Mn", "Mc", "Me"}
        or code in _JOINERS
        or code in _SKIN_TONES
        or code in _TAGS
        or (cluster[-1] == "\u200d" and is_emoji(letter))
        or (_is_flag_half(letter) and len(cluster) == 1 and _is_flag_half(cluster))
    )


def _is_flag_half(letter: str) -> bool:
    return ord(letter) in _FLAG_HALVES
