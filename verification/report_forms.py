"""What a reader reports to the issuer."""

from django import forms
from django.utils.translation import gettext_lazy

from certificates.models import Case
from tenants.plain_text import PlainForm


class ReportForm(PlainForm):
    """What is wrong, in the reader's words, and where they may be answered."""

    subject = forms.ChoiceField(
        choices=Case.Subject,
        error_messages={"required": gettext_lazy("Choose what it is about.")},
    )
    text = forms.CharField(
        max_length=2000,
        error_messages={"required": gettext_lazy("Write in a sentence what is wrong.")},
    )
    contact = forms.EmailField(
        required=False,
        error_messages={"invalid": gettext_lazy("This is no e-mail address. It may stay empty.")},
    )
