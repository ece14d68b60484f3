"""Read a page that xhtml2pdf laid out: where each piece of text stands, in which font."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pikepdf

_HEX = re.compile(r"<([0-9A-Fa-f]*)>")
Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage
Matrix = tuple[float, float, float, float, float, float]
_PARAMETERS = {
    "Tc": "char",
    "Tw": "word",
    "Tz": "stretch",
    "Ts": "rise",
    "TL": "leading",
    "w": "thickness",
}
_COLOURS = {"rg": "fill", "g": "fill", "RG": "stroke", "G": "stroke"}
_PATH, _PAINT = frozenset({"re", "m", "l", "c", "v", "y", "h"}), frozenset({"f", "f*", "S"})
_NUMERIC = frozenset(
    {*_PARAMETERS, "q", "Q", "cm", "rg", "g", "RG", "G", "w", "BT", "Tm", "T*", "Td", "TD"}
)
_WHOLE: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Shown:
    """Text one operator shows; places in points from the lower left corner of the page."""

    at: int  # which instruction
    text: str
    font: str  # PostScript name, without the tag of the subset
    size: float
    x: float
    y: float
    width: float
    colour: str
    plain: bool  # upright and without spacing of its own


@dataclass(frozen=True)
class Drawn:
    """An image and the rectangle it fills: x, y, width, height in points, y upwards."""

    at: int
    name: str
    area: tuple[float, float, float, float]


@dataclass(frozen=True)
class Ruled:
    """A filled rectangle or a level line; x, y, width, height in points, y upwards."""

    ats: tuple[int, ...]
    area: tuple[float, float, float, float]
    colour: str


@dataclass
class Page:
    """What was read."""

    instructions: list[Instruction]
    shown: list[Shown] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    ruled: list[Ruled] = field(default_factory=list)


class Font:
    """What text of a simple font says, and how wide it is."""

    def __init__(self, font: Any) -> None:
        self.font = font
        self.name = str(font.BaseFont).lstrip("/").split("+")[-1]
        self.is_embedded = "/FontDescriptor" in font and "/FontFile2" in font.FontDescriptor

    @cached_property
    def letters(self) -> dict[int, str]:
        """Code to text, from ToUnicode."""
        if "/ToUnicode" not in self.font:
            return {}
        cmap = self.font.ToUnicode.read_bytes().decode("latin-1")
        found: dict[int, str] = {}
        for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
            codes = _HEX.findall(block)
            found |= {int(a, 16): _text(b) for a, b in zip(codes[::2], codes[1::2], strict=True)}
        for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
            for first, _, texts in re.findall(
                r"<(\w+)>\s*<(\w+)>\s*(\[.*?\]|<\w+>)", block, re.DOTALL
            ):
                start = int(first, 16)
                found |= {start + n: _text(each) for n, each in enumerate(_HEX.findall(texts))}
        return found

    def read(self, data: bytes) -> str:
        """Return the text of a string of codes."""
        return "".join(self.letters.get(code, chr(code)) for code in data)

    def width(self, data: bytes) -> float:
        """Return the sum of advances in thousandths."""
        widths, first = self.font.get("/Widths"), int(self.font.get("/FirstChar", 0))
        if widths is None:
            return 0.0
        return sum(float(widths[code - first]) for code in data if 0 <= code - first < len(widths))


@dataclass
class _State:
    matrix: Matrix = _WHOLE
    fill: str = "#000000"
    stroke: str = "#000000"
    thickness: float = 1
    font: Font | None = None
    size: float = 0
    leading: float = 0
    char: float = 0
    word: float = 0
    stretch: float = 100
    rise: float = 0


def read_page(page: pikepdf.Page) -> Page:
    """Return the instructions of a page and what its text says where (ISO 32000-2 §9.4)."""
    fonts = {name: Font(font) for name, font in page.obj.Resources.get("/Font", {}).items()}
    reader = _Reader(fonts)
    result = Page(list(pikepdf.parse_content_stream(page)))
    for at, instruction in enumerate(result.instructions):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            continue
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator == "Do":
            a, b, c, d, e, f = reader.state.matrix
            if not b and not c:
                result.drawn.append(Drawn(at, str(operands[0]), (e, f, a, d)))
        else:
            result.shown.extend(reader.take(at, operator, operands))
            result.ruled.extend(reader.rule(at, operator, operands))
    return result


class _Reader:
    """The graphics state as far as text needs it."""

    def __init__(self, fonts: dict[str, Font]) -> None:
        self.fonts = fonts
        self.state = _State()
        self.saved: list[_State] = []
        self.line: Matrix = _WHOLE
        self.pen: Matrix = _WHOLE
        self.path: list[tuple[int, str, list[float]]] = []

    def rule(self, at: int, operator: str, operands: Sequence[Any]) -> Iterator[Ruled]:
        """Follow the path; yield it if it is one rectangle that is filled or one level line."""
        if operator in _PATH:
            self.path.append((at, operator, [float(each) for each in operands]))
        elif operator in {"B", "B*", "b", "b*", "s", "n", "W", "W*"}:
            self.path = []
        elif operator in _PAINT:
            path, self.path = self.path, []
            if [step[1] for step in path] == ["re"] and operator != "S":
                x, y, w, h = path[0][2]
                yield self._ruled((path[0][0], at), (x, y, w, h), self.state.fill)
            elif [step[1] for step in path] == ["m", "l"] and operator == "S":
                (x, y), (end, level) = path[0][2], path[1][2]
                if abs(y - level) < 1e-6:  # noqa: PLR2004 - level
                    thick = self.state.thickness
                    ats = (path[0][0], path[1][0], at)
                    area = (x, y - thick / 2, end - x, thick)
                    yield self._ruled(ats, area, self.state.stroke)

    def _ruled(
        self, ats: tuple[int, ...], area: tuple[float, float, float, float], colour: str
    ) -> Ruled:
        x, y, w, h = area
        a, _, _, d, e, f = self.state.matrix
        return Ruled(ats, (x * a + e, y * d + f, w * a, h * d), colour)

    def take(self, at: int, operator: str, operands: Sequence[Any]) -> Iterator[Shown]:
        """Follow one operator; yield what it shows."""
        if operator == "Tj":
            yield from self._show(at, bytes(operands[0]))
        elif operator == "TJ":
            parts = [bytes(each) for each in operands[0] if isinstance(each, pikepdf.String)]
            yield from self._show(at, b"".join(parts))
        elif operator == "Tf":
            self.state.font, self.state.size = self.fonts.get(str(operands[0])), float(operands[1])
        elif operator in _NUMERIC:
            self._set(operator, [float(each) for each in operands])

    def _set(self, operator: str, numbers: list[float]) -> None:
        state = self.state
        if operator in _PARAMETERS:
            setattr(state, _PARAMETERS[operator], numbers[0])
        elif operator == "q":
            self.saved.append(replace(state))
        elif operator == "Q":
            self.state = self.saved.pop() if self.saved else _State()
        elif operator == "cm":
            state.matrix = _times(_matrix(numbers), state.matrix)
        elif operator in _COLOURS:
            setattr(state, _COLOURS[operator], _colour(numbers))
        elif operator == "BT":
            self.line = self.pen = _WHOLE
        elif operator == "Tm":
            self.line = self.pen = _matrix(numbers)
        elif operator == "T*":
            self._move(0, -state.leading)
        else:
            state.leading = -numbers[1] if operator == "TD" else state.leading
            self._move(numbers[0], numbers[1])

    def _move(self, x: float, y: float) -> None:
        self.line = self.pen = _times((1, 0, 0, 1, x, y), self.line)

    def _show(self, at: int, data: bytes) -> Iterator[Shown]:
        state = self.state
        if state.font is None:
            return
        width = state.font.width(data) * state.size / 1000
        width += state.char * len(data) + state.word * data.count(b" ")
        a, b, c, d, e, f = _times(self.pen, state.matrix)
        upright = abs(b) < 1e-6 and abs(c) < 1e-6 and abs(a - d) < 1e-6  # noqa: PLR2004
        yield Shown(
            at=at,
            text=state.font.read(data),
            font=state.font.name,
            size=state.size * d,
            x=e,
            y=f + state.rise * d,
            width=width * a,
            colour=state.fill,
            plain=upright and not state.char and not state.word and state.stretch == 100,  # noqa: PLR2004
        )
        self.pen = _times((1, 0, 0, 1, width, 0), self.pen)


def _matrix(numbers: Sequence[float]) -> Matrix:
    a, b, c, d, e, f = numbers
    return a, b, c, d, e, f


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k,
        e * h + f * j + m,
    )  # fmt: skip


def _colour(numbers: Sequence[float]) -> str:
    channels = numbers if len(numbers) == 3 else [numbers[0]] * 3  # noqa: PLR2004 - red, green, blue
    return "#" + "".join(f"{round(min(max(each, 0), 1) * 255):02x}" for each in channels)


def _text(code: str) -> str:
    return bytes.fromhex(code).decode("utf-16-be", "replace")
