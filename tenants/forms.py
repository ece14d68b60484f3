"""Forms of the tenant screens."""

import json
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator

from tenants.api_keys import Scope
from tenants.colours import DEFAULTS
from tenants.models import Tenant, User
from tenants.plain_text import PlainForm
from tenants.roles import Role
from tenants.scoped_admin import ScopedForm

_HEX = RegexValidator(r"^#[0-9A-Fa-f]{6}$", "Write a colour as #RRGGBB.")


class ColourField(forms.CharField):
    """One colour, with the browser's own picker."""

    widget = forms.TextInput(attrs={"type": "color"})
    default_validators = [_HEX]


class TenantForm(ScopedForm):
    """A tenant, its colours picked one by one."""

    primary = ColourField(required=False, help_text="Brand colour: bands, rules, the badge.")
    ink = ColourField(required=False, help_text="Text.")
    accent = ColourField(required=False, help_text="Metal of ornaments and seal.")
    paper = ColourField(required=False, help_text="Ground of the page.")

    class Meta:
        model = Tenant
        fields = ()  # the admin names them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, default in DEFAULTS.items():
            self.initial.setdefault(name, self.instance.colours.get(name, default))

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Put the colours back into their one column."""
        picked = {name: self.cleaned_data.get(name) for name in DEFAULTS}
        self.instance.colours |= {name: value for name, value in picked.items() if value}
        return super().save(commit=commit)


class PrettyJSONField(forms.JSONField):
    """JSON that a person reads and edits: indented, in its own letters."""

    rows: ClassVar[int] = 6
    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Show it as code, which runs left to right in every language."""
        code = {"rows": self.rows, "class": "code", "dir": "ltr", "spellcheck": "false"}
        return {**super().widget_attrs(widget), **code}

    def prepare_value(self, value: Any) -> Any:
        """Write the value over several lines."""
        if isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)


class InTenantForm(PlainForm):
    """A form that makes something in one tenant; the only one is not asked for."""

    tenant = forms.ModelChoiceField(Tenant.objects.none(), label="Organisation")

    def __init__(self, *args: Any, tenants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tenant"]
        field.queryset = tenants  # type: ignore[attr-defined]
        sole = list(tenants[:2])
        if len(sole) == 1:
            field.initial, field.widget = sole[0], forms.HiddenInput()


class MemberForm(InTenantForm):
    """A new person with a role."""

    username = forms.CharField(max_length=150, validators=[User.username_validator])
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters. The person can change it after signing in.",
    )
    role = forms.ChoiceField(choices=[(role.value, role.value) for role in Role])

    def clean_username(self) -> str:
        """Refuse a name that is taken."""
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("This user name is taken.")
        return username

    def clean_password(self) -> str:
        """Apply the same rules as everywhere."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class ApiKeyForm(InTenantForm):
    """A new API key."""

    name = forms.CharField(max_length=100, help_text="Which platform will use it.")
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text="Give a platform only what it needs.",
    )
    expires_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="UTC. Empty: it does not expire.",
    )
