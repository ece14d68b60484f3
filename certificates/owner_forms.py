"""What a holder may choose and ask for on the owner's page."""

from django import forms
from django.utils.translation import gettext, gettext_lazy

from certificates.completion import NAME_LIMIT, read_name
from certificates.models import Certificate
from tenants.plain_text import PlainForm

LONGEST_TEXT = 2000


class ShareForm(forms.Form):
    """Who may see the page and the files."""

    visibility = forms.ChoiceField(choices=Certificate.Visibility)


class CorrectionForm(PlainForm):
    """The name as it should be."""

    wanted_name = forms.CharField(
        max_length=NAME_LIMIT,
        error_messages={"required": gettext_lazy("Write the name as it should be printed.")},
    )
    text = forms.CharField(required=False, max_length=LONGEST_TEXT)

    def clean_wanted_name(self) -> str:
        """Read the name as every door does."""
        name, problems = read_name(str(self.cleaned_data["wanted_name"]))
        if problems:
            raise forms.ValidationError(
                gettext("This cannot be printed as a name. Type it as it should be printed.")
            )
        return name


class DeletionForm(PlainForm):
    """The wish that it be deleted, said twice: a click alone may be a slip."""

    is_meant = forms.BooleanField(
        error_messages={"required": gettext_lazy("Tick the box if you mean it.")}
    )
    text = forms.CharField(required=False, max_length=LONGEST_TEXT)
