"""Forms of the designers' screens."""

from typing import Any

from django import forms

from templates_app import gallery
from templates_app.branding import ASSET_FILES
from templates_app.images import MOST_BYTES
from templates_app.queries import newest_assets
from templates_app.rendering import html_door
from templates_app.uploads import MOST_FONT_BYTES
from tenants.forms import InTenantForm, PrettyJSONField
from tenants.scoped_admin import ScopedForm


class LayoutField(PrettyJSONField):
    """A layout as indented JSON, with room for all of it."""

    rows = 36


class HtmlField(forms.CharField):
    """HTML and CSS as their author typed them."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"rows": 36, "class": "code", "dir": "ltr", "spellcheck": "false"}
        widget = forms.Textarea(attrs=attributes)
        super().__init__(**{**kwargs, "widget": widget, "strip": False, "required": True})

    def to_python(self, value: Any) -> str:
        """Undo what browsers do to the ends of lines."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class VersionForm(ScopedForm):
    """A draft: its layout, or its HTML, which is refused by the line that is wrong."""

    def clean_html(self) -> str:
        """Let nothing past that production would refuse."""
        html = str(self.cleaned_data["html"])
        images = {f"{name}.png" for name in newest_assets(self.instance.tenant)}
        try:
            html_door.check(html, assets=images)
        except html_door.BadTemplate as error:
            raise forms.ValidationError(str(error)) from error
        return html


class TemplateForm(ScopedForm):
    """A design; a new one begins with one of the house's own, or with an empty page."""

    begin_with = forms.ChoiceField(
        required=False,
        choices=[("", "an empty page"), *((name, name) for name in gallery.NAMES)],
        help_text="A draft is made of it in your colours, with the images there are. "
        "Who signs is added there. HTML begins with a page of its own.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:  # a layout, where nobody says otherwise
            self.fields["kind"].required = False


class AssetForm(InTenantForm):
    """An image for designs."""

    name = forms.ChoiceField(
        choices=[(name, name) for name in ASSET_FILES], help_text="What layouts call it."
    )
    file = forms.FileField(
        label="Image",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text="PNG or JPEG, at most 2 MiB and 10 million pixels. It is re-encoded.",
    )

    def clean_file(self) -> bytes:
        """Read no more than may be kept."""
        return _content(self.cleaned_data["file"], MOST_BYTES)


class FontForm(InTenantForm):
    """A font for designs."""

    family = forms.CharField(
        required=False,
        max_length=60,
        help_text="What designs call it. Empty: what it calls itself.",
    )
    weight = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1000,
        help_text="Of a variable font, which one file is made of: 400 is regular, 700 bold. "
        "Empty: its own.",
    )
    file = forms.FileField(
        label="Font",
        widget=forms.ClearableFileInput(attrs={"accept": ".ttf,.otf,.woff"}),
        help_text="TrueType, OpenType or WOFF, at most 4 MiB, static or variable. "
        "Its licence must allow embedding.",
    )

    def clean_file(self) -> bytes:
        """Read no more than may be kept; reasons name the file as its uploader does."""
        self.cleaned_data["file_name"] = str(self.cleaned_data["file"].name)
        return _content(self.cleaned_data["file"], MOST_FONT_BYTES)


def _content(upload: Any, most: int) -> bytes:
    if upload.size > most:
        raise forms.ValidationError(f"This file is larger than {most // 1024**2} MiB.")
    content: bytes = upload.read()
    return content
