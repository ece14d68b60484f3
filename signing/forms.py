"""Forms of the keys' screen."""

from django import forms

from signing.models import SigningKey
from tenants.models import Tenant

_LIVE = (SigningKey.State.NEXT, SigningKey.State.ACTIVE)


class OwnKeysForm(forms.Form):
    """Which tenant gets keys of its own: one that has none."""

    tenant = forms.ModelChoiceField(
        Tenant.objects.none(), label="Organisation", empty_label="Choose one"
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # what Django passes
        owners = SigningKey.objects.filter(state__in=_LIVE, tenant__isnull=False)
        field = self.fields["tenant"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Tenant.objects.exclude(pk__in=owners.values("tenant")).order_by("name")
