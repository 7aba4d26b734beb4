# SPDX-License-Identifier: Apache-2.0
"""How every test runs: no network but this machine's, a clean environment, an order that differs from run to run."""

import gc
import os
import random
import time

import hypothesis
import pytest

from support import network, peers, ports, remembered

NOT_OURS = ("GIAMSAT_", "SSL_", "GRPC_", "PYTEST_ADDOPTS", "FORCE_COLOR", "CLICOLOR", "COLUMNS", "NOTIFY_SOCKET")
"""Variables of the caller that would change what our programs do or print; any proxy setting goes as well."""

COSTS_US = "PYTHONDONTWRITEBYTECODE"
"""With it each of the hundreds of processes that tests start compiles our modules anew."""

UMASK = 0o022
"""What files the tests make may be, whoever runs them."""


def pytest_addoption(parser):
    parser.addoption("--order", type=int, help="repeat the order of tests that an earlier run named in its header")
    parser.addoption("--lost-renewals", type=int, default=80, help="how many renewals are lost on the way")
    parser.addoption("--new-series", type=int, default=15_000, help="how many series one hostile host names in all")
    parser.addoption(
        "--payloads", type=int, default=30, help="how many hostile names each address of the console is given"
    )
    parser.addoption("--races", type=int, default=2, help="tokens for each of which a hundred hosts race")
    parser.addoption("--strays", type=int, default=400, help="connections that say nothing that is understood")
    parser.addoption("--floods", type=int, default=10_000, help="streams that one host begins and resets at once")
    parser.addoption("--half-open", type=int, default=300, help="handshakes that stop half way")
    parser.addoption("--handshake-ms", type=int, default=1_000, help="how long one that stops is borne")
    parser.addoption("--spoilt", type=int, default=2, help="frames that are spoilt, of a thousand one")
    parser.addoption("--harms", type=int, default=200, help="how often a file of a spool is harmed somewhere")
    parser.addoption("--orders", type=int, default=1_000, help="orders in which frames come")
    parser.addoption("--cut-step", type=int, default=307, help="bytes from one place to the next where a line is cut")
    parser.addoption("--flaps", type=int, default=12, help="how often a line is cut or half open for a moment")
    parser.addoption("--quiet-seconds", type=float, default=2, help="how long ordinary traffic is to raise no alert")

    parser.addoption("--copies", type=int, default=12, help="hosts whose disk is copied, of each way to use the copy")

    parser.addoption(
        "--refused-syncs", type=int, default=40, help="which synchronisations a disk refuses, each in a life"
    )
    parser.addoption("--slow-hours", type=int, default=2, help="hours on the slowest line, in made-up time")
    parser.addoption("--units", type=int, default=5, help="units whose lines come back after an outage")
    parser.addoption("--outage-hours", type=int, default=4, help="how long it lasted, in made-up time")
    parser.addoption("--revoked", type=int, default=3, help="agents that are revoked while they are connected")
    parser.addoption("--closed-s", type=float, default=60, help="within how many seconds their streams are closed")


def pytest_configure(config):
    for name in list(os.environ):
        if name.startswith(NOT_OURS) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.pop(COSTS_US, None)
    os.environ["NO_COLOR"] = "1"
    # Away from UTC, so that local time taken for UTC shows; written so that no time zone data is needed.
    os.environ["TZ"] = "ICT-7"
    time.tzset()
    os.umask(UMASK)
    # A property test on a busy machine is slow, which is a fault neither of what it tests nor of its examples.
    hypothesis.settings.register_profile(
        "giamsat",
        deadline=None,
        derandomize=os.environ.get("CI") == "true",
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("giamsat")
    if config.option.order is None:
        config.option.order = getattr(config, "workerinput", {}).get("order", random.randrange(10_000))
    network.stay_home()
    remembered.remember()
    # No power is cut here but by the simulator, which keeps account of it itself.
    os.fsync = os.fdatasync = lambda _: None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Processes that share the tests have to agree on their order."""
    node.workerinput["order"] = node.config.option.order


def pytest_report_header(config):
    return f"order: --order={config.option.order}"


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is found stays to the end of the run: it is never looked through for cycles."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Processes that share the tests look for them from different ends: what one has compiled the others load."""
    report = yield
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if number and isinstance(collector, pytest.Dir):
        half = len(report.result) // number
        report.result[:] = [*reversed(report.result[:half]), *reversed(report.result[half:])]
    return report


def pytest_collection_modifyitems(config, items):
    """Shuffle the files, and the tests within each file, so that no test leans on another.

    End-to-end tests wait more than they compute, and go last. Where several processes share the files they are strewn
    among the first of all others, which compute meanwhile, so that no process is left with one.
    """
    shuffle = random.Random(config.option.order)
    places = {path: shuffle.random() for path in sorted({item.path for item in items})}
    slow, shared = config.rootpath / "tests" / "e2e", hasattr(config, "workerinput")
    for path in filter(lambda path: path.is_relative_to(slow), places):
        places[path] = places[path] / 2 if shared else places[path] + 1
    items.sort(key=lambda item: item.path)
    items.sort(key=lambda item: (places[item.path], shuffle.random()))


@pytest.fixture(autouse=True)
def umask_stays():
    """What a test lets our programs do to this process is undone when it ends: another's files would be others."""
    yield
    assert os.umask(UMASK) == UMASK


def pytest_runtest_setup(item):
    peers.require(item, strict=os.environ.get("CI") == "true")


def pytest_terminal_summary(terminalreporter):
    reasons = [reason for report in terminalreporter.stats.get("skipped", ()) for _, _, reason in [report.longrepr]]
    counts = peers.groups_not_run([reason for reason in reasons if peers.REASON in reason])
    if counts:
        terminalreporter.section("groups of tests not run on this machine")
    for need, count in counts.items():
        terminalreporter.line(f"{count:4} x {need}")


def pytest_unconfigure(config):
    """Last of all, with -s: what a test that tries a little or much has tried, and how often it went wrong."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if config.option.capture != "no":
        return
    reports = [report for kind in getattr(reporter, "stats", {}).values() for report in kind]
    for report in reports:
        if getattr(report, "when", "") == "call":
            for what, counts in report.user_properties:
                reporter.write_line(f"{what}: {counts}")


@pytest.fixture
def seed():
    """Where made-up histories and inputs begin: elsewhere each time; with CI=true a change alone decides what fails."""
    return 1 if os.environ.get("CI") == "true" else random.randrange(1 << 30)


@pytest.fixture
def free_ports():
    """A function that returns as many free TCP ports of 127.0.0.1 as it is asked for."""
    return ports.free_ports
