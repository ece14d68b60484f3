"""Upward news, best effort: a certificate's verdict has changed."""

from django.dispatch import Signal

# Sent after the commit with `certificate_id` and `token`.
certificate_changed = Signal()
