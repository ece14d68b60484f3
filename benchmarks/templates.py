"""How many HTML templates compile: prints each, and for those that do not the reason.

The templates were written as ordinary people write them, not with the compiler in mind.

Run: python benchmarks/templates.py [FOLDER]
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from templates_app.images import reencode  # noqa: E402 - the path comes first
from templates_app.rendering import html_door  # noqa: E402
from templates_app.rendering.compiling import CannotLayOut  # noqa: E402
from templates_app.rendering.fonts import font_set  # noqa: E402
from templates_app.rendering.html_page import HtmlSource, compiled_html  # noqa: E402
from templates_app.samples import SAMPLES  # noqa: E402

TEMPLATES = ROOT / "tests" / "templates_app" / "html_templates"
IMAGES = ROOT / "samples" / "branding" / "harbourline"
AIM = 0.9


def main(folder: Path) -> int:
    """Compile every template of a folder and print what came of it."""
    images = tuple(
        (f"{name}.png", reencode((IMAGES / f"{name}.png").read_bytes(), trim=False).content)
        for name in ("background", "logo", "seal", "signature-1")
    )
    files = sorted(folder.glob("*.html"))
    compiled = 0
    for file in files:
        template = file.read_text(encoding="utf-8")
        try:
            html_door.check(template, assets=dict(images))
            chosen = html_door.choose(template, SAMPLES["usual"].values)
            why = compiled_html(HtmlSource(chosen, images), font_set()).why
        except (html_door.BadTemplate, CannotLayOut) as error:
            why = f"REFUSED: {error}"
        compiled += not why
        print(f"{file.stem:<24}{why or 'compiled'}", flush=True)
    passed = compiled >= AIM * len(files)
    print(f"{compiled} of {len(files)} compile (aim {AIM:.0%})  {'PASS' if passed else 'FAIL'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else TEMPLATES))
