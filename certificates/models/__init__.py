"""Tables of certificates, one aggregate a module."""

from certificates.models.artifact import Artifact, RenderJob
from certificates.models.case import Case
from certificates.models.certificate import Certificate
from certificates.models.completion import Completion
from certificates.models.course import CourseVersion
from certificates.models.recipient import Recipient
from certificates.models.resigning import Resigning
from certificates.models.securing import Securing
from certificates.models.sharing import Sharing
from certificates.models.status_list import StatusList

__all__ = [
    "Artifact",
    "Case",
    "Certificate",
    "Completion",
    "CourseVersion",
    "Recipient",
    "RenderJob",
    "Resigning",
    "Securing",
    "Sharing",
    "StatusList",
]
