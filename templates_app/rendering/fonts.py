"""The fonts there are: faces by family, kept open for the life of the process."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from unicodedata import normalize

import uharfbuzz as hb

from templates_app.design import Font
from templates_app.rendering.itemise import DRAWN

# Default-ignorable code points that names really hold.
_IGNORABLE = frozenset(
    {
        *range(0x200B, 0x2010),
        *range(0x2060, 0x2065),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
        *(0x00AD, 0x034F, 0x061C, 0xFEFF),
    }
)
SHIPPED = Path(__file__).resolve().parents[2] / "fonts"
_directories = [SHIPPED]


@dataclass(frozen=True, eq=False)
class Face:
    """One font file, opened once; a face is itself alone, so that it is quick to look up."""

    family: str
    weight: int
    italic: bool
    path: Path
    scripts: frozenset[str]
    # A style of writing that only some languages use, such as Nastaliq; empty for all others.
    languages: frozenset[str] = frozenset()
    # A tenant's own font lies in the database; its path is a name and nothing else.
    own: bytes = field(default=b"", repr=False)

    @property
    def content(self) -> bytes:
        """The whole file."""
        return self.own or self.path.read_bytes()

    @cached_property
    def hb_face(self) -> hb.Face:
        """The parsed file; HarfBuzz maps it, so processes share its pages."""
        if self.own:
            return hb.Face(hb.Blob(self.own))
        return hb.Face(hb.Blob.from_file_path(str(self.path)))

    @cached_property
    def is_cff(self) -> bool:
        """Say whether the outlines are cubic, in a table of the name CFF."""
        return "CFF " in self.hb_face.table_tags

    @cached_property
    def hb_font(self) -> hb.Font:
        """The face at one unit per font unit."""
        return hb.Font(self.hb_face)

    @cached_property
    def letters(self) -> frozenset[int]:
        """Every code point the face has a glyph for."""
        return frozenset(self.hb_face.unicodes)

    @cached_property
    def _boxes(self) -> dict[int, tuple[float, float, float, float] | None]:
        return {}

    def box(self, gid: int) -> tuple[float, float, float, float] | None:
        """Return left, bottom, right and top of a glyph's ink in thousandths, None for a space."""
        if gid not in self._boxes:
            scale, found = 1000 / self.hb_face.upem, self.hb_font.get_glyph_extents(gid)
            self._boxes[gid] = (
                (
                    found.x_bearing * scale,
                    (found.y_bearing + found.height) * scale,
                    (found.x_bearing + found.width) * scale,
                    found.y_bearing * scale,
                )
                if found is not None and found.width and found.height
                else None
            )
        return self._boxes[gid]

    def covers(self, cluster: str) -> bool:
        """Say whether the face draws a letter with all its marks, composed or not."""
        return any(
            all(ord(letter) in self.letters or is_ignorable(letter) for letter in form)
            for form in (cluster, normalize("NFD", cluster))
        )


class FontSet:
    """Faces of one or more folders, each with a fonts.json."""

    def __init__(self, directories: Iterable[Path]) -> None:
        summary = hashlib.sha256(" ".join(sorted(DRAWN)).encode())
        self.faces: list[Face] = []
        # Scripts of an operator's fonts: whoever lists them has looked at what they print.
        self.vouched: frozenset[str] = frozenset()
        for directory in directories:
            manifest = (directory / "fonts.json").read_bytes()
            summary.update(hashlib.sha256(manifest).digest())
            found = list(_read(directory, manifest))
            self.faces += found
            if directory != SHIPPED:
                self.vouched = self.vouched.union(*(face.scripts for face in found))
        # Changes with every font that comes, goes or is replaced, and every script looked at.
        self.digest = summary.hexdigest()
        self._candidates: dict[tuple[str, tuple[str, ...], int, bool, str], tuple[Face, ...]] = {}

    def with_own(self, fonts: Sequence[Font]) -> "FontSet":
        """Return a set in which a tenant's fonts come first, also before others of their names."""
        own = [_own(font) for font in fonts]
        names = {face.family for face in own}
        digests = " ".join((self.digest, *(font.sha256 for font in fonts)))
        made = FontSet(())
        made.faces = [*own, *(face for face in self.faces if face.family not in names)]
        made.vouched = self.vouched
        made.digest = hashlib.sha256(digests.encode()).hexdigest()
        return made

    def families(self) -> frozenset[str]:
        """Return the names a design may use."""
        return frozenset(face.family for face in self.faces)

    def nearest(self, family: str, *, weight: int, italic: bool) -> Face | None:
        """Return the family's face nearest to a weight and slant, or None without the family."""
        faces = [face for face in self.faces if face.family == family]
        return min(
            faces,
            key=lambda face: (face.italic != italic, abs(face.weight - weight)),
            default=None,
        )

    def of_script(self, script: str) -> list[str]:
        """Return the families made for a script, in the order they are tried."""
        return list(dict.fromkeys(face.family for face in self.faces if script in face.scripts))

    def candidates(
        self, script: str, families: Sequence[str], *, weight: int, italic: bool, language: str = ""
    ) -> tuple[Face, ...]:
        """Return faces made for a script: first the design's own families, then all others.

        The script decides, not the letter: a Japanese font has Latin letters too, and they
        would stand out in a line of Latin.
        """
        wish = (script, tuple(families), weight, italic, language)
        if wish not in self._candidates:
            order = dict.fromkeys((*families, *self.of_script(script)))
            nearest = [self.nearest(each, weight=weight, italic=italic) for each in order]
            self._candidates[wish] = tuple(_made_for(script, nearest, language))
        return self._candidates[wish]


def is_ignorable(letter: str) -> bool:
    """Say whether a code point needs no glyph: joiners, marks of direction, variation."""
    return ord(letter) in _IGNORABLE


@cache
def font_set() -> FontSet:
    """Return the shipped fonts and those of the operator's folders."""
    return FontSet(_directories)


def fonts_for(own: Sequence[Font]) -> FontSet:
    """Return the fonts of one design: those of its tenant, then everybody's."""
    return _with_own(font_set(), tuple(own)) if own else font_set()


@lru_cache(maxsize=32)
def _with_own(everybodys: FontSet, own: tuple[Font, ...]) -> FontSet:
    return everybodys.with_own(own)


def use_directories(extra: Iterable[Path]) -> None:
    """Let the process know an operator's folders of fonts, each with a fonts.json."""
    _directories[1:] = [folder for folder in extra if (folder / "fonts.json").is_file()]
    font_set.cache_clear()


def _read(directory: Path, manifest: bytes) -> Iterator[Face]:
    for entry in json.loads(manifest):
        yield Face(
            family=entry["family"],
            weight=entry["weight"],
            italic=entry["italic"],
            path=directory / entry["file"],
            scripts=frozenset(entry["scripts"]),
            languages=frozenset(entry.get("languages", ())),
        )


def _own(font: Font) -> Face:
    return Face(
        family=font.family,
        weight=font.weight,
        italic=font.italic,
        path=Path(f"Own{font.sha256[:16]}"),
        scripts=frozenset(font.scripts),
        own=font.content,
    )


def _made_for(script: str, faces: Iterable[Face | None], language: str) -> Iterator[Face]:
    primary = language.split("-", maxsplit=1)[0].lower()
    for face in faces:
        if face is None or script not in face.scripts:
            continue
        if not face.languages or primary in face.languages:
            yield face
