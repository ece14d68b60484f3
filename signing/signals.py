"""What signing tells others."""

from django.dispatch import Signal

# Sent after the commit of any change to what is published: `sender` is SigningKey, nothing else
# comes along. Best effort: whoever keeps published keys looks for himself now and then, too.
keys_changed = Signal()
