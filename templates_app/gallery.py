"""The house's own designs as JSON layouts: Harbour, Mashrabiya, and Meridian in both directions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from templates_app import boxes
from templates_app.boxes import Json
from templates_app.design import Content
from tenants.colours import DEFAULTS

_WIDTH, _HEIGHT = 297, 210
_FONTS = {
    "display": ["Playfair Display", "EB Garamond", "Noto Serif", "Amiri"],
    "text": ["EB Garamond", "Noto Serif", "Amiri"],
    "arabic": ["Amiri", "EB Garamond", "Noto Serif"],
    "plain": ["Noto Sans", "Noto Naskh Arabic"],
}
_SANS = {"text": ["Noto Sans", "Noto Sans Arabic"]}
_LOGO = {"en": "Logo", "ar": "الشعار"}
_TITLE = "{{ recipient_name }} – {{ course_title }}"


def harbour(
    *, colours: Mapping[str, str], signers: Sequence[Mapping[str, str]], assets: Collection[str]
) -> Json:
    """Return a modern page, flush to one axis, over an engraved calm sea."""
    axis, column, wide = 26, 66, 188
    parts = [
        boxes.ornament("waves", 0, 174, _WIDTH, 36),
        boxes.ornament("rosette", 212, 26, 106, 106),
        boxes.shape(0, 0, _WIDTH, 5, fill="primary"),
        boxes.shape(0, 6.1, _WIDTH, 0.45, fill="accent"),
        boxes.image("logo", axis, 20, 84, 17, align="start", alt=_LOGO),
        boxes.image("seal", 250, 64, 30, 30),
        boxes.text(
            {"en": "certificate of completion", "cy": "tystysgrif cwblhau"},
            (axis, 52, 120, 5),
            size=11,
            font="text",
            weight=600,
            colour="primary",
            tracking=90,
            features=["smcp"],
        ),
        boxes.text(
            {"en": "This certifies that", "cy": "Tystir bod"},
            (axis, 60, 120, 8),
            size=15,
            font="text",
            italic=True,
        ),
        boxes.text(
            "{{ recipient_name }}",
            (axis, 69.5, wide, 21),
            size=38,
            min_size=13,
            font="display",
            lines=2,
            sit="middle",
        ),
        boxes.shape(axis, 94.5, 24, 0.6, fill="accent"),
        boxes.text(
            {"en": "has completed", "cy": "wedi cwblhau"},
            (axis, 98, 120, 8),
            size=15,
            font="text",
            italic=True,
        ),
        boxes.text(
            "{{ course_title }}",
            (axis, 106, wide, 16),
            size=22,
            min_size=11,
            font="text",
            weight=600,
            colour="primary",
            lines=2,
            sit="middle",
        ),
        boxes.text(
            {"en": "on {{ completed_on }}", "cy": "ar {{ completed_on }}"},
            (axis, 122, column - 4, 7),
            size=12.5,
            min_size=8,
            font="text",
        ),
        boxes.text(
            {"en": "Grade: {{ grade }}", "cy": "Gradd: {{ grade }}"},
            (axis + column, 122, 100, 7),
            size=12.5,
            min_size=7,
            font="text",
            when="grade",
        ),
        boxes.text(
            {"en": "Valid until {{ expires_on }}", "cy": "Yn ddilys tan {{ expires_on }}"},
            (axis, 128.5, 120, 6),
            size=10.5,
            font="text",
            colour="ink 80%",
            when="expires_on",
        ),
    ]
    for index, signer in enumerate(signers[:2]):
        parts += boxes.signature(signer, index, axis + index * column, 163, align="start")
    parts += boxes.verification(
        {"en": "Verify this certificate", "cy": "Gwirio’r dystysgrif hon"},
        code=(246, 148, 25),
        words=(180, 64),
        align="end",
    )
    return _layout("en", parts, colours=colours, signers=signers, assets=assets)


def mashrabiya(
    *, colours: Mapping[str, str], signers: Sequence[Mapping[str, str]], assets: Collection[str]
) -> Json:
    """Return a framed page, centred, Arabic first, inside a lattice of eight-pointed stars."""
    left, wide = 34, 229
    parts = [
        boxes.ornament("lattice", 9, 9, 279, 192),
        boxes.ornament("khatam", 78.5, 31, 140, 140),
        boxes.image("logo", 98.5, 27, 100, 17, alt=_LOGO),
        boxes.line("شهادة إتمام", 48.5, 12.5, size=23, font="arabic", weight=700, colour="primary"),
        boxes.line("تُمنح هذه الشهادة إلى", 61.5, 10, size=15, font="arabic"),
        boxes.line("This certificate is awarded to", 71, 5, size=9.5, font="text", italic=True),
        boxes.text(
            "{{ recipient_name }}",
            (left, 79, wide, 21.5),
            size=42,
            min_size=13,
            font="arabic",
            lines=2,
            sit="middle",
            align="centre",
            dir="rtl",
        ),
        boxes.shape(136.5, 103.5, 24, 0.5, fill="accent"),
        boxes.line("لإتمام دورة", 104.5, 9, size=15, font="arabic"),
        boxes.line("for completing", 113, 5, size=9.5, font="text", italic=True),
        boxes.text(
            "{{ course_title }}",
            (left + 8, 118.5, wide - 16, 16),
            size=23,
            min_size=11,
            font="arabic",
            weight=700,
            colour="primary",
            lines=2,
            sit="middle",
            align="centre",
            dir="rtl",
        ),
        boxes.line(
            "{{ completed_on }}", 135.5, 7.5, size=13, font="arabic", min_size=8, features=["pnum"]
        ),
        boxes.line(
            "التقدير: {{ grade }}", 142.5, 7, size=12, font="arabic", min_size=7, when="grade"
        ),
        boxes.line(
            "صالحة حتى {{ expires_on }}",
            149,
            6.5,
            size=11,
            font="arabic",
            when="expires_on",
            features=["pnum"],
        ),
    ]
    for index, signer in enumerate(signers[:2]):
        parts += boxes.signature(signer, index, 205 - index * 62, 171, align="centre", dir="rtl")
    parts += boxes.verification(
        {"ar": "تحقّق من هذه الشهادة", "en": "Verify this certificate"},
        code=(36, 157, 25),
        words=(63, 64),
        align="end",
        dir="rtl",
    )
    return _layout("ar", parts, colours=colours, signers=signers, assets=assets)


def meridian(
    *,
    colours: Mapping[str, str],
    signers: Sequence[Mapping[str, str]],
    assets: Collection[str],
    direction: str = "ltr",
    content: Content = Content.LINK,
) -> Json:
    """Return an upright page of plain type, flush to one axis beside a band of the brand."""
    width, height = _HEIGHT, _WIDTH
    axis, column, wide = 62, 66, 128
    is_rtl = direction == "rtl"

    def words(english: str, welsh: str, arabic: str) -> Json | str:
        """Return wording that runs the page's way: a box has one direction for all languages."""
        return arabic if is_rtl else {"en": english, "cy": welsh}

    parts = [
        boxes.shape(0, 0, 45, height, fill="primary"),
        boxes.shape(45, 0, 0.9, height, fill="accent"),
        boxes.image("seal", 7.5, 15.5, 30, 30),
        boxes.image("logo", axis, 22, 84, 17, align="start", alt=_LOGO),
        boxes.text(
            words("Certificate of completion", "Tystysgrif cwblhau", "شهادة إتمام"),
            (axis, 76, wide, 6),
            size=11,
            font="text",
            weight=700,
            colour="primary",
        ),
        boxes.text(
            words("This certifies that", "Tystir bod", "تُمنح هذه الشهادة إلى"),
            (axis, 91, wide, 6),
            size=12,
            font="text",
        ),
        boxes.text(
            "{{ recipient_name }}",
            (axis, 99.5, wide, 28),
            size=36,
            min_size=10,
            font="text",
            weight=700,
            lines=3,
            sit="middle",
        ),
        boxes.shape(axis, 131, 16, 0.9, fill="accent"),
        boxes.text(
            words("has completed", "wedi cwblhau", "لإتمام دورة"),
            (axis, 138, wide, 6),
            size=12,
            font="text",
        ),
        boxes.text(
            "{{ course_title }}",
            (axis, 145.5, wide, 17),
            size=20,
            min_size=11,
            font="text",
            weight=700,
            colour="primary",
            lines=2,
            sit="middle",
        ),
        boxes.text(
            words("on {{ completed_on }}", "ar {{ completed_on }}", "{{ completed_on }}"),
            (axis, 165, column - 4, 6),
            size=12,
            min_size=8,
            font="text",
        ),
        boxes.text(
            words("Grade: {{ grade }}", "Gradd: {{ grade }}", "التقدير: {{ grade }}"),
            (axis + column, 165, wide - column, 6),
            size=12,
            min_size=7,
            font="text",
            when="grade",
        ),
        boxes.text(
            words(
                "Valid until {{ expires_on }}",
                "Yn ddilys tan {{ expires_on }}",
                "صالحة حتى {{ expires_on }}",
            ),
            (axis, 172, wide, 6),
            size=10,
            min_size=8,
            font="text",
            colour="ink 80%",
            when="expires_on",
        ),
    ]
    for index, signer in enumerate(signers[:2]):
        parts += boxes.signature(signer, index, axis + index * column, 222, align="start")
    parts += boxes.verification(
        words("Verify this certificate", "Gwirio’r dystysgrif hon", "تحقّق من هذه الشهادة"),
        code=(2.5, 249, 40) if content is Content.SIGNED else (7.5, 245, 30),
        content=content,
        words=(axis, wide),
        align="start",
    )
    return _layout(
        "ar" if is_rtl else "en",
        parts,
        colours=colours,
        signers=signers,
        assets=assets,
        page=(width, height),
        fonts=_SANS,
        is_mirrored=is_rtl,
    )


