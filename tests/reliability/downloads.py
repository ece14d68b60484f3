"""What a learner finds: the files of a page, each of which must be what its address says."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.reliability.platform import Platform
from tests.service import Answer

_FILES = ("certificate.pdf", "certificate.png", "badge.png", "badge.svg")
_LINK = re.compile(r'href="(/certificates/[\w-]+/([0-9a-f]{16})/([a-z-]+\.(?:pdf|png|svg)))')


@dataclass(frozen=True)
class Downloads:
    """The pages of everybody whose completion was acknowledged."""

    platform: Platform

    def pages(self) -> list[str]:
        """Return the paths of the learners' pages."""
        return [
            urlsplit(one["verify_url"]).path.replace("/verify/", "/certificates/")
            for one in self.platform.acknowledged.values()
        ]

    def page(self, path: str) -> Answer:
        """Read a page as a browser does."""
        return self.platform.service.request("GET", path, headers={"Accept": "text/html"})

    def whole(self, path: str) -> set[str]:
        """Return the names of a page's files, having read each: not one other byte is given out."""
        names = set()
        for link, digest, name in set(_LINK.findall(self.page(path).body.decode())):
            answer = self.platform.service.request("GET", link)
            if answer.status == 200:
                assert hashlib.sha256(answer.body).hexdigest().startswith(digest), link
                names.add(name)
            else:
                assert answer.status == 503, (link, answer.status)
                assert "retry-after" in {header.lower() for header in answer.headers}
        return names

    def are_whole(self, pages: list[str]) -> bool:
        """Say whether all files of these pages are there; pages that were seen leave the list."""
        while pages and self.whole(pages[-1]).issuperset(_FILES):
            pages.pop()
        return not pages
