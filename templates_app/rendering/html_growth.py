"""How the lines of a page move when their fields grow, seen from two layouts of it."""

from collections.abc import Sequence

import pikepdf

from templates_app.rendering.html_reading import Drawn, Page, Ruled, Shown
from templates_app.rendering.html_slots import SENTINEL, Following, Uneven, plain

_SAME = 0.05  # points
_JOINED = 1.5


def lines_of(page: Page, fields: Sequence[str]) -> list[list[Shown]]:
    """Return the lines with sentinels in them, each as the pieces that stand side by side."""
    groups: list[list[Shown]] = []
    for shown in page.shown:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and abs(last.y - shown.y) < _SAME
            and abs(last.x + last.width - shown.x) < _JOINED
        ):
            groups[-1].append(shown)
        else:
            groups.append([shown])
    lines = [group for group in groups if any(SENTINEL.search(shown.text) for shown in group)]
    found = sorted(
        int(number) for line in lines for shown in line for number in SENTINEL.findall(shown.text)
    )
    if found != list(range(len(fields))):
        lost = sorted({fields[n] for n in range(len(fields)) if found.count(n) != 1})
        raise Uneven(f"{' and '.join(lost)} cannot be found on the page as one word")
    for line in lines:
        if not all(shown.plain for shown in line):
            raise Uneven(f"“{plain(line, fields)}” is turned, spaced out or justified")
    return lines


def following_of(page: Page, wider: Page, lines: list[list[Shown]]) -> dict[int, Following]:
    """Return underlines and grounds that grow with a part of a line, by each of their operators."""
    later = {shown.at: shown for shown in wider.shown}
    others = {ruled.ats: ruled for ruled in wider.ruled}
    found: dict[int, Following] = {}
    for ruled in page.ruled:
        other = others.get(ruled.ats)
        if other is None or _near(ruled.area, other.area):
            continue
        for line in lines:
            for part, shown in enumerate(line):
                beside = later.get(shown.at)
                if beside and _spans(ruled, shown) and _spans(other, beside):
                    found |= dict.fromkeys(ruled.ats, Following(line[0].at, part, ruled))
    return found


def _spans(ruled: Ruled, shown: Shown) -> bool:
    x, y, width, _ = ruled.area
    level = shown.y - shown.size < y < shown.y + shown.size
    return level and _near((x, width), (shown.x, shown.width), _JOINED)


def _near(one: Sequence[float], other: Sequence[float], by: float = _SAME) -> bool:
    return all(abs(a - b) < by for a, b in zip(one, other, strict=True))


def growth_of(
    page: Page, wider: Page, lines: list[list[Shown]], following: set[int]
) -> dict[int, float]:
    """Return for each line (by its first operator) the share of its growth that goes left."""
    variable = {shown.at for line in lines for shown in line}
    if len(page.shown) != len(wider.shown) or len(page.instructions) != len(wider.instructions):
        raise Uneven("the text flows differently when a field is longer")
    later = {shown.at: shown for shown in wider.shown}
    for shown in page.shown:
        other = later.get(shown.at)
        if other is None or abs(other.y - shown.y) > _SAME:
            raise Uneven("a line moves down when a field is longer")
        if shown.at not in variable and abs(other.x - shown.x) > _SAME:
            raise Uneven(f"“{shown.text[:40]}” moves when a field is longer")
    if [_outline(each) for each in page.drawn] != [_outline(each) for each in wider.drawn]:
        raise Uneven("an image moves when a field is longer")
    if _shapes(page, following) != _shapes(wider, following):
        raise Uneven("a line, a border or an underline follows the length of a field")
    shares = {}
    for line in lines:
        first, last = line[0], line[-1]
        before = last.x + last.width - first.x
        ends = later[last.at].x + later[last.at].width
        after = ends - later[first.at].x
        moved = first.x - later[first.at].x
        share = moved / (after - before) if after - before > _SAME else 0.0
        nearest = min((0.0, 0.5, 1.0), key=lambda each: abs(each - share))
        if abs(nearest - share) > 0.02:  # noqa: PLR2004 - of the growth
            raise Uneven(f"“{first.text[:40]}” is neither left, centred nor right")
        shares[first.at] = nearest
    return shares


def _outline(drawn: Drawn) -> tuple[str, tuple[float, ...]]:
    return drawn.name, tuple(round(side, 1) for side in drawn.area)


def _shapes(page: Page, following: set[int]) -> bytes:
    """Return everything that is drawn and is no text."""
    kept, in_text = [], False
    for at, instruction in enumerate(page.instructions):
        operator = str(instruction.operator)
        in_text |= operator == "BT"
        if not in_text and at not in following:
            kept.append(instruction)
        in_text &= operator != "ET"
    return pikepdf.unparse_content_stream(kept)
