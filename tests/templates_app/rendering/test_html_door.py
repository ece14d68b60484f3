"""The door of a tenant's HTML: what may pass, and what is refused with its line."""

import pytest

from templates_app.rendering.html_door import (
    BadTemplate,
    check,
    choose,
    fields_of,
    fill,
    split_styles,
)
from tests.templates_app import hostile

TARGETS = ["/etc/passwd", "file:///etc/passwd", "../../manage.py", "http://127.0.0.1:9/x.png"]
CASES = dict(hostile.refused(TARGETS))


class TestCheck:
    @pytest.mark.parametrize("template", CASES.values(), ids=CASES.keys())
    def test_refuses(self, template: str) -> None:
        with pytest.raises(BadTemplate):
            check(template, assets={"logo.png"})

    def test_there_are_over_a_hundred_of_them(self) -> None:
        assert len(CASES) > 100

    @pytest.mark.parametrize(
        ("template", "line"),
        [
            ("<p>\n<p>\n<script>", 3),
            ("a\nb {{ nothing }}", 2),
            ("<style>\np { }\n@import 'x';\n</style>", 3),
            ("<p>\n<p style='background: url(x.png)'>", 2),
            ("\n\n{% x %}", 3),
            ("{{#if grade}}\n{{/if}}\n{{/if}}", 3),
        ],
    )
    def test_names_the_line(self, template: str, line: int) -> None:
        with pytest.raises(BadTemplate) as refusal:
            check(template, assets=())
        assert refusal.value.line == line

    def test_lets_ordinary_things_pass(self) -> None:
        check(
            "<style>@page { size: a4; background-image: url('logo.png') }</style>"
            '<p class="n">{{ recipient_name }}</p>{{#if custom.hours}}{{custom.hours}} h{{/if}}'
            '<img src="logo.png" alt="Logo"><img data-field="qr">',
            assets={"logo.png"},
        )


class TestFill:
    def test_values_are_data_whatever_they_look_like(self) -> None:
        hostile_name = "<img src=x> {{ grade }} {{#if grade}}"
        filled = fill("<p>{{ recipient_name }}</p>", {"recipient_name": hostile_name})
        assert "<img" not in filled
        assert "{{ grade }}" in filled

    def test_conditions_show_what_has_a_value(self) -> None:
        template = "a{{#if grade}}b{{ grade }}{{/if}}c"
        assert choose(template, {"grade": "1"}) == "ab{{ grade }}c"
        assert choose(template, {"grade": " "}) == "ac"
        assert fields_of(template) == ["grade"]


class TestSplitStyles:
    def test_nothing_but_the_list_passes_the_last_net(self) -> None:
        body, css = split_styles(
            "<style>p{}</style><p onclick=x>a<script>b</script><foo>c</foo></p>"
        )
        assert css == "p{}"
        assert body == "<p>ac</p>"
