"""A line in another script than its document's says which language it is in."""

import io

import pikepdf
import pytest

from templates_app.design import Source
from templates_app.rendering.pdf import render_pdf
from templates_app.rendering.spoken import language_of
from tests.templates_app.designs import ISSUED_AT, VALUES, layout, qr, text


class TestLanguageOf:
    @pytest.mark.parametrize(
        ("words", "document", "own", "language"),
        [
            ("Siân Cadwaladr", "en", "cy", ""),
            ("فاطمة النجار", "en", "ar", "ar"),
            ("فاطمة النجار", "en", "", "und-Arab"),
            ("فاطمة النجار", "ar", "", ""),
            ("Anna Schmidt", "ar", "de", "de"),
            ("渡邊 ひなた", "en", "", "ja"),
            ("陳麗華", "en", "zh-Hant", "zh-Hant"),
            ("남궁하은 (南宮)", "en", "", "ko"),
            ("Grade: ممتاز", "en", "", ""),
            ("2026", "en", "", ""),
        ],
    )
    def test_is_told_by_the_letters(
        self, words: str, document: str, own: str, language: str
    ) -> None:
        assert language_of(words, document=document, own=own) == language


class TestPdf:
    def test_marks_the_paragraph_of_a_name(self) -> None:
        pdf = render_pdf(
            design=Source(layout(text(lines=2), text("{{ course_title }}", y=70), qr()), {}),
            values=VALUES | {"recipient_name": "فاطمة النجار"},
            attachments={},
            language="en",
            recipient_language="ar",
            issued_at=ISSUED_AT,
        )
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            told = [str(each.get("/Lang", "")) for each in opened.Root.StructTreeRoot.K.K]
        assert "ar" in told
        assert told.count("") == len(told) - 1
