"""Does a face draw a letter with its marks where they belong? Having the glyphs is not enough."""

from functools import lru_cache
from unicodedata import combining

import uharfbuzz as hb

from templates_app.rendering.fonts import Face

_ABOVE, _BELOW = 230, 220  # canonical combining classes
_TOUCH = 0.02  # of the em: marks may come this near to what they sit on
_SCRIPTS = frozenset({"Latn", "Grek", "Cyrl"})


@lru_cache(maxsize=4096)
def draws(face: Face, cluster: str, script: str) -> bool:
    """Say whether the face has a cluster and, for stacked marks, seats them clear of each other.

    Fonts that lack an anchor print the mark beside or through the letter (M with macron, e with
    dot and tilde) and say nothing, so the ink is measured.
    """
    if not face.covers(cluster):
        return False
    return script not in _SCRIPTS or _marks_are_seated(face, cluster)


def _marks_are_seated(face: Face, cluster: str) -> bool:
    if not any(combining(letter) in {_ABOVE, _BELOW} for letter in cluster):
        return True
    boxes = _ink(face, cluster)
    if len(boxes) == 1:  # composed by the font's own drawing
        return True
    (left, bottom, right, top), *marks = boxes
    slack = face.hb_face.upem * _TOUCH
    for mark_left, mark_bottom, mark_right, mark_top in marks:
        if not left <= (mark_left + mark_right) / 2 <= right:
            return False
        if mark_bottom >= top - slack:
            top = mark_top
        elif mark_top <= bottom + slack:
            bottom = mark_bottom
        else:
            return False
    return True


def _ink(face: Face, cluster: str) -> list[tuple[int, int, int, int]]:
    """Return the ink of each glyph of a cluster: left, bottom, right, top."""
    buffer = hb.Buffer()
    buffer.add_str(cluster)
    buffer.guess_segment_properties()
    hb.shape(face.hb_font, buffer)
    boxes, pen = [], 0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        box = face.hb_font.get_glyph_extents(info.codepoint)
        if box is not None and box.width and box.height:
            left = pen + position.x_offset + box.x_bearing
            top = position.y_offset + box.y_bearing
            boxes.append((left, top + box.height, left + box.width, top))
        pen += position.x_advance
    return boxes
