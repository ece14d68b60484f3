"""Make the demo tenants and say how to get in."""

import json
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from certificates.api.bodies import certificate_body
from certificates.models import CourseVersion
from config.demonstration import people, world
from config.demonstration.plan import TENANTS, DemoTenant
from outbox import relay
from templates_app.models import CertificateTemplate
from templates_app.queries import default_template, published_version
from tenants.models import Tenant


class Command(BaseCommand):
    """`demo [--json] [--reset]`."""

    help = "Make two demo tenants with certificates in every state; a second run renews sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--json", action="store_true", help="Print exactly one JSON object.")
        parser.add_argument(
            "--reset", action="store_true", help="Drop the embedded database first."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the world and print it."""
        if not settings.EMBEDDED:
            raise CommandError(
                "The demo makes sign-ins with full rights; production settings refuse it.",
                returncode=2,
            )
        if options["reset"]:
            _reset()
        superuser = people.superuser()
        made = [(plan, _make(plan)) for plan in TENANTS]
        _make_files()
        document = {
            "base_url": settings.BASE_URL,
            "metrics_token": settings.METRICS_TOKEN,
            "superuser": vars(superuser),
            "tenants": [_document(plan, tenant) for plan, tenant in made],
        }
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(_summary(document))


def _make(plan: DemoTenant) -> Tenant:
    now = timezone.now()
    tenant = world.make_tenant(plan=plan, now=now)
    world.make_certificates(tenant=tenant, plan=plan, now=now)
    return tenant


def _document(plan: DemoTenant, tenant: Tenant) -> dict[str, Any]:
    """Renew the sign-ins and the key, and return all there is to know of one tenant."""
    now = timezone.now()
    members = people.members(tenant=tenant, marker=plan.marker, now=now)
    made = world.certificates_of_demo(tenant=tenant, plan=plan)
    return {
        "slug": tenant.slug,
        "id": tenant.pk,
        "name": tenant.name,
        "marker": plan.marker,
        "users": {role.value: vars(sign_in) for role, sign_in in members.items()},
        "api_key": people.api_key(tenant=tenant, marker=plan.marker, now=now),
        "webhook_secret": None,
        "moodle_token": None,
        "templates": [_template(t) for t in CertificateTemplate.objects.for_tenant(tenant)],
        "courses": [_course(c, tenant) for c in CourseVersion.objects.for_tenant(tenant)],
        "certificates": [_certificate(certificate_body(one, now=now)) for one in made],
        "devices": [],
    }


def _make_files() -> None:
    """Make the demo's files. What others wait for is left to the relay that serves."""
    while world.awaits_files() and relay.deliver(now=timezone.now()):
        pass


def _certificate(body: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "state", "token", "verify_url", "page_url", "credential_url", "files")
    recipient = body["recipient"]
    return {name: body[name] for name in names} | {
        "recipient_id": recipient["id"],
        "recipient_name": recipient["name"],
    }


def _template(template: CertificateTemplate) -> dict[str, Any]:
    version = published_version(template)
    return {
        "id": template.pk,
        "name": template.name,
        "version_id": str(version.pk) if version else None,
    }


def _course(course: CourseVersion, tenant: Tenant) -> dict[str, Any]:
    template_id = course.template_id
    if template_id is None:
        default = default_template(tenant)
        template_id = default.pk if default else None
    return {
        "course_id": course.course_id,
        "course_version_id": course.version_id,
        "title": course.title,
        "template_id": template_id,
    }


def _summary(document: dict[str, Any]) -> str:
    first = document["tenants"][0]
    certificate = next(c for c in first["certificates"] if c["state"] == "issued")
    owners = [tenant["users"]["owner"] for tenant in document["tenants"]]
    sign_ins = [document["superuser"], *owners]
    lines = [
        "",
        "Open these:",
        f"  a verify page       {certificate['verify_url']}",
        f"  a certificate page  {certificate['page_url']}",
        f"  the admin           {document['base_url']}/admin/",
        "",
        "Sign in to the admin with name and password:",
        *(f"  {one['username']:<18}  {one['password']}" for one in sign_ins),
        "",
        "Call the API with a key:",
        *(f"  {tenant['slug']:<18}  {tenant['api_key']}" for tenant in document["tenants"]),
        "",
    ]
    return "\n".join(lines)


def _reset() -> None:
    """Drop the SQLite database and the files made from it."""
    if connection.vendor != "sqlite":
        raise CommandError("--reset drops the embedded SQLite database only.", returncode=2)
    path = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    call_command("migrate", verbosity=0)
