"""Largest Contentful Paint of the public pages, as Lighthouse judges a phone on slow 4G.

The demo behind nginx with TLS and HTTP/2, the headers of production, everything on this machine.
The verify page is asked for as a hit (answered from memory) and as a miss (another certificate each
time), in English and in Arabic; which of them an answer was is read from `/metrics`. Beside them a
page with one heading, which nothing can be quicker than. Medians of ROUNDS visits each.

The visits must also be seen by the pages' own measurement, `cert_rum_lcp_seconds`.

Needs chromium, nginx and npm: npm ci --prefix benchmarks/lcp --ignore-scripts

Run: python benchmarks/lcp.py [ROUNDS [PART OF A NAME]]    (5: about ten minutes)
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks" / "lcp"
sys.path.insert(0, str(ROOT))

from tests.processes import free_port, stop, wait_until  # noqa: E402 - found by the line above

LIGHTHOUSE = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
NODE = shutil.which("node") or ""
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
# Milliseconds that the median may be.
VERIFY, CERTIFICATE = 850, 1_200
LARGEST_SHIFT = 0.05
CHROME = (
    "--headless=new --no-sandbox --disable-gpu --ignore-certificate-errors --disable-sync "
    "--disable-background-networking --disable-component-update --no-first-run"
)
FLOOR = "<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>x</title><link rel=icon href='data:,'><h1>One heading</h1></html>"  # noqa: E501
_MOST_TRIES = 4


@dataclass(frozen=True)
class Visit:
    """What Lighthouse saw: milliseconds, layout shift, and how long the server took."""

    lcp: float
    shift: float
    server: float


@dataclass
class Site:
    """The demo behind its proxy."""

    origin: str
    inner: str
    demo: dict[str, Any]
    visits: Counter[str] = field(default_factory=Counter)  # by the name that the metrics have

    def certificates(self, tenant: int) -> list[dict[str, Any]]:
        """Return a tenant's certificates in force."""
        found: list[dict[str, Any]] = self.demo["tenants"][tenant]["certificates"]
        return [one for one in found if one["state"] == "issued"]

    def counted(self, series: str) -> float:
        """Return the sum of a metric's samples, whatever their other labels."""
        token = self.demo["metrics_token"]
        request = urllib.request.Request(  # noqa: S310 - our own
            f"{self.inner}/metrics", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            text = answer.read().decode()
        return sum(float(one) for one in re.findall(rf"^{series} ?(\S+)$", text, re.MULTILINE))

    def wait_for(self, series: str, more_than: float) -> bool:
        """Say whether a count grows; what is answered from memory is told once a second."""
        for _ in range(100):
            if self.counted(series) > more_than:
                return True
            time.sleep(0.1)
        return False


def main() -> int:
    """Measure and print; return 1 where an aim is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    wanted = " ".join(sys.argv[2:])
    require()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lcp-bench-")))
        site = stack.enter_context(served(folder))
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, medians of {rounds} visits; "
              "Lighthouse mobile, slow 4G and CPU × 4 simulated, TLS 1.3, HTTP/2")  # fmt: skip
        good = [measured(site, row, rounds=rounds) for row in rows(site) if wanted in row[0]]
        good.append(seen_by_the_pages(site))
    print("PASS" if all(good) else "FAIL")
    return 0 if all(good) else 1


def require() -> None:
    """End with what is missing."""
    npm = "npm ci --prefix benchmarks/lcp --ignore-scripts"
    for there, remedy in (
        (NODE, "apt-get install npm"),
        (CHROMIUM, "apt-get install chromium"),
        (Path(NGINX).exists(), "apt-get install nginx-light"),
        (LIGHTHOUSE.exists(), npm),
    ):
        if not there:
            raise SystemExit(f"not run: {remedy}")


# Its name, the aim, how a visit is made, and the addresses in turn.
Row = tuple[str, int | None, Callable[[Site, str], Visit], list[str]]


def rows(site: Site) -> Iterator[Row]:
    """Yield what is measured."""
    yield "one heading", None, plainly, [f"{site.origin}/floor.html"]
    for language, tenant in (("en", 0), ("ar", 1)):
        query = f"?lang={language}"
        ours = site.certificates(tenant)
        verify = [one["verify_url"] + query for one in ours]
        yield f"verify, hit, {language}", VERIFY, hit, verify[:1]
        yield f"verify, miss, {language}", VERIFY, miss, verify[1:]
        yield f"certificate, {language}", CERTIFICATE, plainly, [ours[0]["page_url"] + query]


def measured(site: Site, row: Row, *, rounds: int) -> bool:
    """Make the visits and print one line; say whether the aim is reached."""
    name, aim, visit, addresses = row
    visits = [visit(site, address) for address in islice(cycle(addresses), rounds)]
    for kind, page in (("verify", "verifier"), ("certificate", "learner_certificate")):
        site.visits[page] += rounds * name.startswith(kind)
    lcp = statistics.median(one.lcp for one in visits)
    shift = max(one.shift for one in visits)
    server = statistics.median(one.server for one in visits)
    is_good = (aim is None or lcp <= aim) and shift <= LARGEST_SHIFT
    said = "" if aim is None else f"(aim {aim:,}) {'PASS' if is_good else 'FAIL'}"
    print(f"  {name:<18}{lcp:7,.0f} ms   server {server:5.0f} ms   shift {shift:.3f}   {said}",
          flush=True)  # fmt: skip
    return is_good


def plainly(_site: Site, address: str) -> Visit:
    """Visit a page."""
    return look(address)


OUTCOME = 'cert_public_verify_cache_requests_total{{outcome="{}"}}'


def hit(site: Site, address: str) -> Visit:
    """Visit a page that was answered just now.

    The first of a browser's kind is a miss, and so is one whose minute ended meanwhile.
    """
    series = re.escape(OUTCOME.format("hit"))
    for _ in range(_MOST_TRIES):
        ask(address)
        time.sleep(1.5)  # until it is told
        before = site.counted(series)
        visit = look(address)
        if site.wait_for(series, before):
            return visit
    raise SystemExit(f"{address.partition('?')[2]}: none of {_MOST_TRIES} visits was a hit")


def miss(site: Site, address: str) -> Visit:
    """Visit a page that nobody asked for in this minute."""
    series = re.escape(OUTCOME.format("miss"))
    for _ in range(_MOST_TRIES):
        before = site.counted(series)
        visit = look(address)
        if site.wait_for(series, before):
            return visit
        time.sleep(60 - time.time() % 60)  # verdicts are remembered for the minute they name
    raise SystemExit(f"{address.partition('?')[2]}: none of {_MOST_TRIES} visits was a miss")


def ask(address: str) -> None:
    """Ask once for a page."""
    request = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310 - ours
    with urllib.request.urlopen(request, context=_any_certificate()) as answer:  # noqa: S310
        answer.read()


def look(address: str) -> Visit:
    """Let Lighthouse visit an address in a fresh browser."""
    done = subprocess.run(
        [NODE, str(LIGHTHOUSE), address, f"--config-path={HERE / 'config.mjs'}",
         "--output=json", "--output-path=stdout", "--quiet", f"--chrome-flags={CHROME}"],
        env={**os.environ, "CHROME_PATH": str(CHROMIUM)}, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"Lighthouse: {done.stderr.decode(errors='replace')[-500:]}")
    audits = json.loads(done.stdout)["audits"]
    lcp, shift, server = (
        audits[name].get("numericValue")
        for name in ("largest-contentful-paint", "cumulative-layout-shift", "server-response-time")
    )
    if lcp is None:
        raise SystemExit(f"Lighthouse saw nothing painted: {audits['largest-contentful-paint']}")
    return Visit(lcp, shift, server)


def seen_by_the_pages(site: Site) -> bool:
    """Say whether the pages' own measurement saw the visits; print how many."""
    reported = {
        page: site.counted(rf'cert_rum_lcp_seconds_count{{page="{page}"}}') for page in site.visits
    }
    is_good = all(reported[page] >= visits for page, visits in site.visits.items())
    said = ", ".join(
        f"{page} {reported[page]:.0f} of {visits}" for page, visits in site.visits.items()
    )
    print(f"  cert_rum_lcp_seconds counted: {said} {'PASS' if is_good else 'FAIL'}")
    return is_good


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Make the demo, serve it and put the proxy in front; end both."""
    outer, inner = free_port(), free_port()
    origin = f"https://localhost:{outer}"
    environ = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
        "DATA_DIR": str(folder / "data"),
        "PORT": str(inner),
        "BASE_URL": origin,
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "--verbosity=0"], env=environ, check=True)
    made = subprocess.run(
        [*manage, "demo", "--json"], env=environ, check=True, stdout=subprocess.PIPE
    )
    certify(folder)
    (folder / "floor.html").write_text(FLOOR)
    folder.chmod(0o755)  # nginx's worker is somebody else when root starts it
    configuration = (HERE / "nginx.conf").read_text()
    for name, value in (("FOLDER", folder), ("INNER", inner), ("OUTER", outer)):
        configuration = configuration.replace(f"@{name}@", str(value))
    (folder / "nginx.conf").write_text(configuration)
    site = Site(origin, f"http://localhost:{inner}", json.loads(made.stdout))
    service = subprocess.Popen(
        [*manage, "serve", "--port", str(inner)], env=environ, stdout=subprocess.DEVNULL
    )
    proxy = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        wait_until(lambda: answers(f"{origin}/readyz"), what="the site answers", process=service)
        yield site
    finally:
        stop(proxy)
        stop(service, seconds=30)


def certify(folder: Path) -> None:
    """Make a certificate for this machine's own name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "tls.key").write_bytes(private)


def answers(address: str) -> bool:
    """Say whether an address answers 200."""
    try:
        with urllib.request.urlopen(address, context=_any_certificate()) as answer:  # noqa: S310
            return int(answer.status) == 200
    except OSError:
        return False


def _any_certificate() -> Any:
    import ssl  # noqa: PLC0415

    return ssl._create_unverified_context()  # noqa: SLF001, S323 - it is the one made above


if __name__ == "__main__":
    sys.exit(main())
