"""In which language a line is, as far as its letters tell: for those who hear a page read out."""

from templates_app.rendering.itemise import EMOJI, script_of

# Scripts of languages that are not written in Latin letters (ISO 639, ISO 15924).
_WRITTEN = {
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ckb", "sd", "ug"), "Arab"),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg"), "Cyrl"),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), "Deva"),
    **dict.fromkeys(("he", "yi"), "Hebr"),
    **dict.fromkeys(("zh", "yue", "ja"), "Hani"),
    **dict.fromkeys(("am", "ti"), "Ethi"),
    "el": "Grek",
    "ko": "Hang",
    "hy": "Armn",
    "ka": "Geor",
    "dv": "Thaa",
    "bn": "Beng",
    "gu": "Gujr",
    "pa": "Guru",
    "ta": "Taml",
    "te": "Telu",
    "kn": "Knda",
    "ml": "Mlym",
    "si": "Sinh",
    "th": "Thai",
    "lo": "Laoo",
    "km": "Khmr",
    "my": "Mymr",
    "bo": "Tibt",
}
_SOLE = {"Hira": "ja", "Kana": "ja", "Hang": "ko"}


def language_of(text: str, *, document: str, own: str = "") -> str:
    """Return the language of a line whose script is not its document's, else nothing.

    `own` is that of the person named, empty where unknown; without it the script alone is told
    (BCP 47: `und-Arab`). A line of several scripts says nothing.
    """
    found = {script_of(letter) for letter in text} - {"", EMOJI}
    sole = next((_SOLE[script] for script in sorted(found) if script in _SOLE), "")
    scripts = {"Hani" if script in {"Hira", "Kana"} else script for script in found}
    if "Hang" in scripts:
        scripts.discard("Hani")
    if len(scripts) != 1 or _script(document) in scripts:
        return ""
    (script,) = scripts
    if own and _script(own) == script:
        return own
    return sole or f"und-{script}"


def _script(language: str) -> str:
    return _WRITTEN.get(language.split("-", 1)[0].lower(), "Latn")
