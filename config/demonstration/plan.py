"""What the demo tenants hold. Pure data; all people and places are invented."""

from dataclasses import dataclass

COURSE_VALIDITY_DAYS = 365


@dataclass(frozen=True)
class DemoCourse:
    """A course beside the catalogue of the samples: its certificates expire."""

    course_id: str
    version_id: str
    title: str
    language: str


@dataclass(frozen=True)
class DemoTenant:
    """One demo tenant. `marker` occurs in every name it owns, and in no other tenant's."""

    slug: str
    marker: str
    time_zone: str
    language: str
    expiring: DemoCourse
    issued_in: str
    recipients: tuple[str, ...]


HARBOURLINE = DemoTenant(
    slug="harbourline",
    marker="Harbourline",
    time_zone="Europe/London",
    language="en",
    expiring=DemoCourse("HL-CPR", "2024.2", "Harbourline Resuscitation Refresher", "en"),
    issued_in="HL-FA1",
    recipients=(
        "Rosalind Harbourline-Okafor",
        "Siôn Harbourline-Prydderch",
        "Adébáyọ̀ Harbourline-Ọdúnsì",
        "Zoë Harbourline-Østergård",
        "Konstantin Harbourline-Ελευθερίου",
        "Mairéad Harbourline-Ní Dhomhnaill",
    ),
)

ALNAHR = DemoTenant(
    slug="alnahr",
    marker="Al-Nahr",
    time_zone="Asia/Riyadh",
    language="ar",
    expiring=DemoCourse("NR-120", "2.4", "السلامة المهنية | Al-Nahr", "ar"),
    issued_in="NR-101",
    recipients=(
        "Layla Al-Nahr Haddad",
        "Yusuf Al-Nahr Qasim",
        "Nadia Al-Nahr Benali",
        "Omar Al-Nahr Saleh",
        "Salma Al-Nahr Mansour",
        "Tariq Al-Nahr Aziz",
    ),
)

TENANTS = (HARBOURLINE, ALNAHR)
