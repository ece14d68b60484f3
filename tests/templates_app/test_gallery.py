"""The house's designs: found by name, each in the direction it has."""

import pytest

from templates_app import gallery
from tests.templates_app.designs import starter


class TestFind:
    def test_prefers_the_direction_that_is_asked_for(self) -> None:
        both = [gallery.find("Meridian", direction) for direction in ("ltr", "rtl")]
        layouts = [each.make(colours={}, signers=[], assets=[]) for each in both]
        assert [layout["language"] for layout in layouts] == ["en", "ar"]

    def test_takes_the_only_direction_there_is(self) -> None:
        assert gallery.find("Mashrabiya", "ltr").make == gallery.mashrabiya

    def test_refuses_a_name_that_nobody_has(self) -> None:
        with pytest.raises(KeyError):
            gallery.find("Harbor", "ltr")


class TestMeridian:
    def test_is_mirrored_for_arabic(self) -> None:
        plain, mirrored = (starter(f"{slug}-Meridian").layout for slug in ("harbourline", "alnahr"))
        assert len(plain["boxes"]) == len(mirrored["boxes"])
        for one, other in zip(plain["boxes"], mirrored["boxes"], strict=True):
            assert one["x"] + one["w"] / 2 == pytest.approx(210 - other["x"] - other["w"] / 2)
            assert (one["y"], one["h"]) == (other["y"], other["h"])
            if one["kind"] == "text":
                assert (one.get("dir", "ltr"), other["dir"]) == ("ltr", "rtl")

    def test_names_the_issuer_at_the_start_where_there_is_no_logo(self) -> None:
        for direction in ("ltr", "rtl"):
            made = gallery.meridian(colours={}, signers=[], assets=[], direction=direction)
            (box,) = [each for each in made["boxes"] if each.get("text") == "{{ issuer_name }}"]
            assert (box["align"], box.get("dir", "ltr")) == ("start", direction)
