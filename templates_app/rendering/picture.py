"""A certificate's pictures from the same layout as its PDF, without the PDF."""

from collections.abc import Collection, Mapping
from functools import lru_cache

from templates_app.design import Source
from templates_app.rendering import plate
from templates_app.rendering.fonts import FontSet, fonts_for
from templates_app.rendering.og import Card, card_plate
from templates_app.rendering.still import layout_of
from templates_app.rendering.variable import variable_layer

# The small one fills a phone's page, where the large one would be half a second on the way.
WIDTHS = {"png": 1600, "thumbnail": 640}
_KEPT = 16  # two to six megabytes each


def draw_pictures(
    *,
    design: Source,
    values: Mapping[str, str],
    language: str,
    card: Card,
    recipient_language: str = "",
    wanted: Collection[str] = ("png", "thumbnail", "card"),
    fonts: FontSet | None = None,
) -> dict[str, bytes]:
    """Return the pictures wanted as PNG: the same input gives the same bytes.

    The page, a small one, and the card that links show. Raises CannotDraw as the PDF does.
    """
    fonts = fonts or fonts_for(design.fonts)
    variable = variable_layer(
        design=design,
        values=values,
        language=language,
        recipient_language=recipient_language,
        fonts=fonts,
    )
    plates = [
        card_plate(design, variable.wording, fonts, card)
        if name == "card"
        else page_plate(design, variable.wording, fonts, WIDTHS[name])
        for name in wanted
    ]
    drawn = plate.print_on(plates, variable, texts={"Title": variable.title})
    return dict(zip(wanted, drawn, strict=True))


@lru_cache(maxsize=_KEPT)
def page_plate(design: Source, wording: str, fonts: FontSet, width: int) -> plate.Plate:
    """Return the plate of a design, made at its first use."""
    layout = layout_of(design)
    place = plate.whole_page(layout, width)
    picture = plate.still_picture(design, wording, fonts, (place.width, place.height))
    return plate.make(picture, layout, place)
