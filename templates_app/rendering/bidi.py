"""The order of mixed left-to-right and right-to-left text (Unicode Standard Annex 9).

Explicit embeddings and overrides are refused at every door of the service, so rules X1 to X8
are left out; fields that a template puts into a sentence are isolates (FSI … PDI) by position.
"""

from collections.abc import Sequence
from unicodedata import bidirectional, category, mirrored

_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
# Where these stand alone and the line runs to the right, all rules come to the same: numbers
# become L (W7, for sos is L), neutrals take the direction around them (N1, N2).
_CALM = frozenset({"L", "EN", "ES", "ET", "CS", "NSM", "BN", *_NEUTRAL})
_OBJECT = "\ufffc"


def base_level(text: str, default: int = 0) -> int:
    """Return 1 where the first strong letter reads right to left, 0 where left to right."""
    for letter in text:
        kind = bidirectional(letter)
        if kind in {"L", "R", "AL"}:
            return 0 if kind == "L" else 1
    return default


def levels(text: str, base: int, isolates: Sequence[tuple[int, int]] = ()) -> list[int]:
    """Return one embedding level per letter; `isolates` are ranges that order themselves."""
    outer, start = "", 0
    for first, end in isolates:
        outer += text[start:first] + _OBJECT
        start = end
    around = iter(_resolve(outer + text[start:], base))
    result: list[int] = []
    start = 0
    for first, end in isolates:
        result += [next(around) for _ in range(first - start)]
        next(around)
        inner = text[first:end]
        own = base_level(inner, base % 2)
        # X5c: an isolate lies one level of its own direction above what surrounds it.
        result += _resolve(inner, base + 1 if (base + 1) % 2 == own else base + 2)
        start = end
    return result + list(around)


def visual_order(run_levels: Sequence[int]) -> list[int]:
    """Return the indexes of runs from left to right (rule L2)."""
    order = list(range(len(run_levels)))
    if not order:
        return order
    for level in range(max(run_levels), 0, -1):
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and run_levels[order[end]] >= level:
                end += 1
            order[at:end] = reversed(order[at:end])
            at = max(end, at + 1)
    return order


def _resolve(text: str, base: int) -> list[int]:
    """Levels of one isolating sequence: W1 to W7, N0 to N2, I1 and I2, L1."""
    original = [bidirectional(letter) or "L" for letter in text]
    if base % 2 == 0 and _CALM.issuperset(original):
        return [base] * len(text)
    edge = "R" if base % 2 else "L"
    kinds = _weak(original, edge)
    _brackets(text, original, kinds, edge)
    _neutral(kinds, edge)
    result = [base + _raise(kind, base) for kind in kinds]
    # L1: white space at the end of the line goes back to the level of the paragraph.
    for at in range(len(text) - 1, -1, -1):
        if original[at] not in {"WS", "S", "B", "BN"}:
            break
        result[at] = base
    return result


def _weak(original: Sequence[str], edge: str) -> list[str]:
    """W1 to W7."""
    kinds = list(original)
    for at, kind in enumerate(kinds):  # W1; BN goes with its neighbour too
        if kind in {"NSM", "BN"}:
            kinds[at] = kinds[at - 1] if at else edge
    _numbers_after(kinds, edge, strong="AL", become="AN")  # W2
    kinds = ["R" if kind == "AL" else kind for kind in kinds]  # W3
    for at in range(1, len(kinds) - 1):  # W4
        before, kind, after = kinds[at - 1 : at + 2]
        if before == after and (kind, before) in {("ES", "EN"), ("CS", "EN"), ("CS", "AN")}:
            kinds[at] = before
    _terminators(kinds)  # W5
    kinds = ["ON" if kind in {"ES", "CS", "ET"} else kind for kind in kinds]  # W6
    _numbers_after(kinds, edge, strong="L", become="L")  # W7
    return kinds


def _numbers_after(kinds: list[str], edge: str, *, strong: str, become: str) -> None:
    """European numbers take a new kind where the last strong letter before them is `strong`."""
    last = edge
    for at, kind in enumerate(kinds):
        if kind in {"L", "R", "AL"}:
            last = kind
        elif kind == "EN" and last == strong:
            kinds[at] = become


def _terminators(kinds: list[str]) -> None:
    """Signs such as % and $ go with a European number that they touch."""
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if end > at and "EN" in (kinds[at - 1 : at] + kinds[end : end + 1]):
            kinds[at:end] = ["EN"] * (end - at)
        at = max(end, at + 1)


def _brackets(text: str, original: Sequence[str], kinds: list[str], edge: str) -> None:
    """N0: both brackets of a pair take one direction."""
    for opening, closing in sorted(_pairs(text, kinds)):
        inside = {_strong(kind) for kind in kinds[opening + 1 : closing]} - {""}
        if edge in inside:
            side = edge
        elif inside:
            before = [_strong(kind) for kind in kinds[:opening] if _strong(kind)]
            side = next(iter(inside)) if before and before[-1] in inside else edge
        else:
            continue
        for bracket in (opening, closing):
            kinds[bracket] = side
            after = bracket + 1
            while after < len(kinds) and original[after] == "NSM":
                kinds[after] = side
                after += 1


def _pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """BD16; a closing bracket stands one or two code points behind its opening one."""
    stack: list[tuple[int, str]] = []
    found = []
    for at, letter in enumerate(text):
        if kinds[at] != "ON" or not mirrored(letter):
            continue
        if category(letter) == "Ps":
            following = chr(ord(letter) + 1)
            stack.append((at, following if category(following) == "Pe" else chr(ord(letter) + 2)))
        elif category(letter) == "Pe":
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][1] == letter:
                    found.append((stack[depth][0], at))
                    del stack[depth:]
                    break
    return found


def _neutral(kinds: list[str], edge: str) -> None:
    """N1 and N2: neutrals follow their surroundings where those agree, else the paragraph."""
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > at:
            before = _strong(kinds[at - 1]) if at else edge
            after = _strong(kinds[end]) if end < len(kinds) else edge
            kinds[at:end] = [before if before == after else edge] * (end - at)
        at = max(end, at + 1)


def _strong(kind: str) -> str:
    return "R" if kind in {"R", "EN", "AN"} else kind if kind == "L" else ""


def _raise(kind: str, base: int) -> int:
    """I1 and I2."""
    if base % 2 == 0:
        return {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)
    return 1 if kind in {"L", "EN", "AN"} else 0
