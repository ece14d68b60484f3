"""Forms of the operators' screens of certificates."""

from datetime import datetime
from typing import Any

from django import forms

from certificates.completion import GRADE_LIMIT, NAME_LIMIT, read_grade, read_name
from certificates.models import Certificate
from certificates.moments import read_time
from signing.models import SigningKey
from tenants.plain_text import PlainForm

# Superseding belongs to re-issuing, a compromised key to rotation: neither is picked by hand.
_BY_HAND = (
    Certificate.Reason.ISSUED_IN_ERROR,
    Certificate.Reason.FRAUD,
    Certificate.Reason.LEARNER_REQUEST,
    Certificate.Reason.OTHER,
)


class RevokeForm(PlainForm):
    """Why a certificate is withdrawn."""

    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *((reason.value, reason.label) for reason in _BY_HAND)],
        help_text="Shown on the public verify page.",
    )
    note = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For operators only; never public.",
    )


class ReissueForm(PlainForm):
    """What the corrected certificate says."""

    recipient_name = forms.CharField(max_length=NAME_LIMIT, help_text="As it is to be printed.")
    grade = forms.CharField(max_length=GRADE_LIMIT, required=False)
    reason = forms.CharField(
        max_length=200,
        help_text="For operators only, such as: name misspelt by the platform.",
    )

    def clean_recipient_name(self) -> str:
        """Read the name as every door does."""
        name, problems = read_name(str(self.cleaned_data["recipient_name"]))
        if problems:
            raise forms.ValidationError([f"{one.detail} {one.remedy}" for one in problems])
        return name

    def clean_grade(self) -> str:
        """Read the grade as every door does."""
        grade, problems = read_grade(str(self.cleaned_data["grade"]))
        if problems:
            raise forms.ValidationError([f"{one.detail} {one.remedy}" for one in problems])
        return grade


class StolenSinceForm(forms.Form):
    """For which moment the consequences are listed."""

    since = forms.DateTimeField(
        label="Stolen at (UTC)",
        help_text="Where it is not known: the last moment at which the key was surely safe.",
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
        ),
    )


class StolenForm(PlainForm):
    """The confirmation that a key is to be withdrawn, as of the moment that was listed."""

    at = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the audit chain: how it became known. No names of persons.",
    )
    ending = forms.CharField(
        label="Last 6 characters of the key",
        help_text="Typed, as they stand above: so that nobody withdraws the wrong key.",
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, key: SigningKey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ending = key.thumbprint[-6:]

    def clean_at(self) -> datetime:
        """Read the moment."""
        moment = read_time(str(self.cleaned_data["at"]))
        if moment is None:
            raise forms.ValidationError("The moment was damaged on its way. List again.")
        return moment

    def clean_ending(self) -> str:
        """Compare what was typed."""
        if self.cleaned_data["ending"].strip() != self._ending:
            raise forms.ValidationError("These are not the last 6 characters of this key.")
        return self._ending
