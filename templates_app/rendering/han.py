"""Which font has the forms of Han that a person writes: one letter, four drawings."""

from collections.abc import Collection, Sequence

from templates_app.rendering.fonts import Face

_JAPANESE, _KOREAN = "Noto Sans JP", "Noto Sans KR"
_SIMPLIFIED, _TRADITIONAL = "Noto Sans SC", "Noto Sans TC"
# The first has the forms, the others lend a letter it lacks, those of nearer forms first.
_ORDER = {
    "zh-Hans": (_SIMPLIFIED, _TRADITIONAL, _JAPANESE, _KOREAN),
    "zh-Hant": (_TRADITIONAL, _JAPANESE, _KOREAN, _SIMPLIFIED),
    "ja": (_JAPANESE, _KOREAN, _TRADITIONAL, _SIMPLIFIED),
    "ko": (_KOREAN, _JAPANESE, _TRADITIONAL, _SIMPLIFIED),
}
_FOUR = frozenset({_SIMPLIFIED, _TRADITIONAL, _JAPANESE, _KOREAN})
_TRADITIONAL_PLACES = frozenset({"hant", "tw", "hk", "mo"})


def forms(scripts: Collection[str], *, language: str, around: str) -> str:
    """Return whose forms a text's Han takes: its writer's, its other letters', its surroundings'.

    `language` is the writer's own, empty where unknown, `around` that of the course.
    """
    own = _writes(language)
    if not own and "Hang" in scripts:
        own = "ko"
    if not own and not {"Hira", "Kana"}.isdisjoint(scripts):
        own = "ja"
    return own or _writes(around) or "zh-Hans"


def in_order(faces: Sequence[Face], families: Sequence[str], form: str) -> list[Face]:
    """Return faces of Han in the order they are tried: a design's own, those with the form, others.

    The four are one design with the same strokes, so that one may lend the others a letter.
    """
    own = [face for face in faces if face.family in families and face.family not in _FOUR]
    four = {face.family: face for face in faces if face.family in _FOUR}
    shown = [four[family] for family in _ORDER[form] if family in four]
    return [*own, *shown, *(face for face in faces if face not in own and face not in shown)]


def lends(face: Face) -> bool:
    """Say whether a face may stand beside the others within one name."""
    return face.family in _FOUR


def _writes(language: str) -> str:
    """Return the form a language tag asks for, or nothing (RFC 5646: language, script, region)."""
    primary, *rest = language.lower().replace("_", "-").split("-")
    if primary in {"zh", "yue"}:
        traditional = primary == "yue" or not _TRADITIONAL_PLACES.isdisjoint(rest)
        return "zh-Hant" if traditional and "hans" not in rest else "zh-Hans"
    return primary if primary in _ORDER else ""
