"""JSON boxes as the house's own designs write them, in millimetres."""

from collections.abc import Mapping, Sequence
from typing import Any

from templates_app.design import Content

Json = dict[str, Any]


def text(words: Any, area: tuple[float, float, float, float], **style: Any) -> Json:
    """Return a text box; `when` is the field it is shown for."""
    if "when" in style:
        style["if"] = style.pop("when")
    return {"kind": "text", "text": words, **_area(*area), **style}


def line(words: str, y: float, h: float, **style: Any) -> Json:
    """Return one centred line across the page, for wording that is Arabic unless it says not."""
    return text(words, (40, y, 217, h), **{"align": "centre", "dir": "rtl", **style})


def image(asset: str, x: float, y: float, w: float, h: float, **style: Any) -> Json:
    """Return a box for one of the tenant's images."""
    return {"kind": "image", "asset": asset, **_area(x, y, w, h), **style}


def shape(x: float, y: float, w: float, h: float, **style: Any) -> Json:
    """Return a rectangle."""
    return {"kind": "shape", **_area(x, y, w, h), **style}


def ornament(pattern: str, x: float, y: float, w: float, h: float) -> Json:
    """Return a pattern in the brand colour."""
    return {"kind": "ornament", "pattern": pattern, "colour": "primary", **_area(x, y, w, h)}


def signature(
    signer: Mapping[str, str], index: int, x: float, rule: float, **style: Any
) -> list[Json]:
    """Return a hand above a rule of 55 mm, name and title below it."""
    wide, size = 55, 10.5 if style.get("dir") == "rtl" else 8.5  # Arabic letters are small
    return [
        image(
            f"signature-{index + 1}",
            x,
            rule - 15.4,
            wide,
            15,
            align=style["align"],
            sit="bottom",
            alt=f"✍ {signer['name']}",
        ),
        shape(x, rule, wide, 0.25, fill="ink"),
        text(signer["name"], (x, rule + 1.2, wide, 5), size=10, min_size=6, font="text", **style),
        text(
            signer["title"],
            (x, rule + 5.6, wide, 5.4),
            size=size,
            min_size=6,
            font="text",
            colour="ink 80%",
            **style,
        ),
    ]


def verification(
    label: Any,
    *,
    code: tuple[float, float, float],
    words: tuple[float, float],
    content: Content = Content.LINK,
    **style: Any,
) -> list[Json]:
    """Return the QR code and, beside it, what it is for and where it leads."""
    x, y, side = code
    left, wide = words
    size = 11 if style.get("dir") == "rtl" else 9
    said = {} if content is Content.LINK else {"content": content.value}
    return [
        {"kind": "qr", **_area(x, y, side, side), "colour": "ink", **said},
        text(label, (left, y + 6.7, wide, 6.5), size=size, font="text", weight=600, **style),
        text(
            "{{ verify_url }}",
            (left, y + 13.6, wide, 8),
            size=7.5,
            min_size=5,
            font="text",
            lines=2,
            features=["lnum", "tnum"],
            sit="top",
            **style,
        ),
    ]


def mirrored(parts: Sequence[Json], width: float) -> list[Json]:
    """Return boxes as they stand on a page of that width that is read from right to left."""
    turned = {"start": "end", "end": "start"}
    found = []
    for part in parts:
        box = part | {"x": width - part["x"] - part["w"]}
        if box["kind"] == "text":
            box["dir"] = "rtl"
        elif "align" in box:
            box["align"] = turned.get(box["align"], box["align"])
        found.append(box)
    return found


def _area(x: float, y: float, w: float, h: float) -> Json:
    return {"x": x, "y": y, "w": w, "h": h}
