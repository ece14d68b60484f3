"""The house's own art, drawn as hairlines: engraved waves, guilloche, star-and-cross lattice."""

from collections.abc import Callable
from math import cos, pi, sin

from templates_app.design import Area
from templates_app.rendering.canvas import Canvas, Point

Tint = Callable[[float], str]
"""Returns a colour at a share between paper (0) and full (1)."""


def waves(canvas: Canvas, area: Area, colour: Tint, accent: Tint) -> None:
    """Draw a calm sea at the foot of a page: swelling lines that grow closer and darker."""
    count, steps = 44, 14
    canvas.save()
    canvas.rectangle(area.x, area.y, area.w, area.h)
    canvas.clip()
    for line in range(count):
        depth = line / (count - 1)
        middle = area.y + area.h * (0.16 + 0.9 * depth**0.86)
        swell = area.h * (0.115 - 0.055 * depth)
        phase = 2.2 * depth

        def height(along: float, swell: float = swell, phase: float = phase) -> float:
            turn = 2 * pi * along
            return swell * (sin(1.15 * turn + 0.6 + phase) + 0.42 * sin(2.6 * turn - 2 * phase))

        points, tangents = [], []
        for step in range(steps + 1):
            along, near = step / steps, 1e-4
            slope = (height(along + near) - height(along - near)) / (2 * near)
            points.append((area.x + area.w * along, middle - height(along)))
            tangents.append((area.w / steps, -slope / steps))
        gilded = line % 11 == 5  # noqa: PLR2004 - every eleventh line is gold
        canvas.stroke(
            accent(0.55) if gilded else colour(0.10 + 0.24 * depth), 0.26 if gilded else 0.2
        )
        canvas.curve(points, tangents, closed=False)
        canvas.paint("S")
    canvas.restore()


def rosette(canvas: Canvas, area: Area, colour: Tint, accent: Tint) -> None:
    """Draw a guilloche rosette: rings of hypotrochoids, as on banknotes."""
    radius = min(area.w, area.h) / 2
    middle = (area.x + area.w / 2, area.y + area.h / 2)
    rings = (
        (0.815, 0.175, 24, 6, colour(0.20)),
        (0.60, 0.16, 18, 6, accent(0.34)),
        (0.40, 0.12, 12, 5, colour(0.20)),
    )
    for mean, depth, petals, threads, shade in rings:
        canvas.stroke(shade, 0.16)
        for thread in range(threads):
            turn = 2 * pi * thread / threads
            _hypotrochoid(canvas, middle, (radius * mean, radius * depth), petals, turn)
        canvas.paint("S")


def lattice(canvas: Canvas, area: Area, colour: Tint, accent: Tint) -> None:
    """Draw a border of eight-pointed stars and the crosses between them, one tile wide."""
    pitch_wanted = 10.7
    across, down = round(area.w / pitch_wanted), round(area.h / pitch_wanted)
    pitch_x, pitch_y = area.w / across, area.h / down
    inner = (area.x + pitch_x, area.y + pitch_y, area.w - 2 * pitch_x, area.h - 2 * pitch_y)
    canvas.fill(colour(0.07))
    canvas.rectangle(area.x, area.y, area.w, area.h)
    canvas.rectangle(*inner)
    canvas.paint("f*")
    stars = [
        ((area.x + (i + 0.5) * pitch_x, area.y + (j + 0.5) * pitch_y))
        for i in range(across)
        for j in range(down)
        if i in {0, across - 1} or j in {0, down - 1}
    ]
    for scale, shade in ((1, colour(0.16)), (0.62, colour(0.9)), (0.25, accent(1))):
        canvas.fill(shade)
        _stars(canvas, stars, (pitch_x / 2 * scale, pitch_y / 2 * scale), "f")
    canvas.stroke(accent(0.95), 0.2)
    _stars(canvas, stars, (pitch_x / 2, pitch_y / 2), "S")
    for inset, width, shade in (
        (-2.0, 0.9, colour(1)),
        (-0.2, 0.3, accent(1)),
    ):
        canvas.stroke(shade, width)
        canvas.rectangle(area.x + inset, area.y + inset, area.w - 2 * inset, area.h - 2 * inset)
        canvas.paint("S")
    for inset, width, shade in ((0.2, 0.3, accent(1)), (1.7, 0.2, colour(0.8))):
        canvas.stroke(shade, width)
        x, y, w, h = inner
        canvas.rectangle(x + inset, y + inset, w - 2 * inset, h - 2 * inset)
        canvas.paint("S")


def khatam(canvas: Canvas, area: Area, colour: Tint, accent: Tint) -> None:
    """Draw turned squares one over another: a watermark of straight lines that reads as a star."""
    radius = min(area.w, area.h) / 2
    middle = (area.x + area.w / 2, area.y + area.h / 2)
    for scale, squares, shade in ((1.0, 12, colour(0.075)), (0.66, 8, accent(0.15))):
        canvas.stroke(shade, 0.18)
        for square in range(squares):
            turn = pi / 2 * square / squares
            canvas.polygon(
                _around(middle, (radius * scale, radius * scale), turn + pi / 2 * corner)
                for corner in range(4)
            )
        canvas.paint("S")


PATTERNS = {"waves": waves, "rosette": rosette, "lattice": lattice, "khatam": khatam}


def _hypotrochoid(
    canvas: Canvas, middle: Point, shape: tuple[float, float], petals: int, turn: float
) -> None:
    """Add r = mean + depth·cos(petals·θ + turn), by points and exact tangents."""
    mean, depth = shape
    steps = petals * 6
    points, tangents = [], []
    for step in range(steps + 1):
        angle = 2 * pi * step / steps
        radius = mean + depth * cos(petals * angle + turn)
        growth = -depth * petals * sin(petals * angle + turn)
        span = 2 * pi / steps
        points.append((middle[0] + radius * cos(angle), middle[1] + radius * sin(angle)))
        tangents.append(
            (
                (growth * cos(angle) - radius * sin(angle)) * span,
                (growth * sin(angle) + radius * cos(angle)) * span,
            )
        )
    canvas.curve(points, tangents, closed=True)


def _stars(canvas: Canvas, middles: list[Point], reach: Point, paint: str) -> None:
    """Paint eight-pointed stars {8/2}: the outline of two squares, one turned by 45°."""
    notch = cos(pi / 4) / cos(pi / 8)
    inner = (reach[0] * notch, reach[1] * notch)
    for middle in middles:
        canvas.polygon(
            _around(middle, inner if corner % 2 else reach, pi / 8 * corner) for corner in range(16)
        )
    canvas.paint(paint)


def _around(middle: Point, radii: tuple[float, float], angle: float) -> Point:
    return middle[0] + radii[0] * cos(angle), middle[1] + radii[1] * sin(angle)
