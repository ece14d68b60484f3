"""Sample recipients for previews and lint: the shortest, the longest, marks, two directions."""

from dataclasses import dataclass

from templates_app.design import STATEMENT

_COMMON = {
    "course_title": "Data Analysis with Spreadsheets",
    "course_version": "3",
    "completed_on": "12 November 2026",
    "issued_on": "13 November 2026",
    "expires_on": "12 November 2029",
    "grade": "Distinction",
    "issuer_name": "Harbourline Academy",
    "signatory_name": "Imogen Hartley",
    "signatory_title": "Principal",
    "certificate_id": "01890f2e-7d3c-7cc0-98c4-dc0c0c07398f",
    "verify_code": "0123-4567-89AB-CDEF-GHJK-MNPQ-RST5",
    "verify_url": (
        "https://certificates.harbourline.example/verify/0123-4567-89AB-CDEF-GHJK-MNPQ-RST5"
    ),
    # As long as usual, and signed by nobody.
    STATEMENT: f"eyJ{'0' * 170}.eyJ{'0' * 210}.{'0' * 86}",
}


@dataclass(frozen=True)
class Sample:
    """What a preview is filled with."""

    language: str
    values: dict[str, str]


def _sample(language: str, name: str, **values: str) -> Sample:
    return Sample(language, {**_COMMON, "recipient_name": name, **values})


SAMPLES = {
    "usual": _sample("en", "Siân Cadwaladr"),
    "short": _sample("en", "X", grade="", expires_on=""),
    "long": _sample(
        "de",
        "Maximiliana Josepha Wilhelmina von und zu Hohenstein-Wittelsberg "
        "geb. Freifrau von der Recke",
        course_title="Cymraeg i Ddechreuwyr – Welsh for Beginners",
    ),
    "marks": _sample("yo", "Títílayọ̀ Ọdúnsì"),
    "arabic": _sample(
        "ar",
        "فاطمة الزهراء النجار",
        course_title="مبادئ إدارة المشاريع",
        completed_on="١٢ نوفمبر ٢٠٢٦",
        grade="ممتاز",
        expires_on="",
    ),
    "japanese": _sample(
        "ja", "渡邊 ひなた", course_title="日本語ビジネス文書入門", completed_on="2026年11月12日"
    ),
}
