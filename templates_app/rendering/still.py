"""The part of a design that is the same for everyone, made once and kept."""

from collections import OrderedDict
from functools import lru_cache

from templates_app.design import Layout, Source
from templates_app.layout import read_layout
from templates_app.rendering.assembling import Layer, assemble
from templates_app.rendering.compiled import Compiled
from templates_app.rendering.compiling import CannotLayOut, compile_design
from templates_app.rendering.fonts import FontSet
from templates_app.rendering.placing import place

__all__ = ["CannotLayOut", "compiled", "layout_of", "still"]
_KEPT = 32
_MOST_TRIES = 3
# Designs that could not be laid out, and how often they were tried: one that takes its ten
# seconds to fail must not take them again for each certificate.
_failed: OrderedDict[tuple[Source, str], tuple[int, CannotLayOut]] = OrderedDict()


@lru_cache(maxsize=_KEPT)
def layout_of(source: Source) -> Layout:
    """Return a design's layout, read once."""
    return read_layout(source.layout)


def compiled(source: Source, language: str, fonts: FontSet) -> Compiled:
    """Return a design in one of the languages it speaks, compiled. Raises CannotLayOut."""
    tries, error = _failed.get((source, language), (0, None))
    if error is not None and (error.is_final or tries >= _MOST_TRIES):
        raise error
    try:
        return _compiled(source, language, fonts)
    except CannotLayOut as failure:
        _failed[source, language] = (tries + 1, failure)
        while len(_failed) > _KEPT:
            _failed.popitem(last=False)
        raise


@lru_cache(maxsize=_KEPT)
def _compiled(source: Source, language: str, fonts: FontSet) -> Compiled:
    return compile_design(layout_of(source), source, language, fonts=fonts, place=place)


@lru_cache(maxsize=_KEPT)
def still(source: Source, language: str, fonts: FontSet) -> bytes:
    """Return a PDF of what is the same on every certificate: the page without its values."""
    return assemble(compiled(source, language, fonts), Layer())
