"""Where a new line may begin: rules for scripts with and without spaces, no dictionary.

Words of Thai, Lao, Khmer and Myanmar are not told apart by any mark. Names and titles put
spaces between their parts; inside a part a line is broken only where it would not fit otherwise,
and then where a syllable can begin.
"""

from unicodedata import combining

from templates_app.rendering.itemise import clusters, script_of

_IDEOGRAPHIC = frozenset({"Hani", "Hira", "Kana"})
_SYLLABIC = frozenset({"Thai", "Laoo", "Khmr", "Mymr", "Tibt", *_IDEOGRAPHIC})
# Zero width space, the syllable dot of Tibetan, the word space of Ethiopic.
_BREAK_AFTER = frozenset("\u200b\u0f0b\u1361")
_NOT_FIRST = frozenset("、。，．・：；？！）」』】〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々ๆฯໆ།")
_VOWELS_BEFORE = range(0x0E40, 0x0E45), range(0x0EC0, 0x0EC5)  # written before their consonant
_VOWELS_AFTER = (*range(0x0E30, 0x0E3A), 0x0E45, *range(0x0EB0, 0x0EBD))
_STACKER, _ASAT = "\u1039", "\u103a"  # Myanmar letters that carry one close a syllable
_VIRAMA = 9  # canonical combining class


def opportunities(text: str) -> list[int]:
    """Return where a line may begin without harm.

    After spaces and marks that stand for them, where Han meets kana, anywhere in a text of Han
    that has neither, and in an address before its last part.
    """
    if "://" in text:
        return [text.rindex("/") + 1]
    places: list[int] = []
    within: list[int] = []
    for at in [start for start, _ in clusters(text)][1:]:
        before, after = script_of(text[at - 1]), script_of(text[at])
        if text[at - 1].isspace() or text[at - 1] in _BREAK_AFTER:
            if not text[at].isspace():
                places.append(at)
        elif {before, after} <= _IDEOGRAPHIC and text[at] not in _NOT_FIRST:
            (within if before == after else places).append(at)
    return places or within


def anywhere(text: str) -> list[int]:
    """Return where a line may begin in need: before a syllable of a script without spaces."""
    return [
        start
        for start, end in clusters(text)[1:]
        if script_of(text[start]) in _SYLLABIC and _begins_syllable(text, start, end)
    ]


def _begins_syllable(text: str, start: int, end: int) -> bool:
    first, before = text[start], text[start - 1]
    is_stacked = combining(before) == _VIRAMA and before != _ASAT
    closes = not {_ASAT, _STACKER}.isdisjoint(text[start:end])
    return not (
        is_stacked
        or closes
        or first in _NOT_FIRST
        or ord(first) in _VOWELS_AFTER
        or any(ord(before) in vowels for vowels in _VOWELS_BEFORE)
    )
