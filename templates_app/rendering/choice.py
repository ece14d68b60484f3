"""Choose a font for each cluster of a text: by script, whole words alike, never a box."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import name

from templates_app.rendering import han, itemise
from templates_app.rendering.fonts import Face, FontSet
from templates_app.rendering.marks import draws


class CannotDraw(Exception):
    """Text that no font here draws right; `reason` is for the person who must act."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Style:
    """How a line is set, apart from its size.

    `language` is that of the person or text, empty where nobody told; `around` that of the page.
    """

    families: tuple[str, ...]
    weight: int = 400
    italic: bool = False
    tracking: float = 0
    features: tuple[str, ...] = ()
    language: str = "en"
    around: str = "en"
    direction: str = "ltr"


def choose(
    text: str,
    ranges: Sequence[tuple[int, int]],
    scripts: Sequence[str],
    style: Style,
    fonts: FontSet,
) -> list[Face]:
    """Return one face per cluster: for each script the first face that has all of its letters.

    One strange letter in a display face looks like a fault, so a face that lacks a letter is
    passed over for everything of that script; only where no face has them all are they mixed.
    Raises CannotDraw with the letters that no font has.
    """
    chosen: dict[str, Sequence[Face]] = {}
    for script in dict.fromkeys(scripts):
        wanted = {text[a:b] for (a, b), own in zip(ranges, scripts, strict=True) if own == script}
        chosen[script] = _faces(script, wanted, scripts, style, fonts)
    drawn = [(text[a:b], script) for (a, b), script in zip(ranges, scripts, strict=True)]
    found: dict[tuple[str, str], Face] = {}
    for cluster, script in dict.fromkeys(drawn):
        face = next((face for face in chosen[script] if draws(face, cluster, script)), None)
        if face is None:
            face = _face_for_symbol(cluster, style, fonts)
        if face is None:
            raise CannotDraw(missing(cluster, script))
        found[cluster, script] = face
    return [found[each] for each in drawn]


def missing(cluster: str, script: str) -> str:
    """Return the reason for which a cluster cannot be drawn."""
    letters = ", ".join(f"U+{ord(each):04X} {name(each, '')}".strip() for each in cluster)
    return f"no font has {letters} ({itemise.name_of(script, cluster[0])} script)"


def _faces(
    script: str, wanted: set[str], scripts: Sequence[str], style: Style, fonts: FontSet
) -> Sequence[Face]:
    """Return the faces a script's letters may come from: one alone where one has them all."""
    faces = fonts.candidates(
        script,
        style.families,
        weight=style.weight,
        italic=style.italic,
        language=style.language or style.around,
    )
    if script != "Hani":
        complete = next((face for face in faces if _draws_all(face, wanted, script)), None)
        return faces if complete is None else (complete,)
    form = han.forms(scripts, language=style.language, around=style.around)
    # The form of the reader's language outweighs one face for all letters.
    return [
        face
        for face in han.in_order(faces, style.families, form)
        if han.lends(face) or _draws_all(face, wanted, script)
    ]


def _draws_all(face: Face, wanted: set[str], script: str) -> bool:
    return all(draws(face, cluster, script) for cluster in wanted)


def _face_for_symbol(cluster: str, style: Style, fonts: FontSet) -> Face | None:
    """Symbols belong to no script: any face that has one may lend it."""
    if any(itemise.script_of(letter) for letter in cluster):
        return None
    for script in ("Latn", itemise.EMOJI, "Kana"):
        for face in fonts.candidates(
            script, style.families, weight=style.weight, italic=style.italic
        ):
            if face.covers(cluster):
                return face
    return None
