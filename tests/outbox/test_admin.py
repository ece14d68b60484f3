"""Operators' screen of the outbox."""

import pytest
from django.test import Client
from django.urls import reverse

from outbox.models import OutboxMessage
from tenants.roles import Role
from tests.factories.rows import (
    make_message,
)
from tests.factories.world import make_world

pytestmark = pytest.mark.django_db


class TestSendAgain:
    def test_support_brings_a_parked_message_back(self) -> None:
        world = make_world()
        client = Client()
        client.force_login(world.here.members[Role.SUPPORT])
        client.post(reverse("admin:outbox_outboxmessage_send", args=[world.here.message.pk]))
        message = OutboxMessage.objects.get(pk=world.here.message.pk)
        assert (message.dead_at, message.attempts, message.last_error) == (None, 0, "")

    def test_the_action_does_not_reach_another_tenant(self) -> None:
        world = make_world()
        client = Client()
        client.force_login(world.alice)
        chosen = [world.here.message.pk, world.there.message.pk]
        client.post(
            reverse("admin:outbox_outboxmessage_changelist"),
            {"action": "send_chosen_again", "_selected_action": chosen},
        )
        dead = set(OutboxMessage.objects.filter(dead_at__isnull=False).values_list("pk", flat=True))
        assert dead == {world.there.message.pk}

    def test_filters_by_state(self) -> None:
        world = make_world()
        sent = make_message(world.here.tenant, marker="sent")
        OutboxMessage.objects.filter(pk=sent.pk).update(dead_at=None, done_at=sent.created_at)
        waiting = make_message(world.here.tenant, marker="waiting")
        OutboxMessage.objects.filter(pk=waiting.pk).update(dead_at=None)
        client = Client()
        client.force_login(world.alice)
        rows = {"done": sent.pk, "waiting": waiting.pk, "dead": world.here.message.pk}
        for state in rows:
            url = reverse("admin:outbox_outboxmessage_changelist")
            page = client.get(url, {"state": state}).content.decode()
            assert {name for name, pk in rows.items() if f"/{pk}/change/" in page} == {state}
