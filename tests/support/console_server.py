# SPDX-License-Identifier: Apache-2.0
"""The console behind a real HTTPS server of its own, and a real browser in front of it."""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import threading
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import expect, sync_playwright

from support import peers, ports

ADDRESS = "127.0.0.1"
WITHIN_MS = 30_000
"""A busy machine may take a while to show something; what is claimed is that it is shown."""
expect.set_options(timeout=WITHIN_MS)


class ConsoleServer:
    """Serves an application over TLS on a free port until closed."""

    def __init__(self, console, folder):
        certificate, key = _certificate(folder)
        (self.port,) = ports.free_ports(1)
        self.url = f"https://{ADDRESS}:{self.port}"
        self._console = console
        self._loop = asyncio.new_event_loop()
        self._server = uvicorn.Server(
            uvicorn.Config(
                console.app,
                host=ADDRESS,
                port=self.port,
                ssl_certfile=str(certificate),
                ssl_keyfile=str(key),
                log_level="error",
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the console's server did not start"
            self._thread.join(0.02)

    def publish(self):
        """Tell every open page that the alerts changed."""
        self._loop.call_soon_threadsafe(self._console.news.publish)

    def close(self):
        self._loop.call_soon_threadsafe(self._console.news.close)
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the console's server did not stop"

    def _run(self):
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.serve())
        finally:
            self._loop.close()


class Visit:
    """One browser tab, and everything in it that must not happen."""

    def __init__(self, browser, url, **context):
        self.url = url
        self.faults: list[str] = []
        self._context = browser.new_context(ignore_https_errors=True, base_url=url, **context)
        self._context.set_default_timeout(WITHIN_MS)
        self.page = self._context.new_page()
        self.page.on("request", self._stays_here)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("console", self._said)
        self.page.on("dialog", self._asked)

    def open(self, path):
        self.page.goto(self.url + path)
        return self.page

    def log_in(self, password, name="admin"):
        self.open("/login")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", password)
        self.page.click("main button")
        self.page.wait_for_url("**/alerts*")
        return self.page

    def close(self):
        self._context.close()

    def _stays_here(self, request):
        if not request.url.startswith((self.url, "data:")):
            self.faults.append(f"asked another host: {request.url}")

    def _said(self, message):
        # A page that is left takes its open stream with it, and answers of 4xx are part of what is tested.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.faults.append(f"{message.type} in the browser: {message.text}")

    def _asked(self, dialog):
        self.faults.append(f"a script of somebody else ran: {dialog.message}")
        dialog.dismiss()


def live(page):
    """Wait until a page hears of changes by itself."""
    expect(page.locator("#live")).to_have_attribute("data-live", "on")


def focused(page, text):
    """Wait until what has the focus says this: the script that gives it to a row listens to keys from then on."""
    expect(page.locator(":focus")).to_have_text(text)


@contextlib.contextmanager
def chromium():
    """A headless Chromium of this machine."""
    with sync_playwright() as playwright:
        program = str(peers.program("chromium"))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def _certificate(folder: Path):
    """A certificate for this address, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, ADDRESS)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "console.pem", folder / "console.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return paths
