"""Forms whose text is only text: what no door takes in, the operators' door does not either."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext

# C0, C1 and bidi controls; tab and line breaks are what a text area is for.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def refuse_controls(form: forms.BaseForm) -> None:
    """Add an error to every field whose text holds a control character."""
    for name, value in list(form.cleaned_data.items()):
        if isinstance(value, str) and _CONTROL.search(value):
            form.add_error(
                name,
                gettext("This holds a control character that cannot be seen. Type it anew."),
            )


class PlainForm(forms.Form):
    """A form without control characters."""

    def clean(self) -> dict[str, Any]:
        """Refuse them."""
        refuse_controls(self)
        return self.cleaned_data
