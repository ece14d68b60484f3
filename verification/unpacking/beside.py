"""A file beside those that were issued: words and looks of its page. Runs in a child."""

from collections.abc import Sequence
from pathlib import Path

from verification.unpacking import appearance, picture
from verification.unpacking.appearance import Looks
from verification.unpacking.pdf import Pages, is_active
from verification.unpacking.served import GIVEN, Facts, answered

PRELOAD = picture.PRELOAD


def pages(request: Facts, folder: Path) -> tuple[Facts, bytes]:
    """Compare the PDF `given` with those that were issued, named 0, 1, ...

    `{"pages", "active", "text", "issued": [{"text", "looks"}]}`; `text` is that of the page which
    shares most words with the first of them, or of all pages where there is none.
    """
    return answered(lambda: _pages(*_files(request, folder)))


def pictures(request: Facts, folder: Path) -> tuple[Facts, bytes]:
    """Compare the picture `given` with those that were issued, in the same form."""
    return answered(lambda: _pictures(*_files(request, folder)))


def _files(request: Facts, folder: Path) -> tuple[bytes, list[bytes]]:
    issued = [(folder / str(number)).read_bytes() for number in range(request["issued"])]
    return (folder / GIVEN).read_bytes(), issued


def _pages(content: bytes, issued: Sequence[bytes]) -> Facts:
    facts: Facts = {"active": is_active(content)}
    with Pages(content) as given:
        texts = list(given.texts())
        facts |= {"pages": given.number, "text": "\n".join(texts), "issued": []}
        if not issued:
            return facts
        own = [_first(each) for each in issued]
        index = _nearest(texts, own[0][0])
        seen = given.picture(index, width=appearance.WIDTH)
        return facts | {
            "text": texts[index],
            "issued": [_beside(text, appearance.compare(seen, page)) for text, page in own],
        }


def _pictures(content: bytes, issued: Sequence[bytes]) -> Facts:
    seen = picture.open_picture(content)
    looks = [appearance.compare(seen, picture.open_picture(each)) for each in issued]
    return {"pages": 1, "active": False, "text": "", "issued": [_beside("", one) for one in looks]}


def _first(pdf: bytes) -> tuple[str, appearance.Picture]:
    with Pages(pdf) as own:
        return own.text(0), own.picture(0, width=appearance.WIDTH)


def _beside(text: str, looks: Looks) -> Facts:
    return {"text": text, "looks": looks.value}


def _nearest(texts: Sequence[str], issued: str) -> int:
    words = set(issued.split())
    return max(range(len(texts)), key=lambda index: len(words & set(texts[index].split())))
