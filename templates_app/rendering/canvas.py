"""Write PDF page content: colours, paths and clips, in millimetres from the upper left corner."""

from collections.abc import Iterable, Sequence
from math import cos, pi, sin

POINTS = 72 / 25.4
Point = tuple[float, float]


class Canvas:
    """Operators of one content stream (ISO 32000-2 §8)."""

    def __init__(self, page_height: float) -> None:
        self.page_height = page_height
        self.operators: list[str] = []

    def bytes(self) -> bytes:
        """Return the stream so far, safe to put beside any other."""
        return ("q\n" + "\n".join(self.operators) + "\nQ\n").encode("ascii")

    def fill(self, colour: str) -> None:
        """Set the colour of areas and letters."""
        self.operators.append(f"{rgb(colour)} rg")

    def stroke(self, colour: str, width: float) -> None:
        """Set the colour and the width of lines; their ends and corners are round."""
        self.operators.append(f"{rgb(colour)} RG {number(width * POINTS)} w 1 J 1 j")

    def rectangle(self, x: float, y: float, w: float, h: float) -> None:
        """Add a rectangle to the path."""
        left, bottom = self._place((x, y + h))
        self.operators.append(f"{left} {bottom} {number(w * POINTS)} {number(h * POINTS)} re")

    def polygon(self, points: Iterable[Point]) -> None:
        """Add a closed straight-sided outline to the path."""
        first, *rest = points
        self.operators.append(" ".join((*self._place(first), "m")))
        self.operators.extend(" ".join((*self._place(point), "l")) for point in rest)
        self.operators.append("h")

    def curve(self, points: Sequence[Point], tangents: Sequence[Point], *, closed: bool) -> None:
        """Add a smooth line through points, given the way it runs at each (Hermite to Bézier)."""
        self.operators.append(" ".join((*self._place(points[0]), "m")))
        for (x0, y0), (dx0, dy0), (x1, y1), (dx1, dy1) in zip(
            points, tangents, points[1:], tangents[1:], strict=False
        ):
            controls = ((x0 + dx0 / 3, y0 + dy0 / 3), (x1 - dx1 / 3, y1 - dy1 / 3), (x1, y1))
            placed = (tenths(side) for point in controls for side in self._points(point))
            self.operators.append(" ".join((*placed, "c")))
        if closed:
            self.operators.append("h")

    def circle(self, x: float, y: float, radius: float) -> None:
        """Add a circle to the path."""
        turns = [pi / 2 * quarter for quarter in range(5)]
        pull = radius * 4 * (2**0.5 - 1)  # a quarter circle as one cubic
        self.curve(
            [(x + radius * cos(turn), y + radius * sin(turn)) for turn in turns],
            [(-pull * sin(turn), pull * cos(turn)) for turn in turns],
            closed=True,
        )

    def paint(self, operator: str) -> None:
        """Finish the path: f fills, S strokes, B does both, f* and B* leave holes."""
        self.operators.append(operator)

    def clip(self) -> None:
        """Let the path bound what is painted until `restore`."""
        self.operators.append("W* n")

    def save(self) -> None:
        """Remember colours and clip."""
        self.operators.append("q")

    def restore(self) -> None:
        """Go back to what was saved."""
        self.operators.append("Q")

    def _place(self, point: Point) -> tuple[str, str]:
        x, y = self._points(point)
        return number(x), number(y)

    def _points(self, point: Point) -> Point:
        return point[0] * POINTS, (self.page_height - point[1]) * POINTS


def number(value: float) -> str:
    """Return a number as short as PDF allows at a hundredth of a point."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def tenths(value: float) -> str:
    """Return a number at a tenth of a point, fine enough for the bends of a hairline."""
    return f"{value:.1f}".removesuffix(".0")


def rgb(colour: str) -> str:
    """Return a colour as the three operands of an operator."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3f}" for at in (1, 3, 5))
