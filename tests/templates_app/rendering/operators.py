"""An operator's folder of fonts, made for a test."""

import json
from pathlib import Path

import uharfbuzz as hb

from templates_app.rendering.fonts import font_set


def folder_of(path: Path, family: str, letters: str, *, scripts: list[str]) -> Path:
    """Write a folder with one font: a shipped one, cut down to some letters."""
    face = font_set().nearest(family, weight=400, italic=False)
    assert face is not None
    choice = hb.SubsetInput()
    choice.unicode_set.update(map(ord, letters))
    choice.layout_feature_tag_set.invert()
    path.mkdir(parents=True, exist_ok=True)
    (path / "own.ttf").write_bytes(bytes(hb.subset(face.hb_face, choice).blob.data))
    facts = {"family": "Operator Own", "weight": 400, "italic": False, "file": "own.ttf"}
    (path / "fonts.json").write_text(json.dumps([{**facts, "scripts": scripts}]))
    return path