def _layout(
    language: str,
    parts: list[Json],
    *,
    colours: Mapping[str, str],
    signers: Sequence[Mapping[str, str]],
    assets: Collection[str],
    page: tuple[float, float] = (_WIDTH, _HEIGHT),
    fonts: Mapping[str, list[str]] = _FONTS,
    is_mirrored: bool = False,
) -> Json:
    """Return the layout, with the issuer's name where there is no logo, and no gaps otherwise."""
    if "logo" not in assets:
        logo = next(box for box in parts if box.get("asset") == "logo")
        area = (logo["x"], logo["y"], logo["w"], logo["h"])
        align = logo.get("align", "centre")
        parts = [
            *parts,
            boxes.text(
                "{{ issuer_name }}",
                area,
                size=18,
                min_size=7,
                font="text",
                weight=600,
                colour="primary",
                lines=2,
                align=align,
                sit="middle",
            ),
        ]
    parts = [box for box in parts if box["kind"] != "image" or box["asset"] in assets]
    if is_mirrored:
        parts = boxes.mirrored(parts, page[0])
    return {
        "page": {"width": page[0], "height": page[1]},
        "language": language,
        "title": _TITLE,
        "signatory": {key: signer[key] for signer in signers[:1] for key in ("name", "title")},
        "theme": {"colours": DEFAULTS | dict(colours), "fonts": dict(fonts)},
        "boxes": parts,
    }


@dataclass(frozen=True)
class Starter:
    """A design a tenant can begin with."""

    name: str
    make: Callable[..., Json]


# By direction; the first is what a new tenant has, the others are there to be chosen.
STARTERS = {
    "ltr": (
        Starter("Harbour", harbour),
        Starter("Meridian", meridian),
        Starter("Meridian, signed code", partial(meridian, content=Content.SIGNED)),
    ),
    "rtl": (
        Starter("Mashrabiya", mashrabiya),
        Starter("Meridian", partial(meridian, direction="rtl")),
        Starter(
            "Meridian, signed code",
            partial(meridian, direction="rtl", content=Content.SIGNED),
        ),
    ),
}
NAMES = tuple(dict.fromkeys(each.name for both in STARTERS.values() for each in both))


def find(name: str, direction: str) -> Starter:
    """Return the starter of a name, in a direction where it has that. Raises KeyError."""
    other = "ltr" if direction == "rtl" else "rtl"
    for starter in (*STARTERS[direction], *STARTERS[other]):
        if starter.name == name:
            return starter
    raise KeyError(name)
