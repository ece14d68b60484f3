"""Templates that read files, fetch addresses or will not end: each with what must be said of it."""

from collections.abc import Iterator

PLANTED = "planted-secret-7c1"
_READERS = [
    '<img src="{}">',
    '<img src="{}" style="width:10mm">',
    "<style>@import url({});</style>",
    '<style>@import "{}";</style>',
    '<link rel="stylesheet" href="{}">',
    "<style>body {{ background-image: url({}) }}</style>",
    "<style>@page {{ background-image: url('{}') }}</style>",
    "<style>@font-face {{ font-family: x; src: url({}) }}</style>",
    '<p style="background: url({})">x</p>',
    '<p style="list-style-image: url(&quot;{}&quot;)">x</p>',
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<iframe src="{}"></iframe>',
    '<svg><image href="{}"/></svg>',
    '<svg><use xlink:href="{}"/></svg>',
    '<pdf:include src="{}">',
    '<base href="{}">',
    '<table background="{}"><tr><td>x</td></tr></table>',
    '<img srcset="{}">',
    '<img alt="x" src = {}>',
    "<style>p {{ background: u\\72l({}) }}</style>",
    "<style>/* */ @im\\70ort '{}';</style>",
    "<style>@/**/import '{}';</style>",
    "<style>p {{ background: u/* */rl({}) }}</style>",
    '<style></style x><img src="{}"></style>',
    '<style></style/><link rel="stylesheet" href="{}"></style>',
]
_OTHERS = {
    "a Django tag": "{% load static %}",
    "a Django filter": "{{ recipient_name|ljust:'999999999' }}",
    "an attribute": "{{ request.user.password }}",
    "a class walk": "{{ recipient_name.__class__ }}",
    "a Jinja expression": "{{ 7*7 }}",
    "a Jinja loop": "{% for a in range(999999999) %}x{% endfor %}",
    "a Django comment": "{# hidden #}",
    "an unknown field": "{{ password }}",
    "nested conditions": "{{#if grade}}{{#if grade}}x{{/if}}{{/if}}",
    "an open condition": "{{#if grade}}x",
    "a stray end": "x{{/if}}",
    "stray braces": "a }} b",
    "open braces": "a {{ b",
    "braces in braces": "{{ {{ recipient_name }} }}",
    "a script": "<script>fetch('http://127.0.0.1')</script>",
    "an event handler": '<p onclick="x()">x</p>',
    "a form": '<form action="http://127.0.0.1"><input></form>',
    "an SVG bomb": "<svg><g transform='scale(1e308)'><path d='M0 0'/></g></svg>",
    "billion laughs": '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><p>&b;</p><math/>',
    "a processing instruction": "<?php readfile('/etc/passwd') ?>",
    "tables 200 deep": "<table><tr><td>" * 200 + "x" + "</td></tr></table>" * 200,
    "boxes 5,000 deep": "<div>" * 5000,
    "boxes 5,000 deep after as many ends": "</div>" * 5000 + "<div>" * 5000,
    "a field in a style": '<p style="background: {{ custom.colour }}">x</p>',
    "a field in CSS": "<style>p { background: {{ custom.colour }} }</style>",
    "2 MB of text": "word " * 420_000,
    "a wide cell": '<table><tr><td colspan="100000">x</td></tr></table>',
    "a cell of nonsense": '<table><tr><td colspan="-1e9">x</td></tr></table>',
    "a CSS expression": "<style>p { width: expression(alert(1)) }</style>",
    "a huge length": "<style>p { width: 999999999mm }</style>",
    "a huge font": '<p style="font-size: 99999pt">x</p>',
    "a barcode": '<pdf:barcode value="x" type="qr">',
    "a table of contents": "<pdf:toc>",
    "a language switch": "<pdf:language name='x'>",
    "a colour of old": '<p style="color: expression(1)">x</p>',
    "a meta refresh": '<meta http-equiv="refresh" content="0;url=http://127.0.0.1">',
    "a data address": '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    "a pickled data address": '<img src="data:application/python-pickle;base64,gASVAA==">',
}


def refused(targets: list[str]) -> Iterator[tuple[str, str]]:
    """Yield templates that the door refuses, by name."""
    for reader in _READERS:
        for target in targets:
            yield f"{reader.format(target)[:60]}", reader.format(target)
    yield from _OTHERS.items()


STOPPED = {
    "a page of one point": "<style>@page { size: 1pt 1pt; margin: 0 }</style><p>text</p>",
    "text for many pages": "<p>" + "word " * 40_000 + "</p>",
    "a table of 60,000 cells": "<table>"
    + ("<tr>" + "<td>" * 45 + "</tr>") * 1000
    + "</table>",
    "letters no font has": "<p>ไทย</p>",
    "a page break": "<p>a</p><p style='page-break-before:always'>b</p>",
}  # fmt: skip
