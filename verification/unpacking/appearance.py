"""Whether two pages look the same to a person, however their files were written.

Both are cut to where there is ink, brought to one size and compared in small tiles. A stroke may
lie a pixel aside, as another program sets it; what is drawn over or taken away shows in its tile.
"""

from enum import StrEnum

from PIL import Image, ImageChops, ImageFilter

Picture = Image.Image

WIDTH = 2000  # pixels of the longer side
_PAPER = 250  # of 255: what is lighter is paper
_TILE = 8  # pixels
# Of 255, the mean of a tile. Measured on five demo pages printed anew by cairo: up to 18. A
# letter painted over another reached 41 or more at 14 points, at 12 points 12 to 63.
_NOTICEABLE = 28
_ANOTHER = 0.05  # share of tiles: more of them is another page, not a changed one
_SAME_SHAPE = 0.02  # relative difference of the sides' ratio


class Looks(StrEnum):
    """How a page compares with the one that was issued."""

    SAME = "same"
    CHANGED = "changed"
    ANOTHER = "another"


def compare(page: Image.Image, issued: Image.Image) -> Looks:
    """Compare two pages in grey."""
    one, other = _ink(page), _ink(issued)
    if one is None or other is None or not _are_alike(one.size, other.size):
        return Looks.ANOTHER
    one = _softened(one.resize(other.size, Image.Resampling.LANCZOS))
    other = _softened(other)
    beyond = ImageChops.lighter(_beyond(one, other), _beyond(other, one))
    tiles = (max(1, other.width // _TILE), max(1, other.height // _TILE))
    means = beyond.resize(tiles, Image.Resampling.BOX).tobytes()
    noticed = sum(mean > _NOTICEABLE for mean in means)
    if not noticed:
        return Looks.SAME
    return Looks.ANOTHER if noticed > _ANOTHER * len(means) else Looks.CHANGED


def _ink(page: Image.Image) -> Image.Image | None:
    box = page.point(lambda light: 255 if light < _PAPER else 0).getbbox()
    return page.crop(box) if box else None


def _are_alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    ratio = (one[0] * other[1]) / (one[1] * other[0])
    return abs(ratio - 1) < _SAME_SHAPE


def _softened(page: Image.Image) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(0.7))


def _beyond(one: Image.Image, other: Image.Image) -> Image.Image:
    """Return by how much each pixel is lighter or darker than all its neighbours in the other."""
    lightest, darkest = (
        other.filter(ImageFilter.MaxFilter(3)),
        other.filter(ImageFilter.MinFilter(3)),
    )
    return ImageChops.lighter(ImageChops.subtract(one, lightest), ImageChops.subtract(darkest, one))
