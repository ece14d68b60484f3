"""Colours as #rrggbb: mixed, and how well they are told apart."""


def mix(first: str, second: str, share: float) -> str:
    """Return so much of the first colour on the second, as #rrggbb."""
    channels = zip(_channels(first), _channels(second), strict=True)
    mixed = (round(one * share + other * (1 - share)) for one, other in channels)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted(_luminance(each) for each in (first, second))
    return (lighter + 0.05) / (darker + 0.05)


def _channels(value: str) -> tuple[int, int, int]:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _luminance(value: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for part in (channel / 255 for channel in _channels(value))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
