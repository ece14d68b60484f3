"""Images and shapes of a design as HTML, every box at its place in millimetres."""

from collections.abc import Mapping

from templates_app.design import Align, Area, Image, Layout, Shape, Sit
from templates_app.layout import colour

STAND_IN = "stand-in.png"
Size = tuple[int, int]


def page_html(layout: Layout, sizes: Mapping[str, Size]) -> str:
    """Return the page; `sizes` are those of the images in pixels, for each the stand-in is shown.

    Only the place matters: the picture itself takes another way into the file.
    """
    page = f"@page {{ size: {layout.width}mm {layout.height}mm; margin: 0 }}"
    parts = [f"<html><head><style>{page} body {{ margin: 0 }}</style></head><body>"]
    for box in layout.boxes:
        if isinstance(box, Shape):
            parts.append(_shape_html(layout, box))
        elif isinstance(box, Image) and box.asset in sizes:
            parts.append(_image_html(box, sizes[box.asset]))
    return "".join(parts) + "</body></html>"


def image_area(box: Image, size: Size) -> Area:
    """Return the place of an image: as large as its box allows, in its own proportions."""
    area = box.area
    scale = min(area.w / size[0], area.h / size[1])
    w, h = size[0] * scale, size[1] * scale
    return Area(
        area.x + (area.w - w) * {Align.START: 0, Align.CENTRE: 0.5, Align.END: 1}[box.align],
        area.y + (area.h - h) * {Sit.TOP: 0, Sit.MIDDLE: 0.5, Sit.BOTTOM: 1}[box.sit],
        w,
        h,
    )


def _shape_html(layout: Layout, box: Shape) -> str:
    style = f"background-color: {colour(layout, box.fill)};" if box.fill else ""
    if box.stroke:
        style += f"border: {box.thickness}mm solid {colour(layout, box.stroke)};"
    return _div(box.area, style, "")


def _image_html(box: Image, size: Size) -> str:
    area = image_area(box, size)
    image = f'<img src="{STAND_IN}" style="width: {area.w:.3f}mm; height: {area.h:.3f}mm">'
    return _div(area, "", image)


def _div(area: Area, style: str, content: str) -> str:
    return (
        f'<div dir="ltr" style="position: absolute; left: {area.x:.3f}mm; top: {area.y:.3f}mm;'
        f' width: {area.w:.3f}mm; height: {area.h:.3f}mm; {style}">{content}</div>'
    )
