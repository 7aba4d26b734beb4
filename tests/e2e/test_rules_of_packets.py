# SPDX-License-Identifier: Apache-2.0
"""Rules about packets fire from what real tools put on a cable, through capture process, agent and collector."""

import contextlib
import itertools
import secrets

import pytest
from scapy.layers.dns import DNSRROPT

from support.cable import ASKER, HERE, THERE, Cable, web
from support.capture import DNS, DNSQR, DNSRR
from support.handshakes import certificate
from support.lab import lab
from support.peers import program

pytestmark = [
    pytest.mark.root,
    pytest.mark.namespaces,
    pytest.mark.peer("ip", "nginx", "curl", "openssl", "slowhttptest", "nping", "dnsmasq"),
]
RESOLVER, DOH, POOL, LISTED, VICTIM = (f"198.51.100.{last}" for last in (53, 8, 77, 66, 99))
BRIDGES = range(20, 36)
BIG, NAME = "big.example.vn", "cong.example.vn"


def tool(name):
    """One of the tools of THC."""
    return program("thc-ipv6").with_name(f"atk6-{name}")


@pytest.fixture(scope="module")
def cable(shared_site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    with lab() as pair, shared_site.hosting(folder) as here, contextlib.ExitStack() as stack:
        cable = Cable(here, pair, LISTED)
        stack.enter_context(cable.serving(80, program("nginx"), "-c", web(folder), "-p", folder))
        # What has to go on for long goes on beside all else.
        held = ("-H", "-c", "150", "-r", "100", "-i", "10", "-l", "600", "-u", f"http://{HERE}/")
        stack.enter_context(cable.running(pair.there, program("slowhttptest"), *held))
        for host, device in ((pair.here, pair.watched), (pair.there, pair.other)):
            claims = ("--arp", "--arp-sender-ip", "10.9.0.77", "--rate", "1", "-c", "600", "-e", device, "10.9.0.50")
            stack.enter_context(cable.running(host, program("nping"), *claims))
        yield cable


@pytest.mark.peer("nmap")
def test_a_search_for_hosts_and_a_scan_in_pieces_by_nmap(cable):
    cable.attack(program("nmap"), "-sn", "-n", "-T5", "--max-retries", "0", "10.9.0.0/24")
    cable.attack(program("nmap"), "-f", "-sS", "-Pn", "-n", "-p", "1-60", HERE)

    cable.fires("host_scan_on_the_wire", "fragments_on_the_wire")


def test_attacks_on_a_web_server(cable):
    for path in ("?id=1%27%20UNION%20SELECT%20password%20FROM%20users--", "quan-tri/trang[1-20].php"):
        cable.attack(program("curl"), "-s", f"http://{HERE}/{path}")
    cable.attack(program("curl"), "-s", "-u", "an:bi-mat", f"http://{HERE}/rieng/")

    cable.fires("web_attack_on_the_wire", "web_scan_on_the_wire", "cleartext_password_on_the_wire")
    cable.fires("connection_exhaustion_on_the_wire")


@pytest.mark.peer("dig", "hping3")
def test_what_is_asked_of_name_servers_and_answered_in_their_place(cable, tmp_path):
    def asked(*names):
        file = tmp_path / f"names{len(names)}"
        file.write_text("".join(f"{name}\n" for name in names))
        return "-f", file

    def sends(message, count, *words):
        file = tmp_path / "message"
        file.write_bytes(bytes(message))
        how = f"-q -2 -k -E {file} -d {len(message)} -c {count}".split()
        cable.attack(program("hping3"), *how, *words, HERE)

    def guessed():
        with cable.running(cable.pair.here, *dig, "+timeout=5", f"@{RESOLVER}", NAME):
            sends(forged, 60, "-a", RESOLVER, "-s", "53", "-p", "++30000", "-i", "u5000")

    dig = (program("dig"), "+tries=1", "+timeout=2")
    big = f"--txt-record={BIG},{','.join(['x' * 240] * 4)}"
    question = DNS(id=7, rd=1, qd=DNSQR(qname=BIG, qtype="TXT"), ar=DNSRROPT(rclass=4_096))
    forged = DNS(id=99, qr=1, qd=DNSQR(qname=NAME), an=DNSRR(rrname=NAME, rdata="203.0.113.9"))
    with cable.dnsmasq(cable.pair.here, "--local=/#/", big):
        cable.here.until(lambda: cable.attack(*dig, f"@{HERE}", BIG).returncode == 0, 20, "the name server answers")
        cable.attack(*dig, f"@{HERE}", *asked(*(f"{secrets.token_hex(7)}q{number}.com" for number in range(40))))
        cable.attack(*dig, f"@{HERE}", "-b", ASKER, *asked(*(f"may-{number}.kho.local" for number in range(130))))
        cable.fires("made_up_domains", "nxdomain_storm_on_the_wire")
        asks = ("-a", VICTIM, "-s", "3000", "-p", "53", "-i", "u1000")
        cable.fires("amplification_attack", again=lambda: sends(question, 1_000, *asks))
    neighbours = asked("mayin", "kho1", "hcns", "ketoan")
    with cable.dnsmasq(cable.pair.there, "--port=5355", f"--address=/#/{THERE}"):
        cable.fires("name_poisoning", again=lambda: cable.asks(*dig, "-p", "5355", f"@{THERE}", *neighbours))
    cable.fires("dns_answers_forged", again=guessed)


@pytest.mark.peer("thc-ipv6")
def test_attacks_on_ipv6_by_the_tools_of_thc(cable):
    here, there = (cable.pair.here, cable.pair.watched), (cable.pair.there, cable.pair.other)

    def bears(host, device, address, *how):
        cable.pair.run(host, "ip", "address", "add", address, "dev", device, *how)

    bears(*here, "fd00:1::1/64", "nodad")
    bears(*there, "fd00:2::1/64", "nodad")
    router = ("--port=0", "--enable-ra", "--dhcp-range=fd00:1::,ra-only", f"--ra-param={here[1]},4,60")
    resolves = ("--port=0", "--dhcp-range=fd00:2::10,fd00:2::40", "--dhcp-option=option6:dns-server,[fe80::]")
    with cable.dnsmasq(here[0], *router), cable.dnsmasq(there[0], *resolves):
        cable.fires("dhcpv6_rogue_server", again=lambda: cable.asks(tool("dump_dhcp6"), here[1]))
        # Whoever is a router may name itself: it becomes one afterwards.
        with cable.running(there[0], tool("fake_router26"), "-A", "fd00:bad::/64", there[1]):
            cable.fires("router_advertisement_rogue")
    numbers = itertools.count(0x100)
    with cable.running(there[0], tool("dos-new-ip6"), there[1]):
        cable.fires("neighbour_spoofing", again=lambda: bears(*here, f"fd00:1::{next(numbers):x}/64"))
    with cable.running(there[0], tool("flood_router26"), there[1]):
        cable.fires("router_advertisement_flood")


@pytest.mark.peer("macof", "dhcpstarv")
def test_floods_and_strangers_on_a_segment(cable):
    device = cable.pair.other
    says = ("--arp", "--arp-type", "arp-reply", "--arp-sender-ip", THERE, "--arp-target-ip", THERE, "-e", device)
    with cable.running(cable.pair.there, program("nping"), *says, "--rate", "100", "-c", "100000", THERE):
        cable.fires("arp_storm")
    cable.fires("mac_flood", again=lambda: cable.attack(program("macof"), "-i", device, "-n", "4000"))
    pool = ("--port=0", "--dhcp-range=10.9.0.80,10.9.0.250")
    empties = cable.running(cable.pair.there, program("dhcpstarv"), "-i", device)
    with cable.dnsmasq(cable.pair.here, *pool), empties:
        cable.fires("dhcp_pool_emptied")

    cable.fires("duplicate_address")


@pytest.mark.peer("ptunnel-ng")
def test_a_tunnel_through_pings_by_ptunnel(cable):
    far = (program("ptunnel-ng"), f"-r{HERE}", "-R80")
    near = (program("ptunnel-ng"), f"-p{HERE}", "-l8022", f"-r{HERE}", "-R80")
    with cable.running(cable.pair.here, *far), cable.serving(8022, *near, host=cable.pair.there):
        page = (program("curl"), "-s", "-m", "5", "http://127.0.0.1:8022/")
        cable.fires("icmp_tunnel_on_the_wire", again=lambda: cable.attack(*page))


@pytest.mark.peer("smbd", "smbclient", "snmpd", "snmpget", "vsftpd", "hydra")
def test_servers_that_agree_to_what_is_old_or_open(cable, tmp_path):
    for name in ("empty", "smb"):
        (tmp_path / name).mkdir()
    conf = {name: tmp_path / f"{name}.conf" for name in ("smb", "snmpd", "vsftpd")}
    kept = ("lock directory", "state directory", "cache directory", "private dir", "pid directory", "ncalrpc dir")
    conf["smb"].write_text(
        "[global]\nserver min protocol = NT1\nmap to guest = Bad User\nload printers = no\ndisable spoolss = yes\n"
        + "".join(f"{name} = {tmp_path}/smb\n" for name in kept)
        + f"log file = {tmp_path}/smb/log\n[x]\npath = {tmp_path}/empty\nguest ok = yes\n"
    )
    conf["snmpd"].write_text("rocommunity bimat\n")
    conf["vsftpd"].write_text(
        f"listen=YES\nlisten_address={HERE}\nbackground=NO\nanonymous_enable=NO\nlocal_enable=YES\nisolate=NO\n"
        f"pam_service_name=vsftpd\nsecure_chroot_dir={tmp_path}/empty\ndelay_failed_login=0\nisolate_network=NO\n"
    )
    passwords = tmp_path / "passwords"
    passwords.write_text("".join(f"guess{number}\n" for number in range(24)))
    held = certificate(tmp_path, begins=-400, issued=False)
    old = (program("openssl"), "s_server", "-www", "-accept", "4433", "-cert", held, "-key", held, "-tls1_2")
    managed = f"-f -Lf {tmp_path}/log -C -c {conf['snmpd']} -p {tmp_path}/pid udp:{HERE}:161".split()
    guesses = f"-I -t 8 -l root -P {passwords} ftp://{HERE}".split()
    with (
        cable.serving(21, program("vsftpd"), conf["vsftpd"]),
        cable.running(cable.pair.there, "env", "-C", tmp_path, program("hydra"), *guesses),
        cable.serving(445, program("smbd"), "-F", "--no-process-group", "-s", conf["smb"]),
        cable.running(cable.pair.here, program("snmpd"), *managed),
        cable.serving(4433, *old),
    ):
        cable.attack(program("openssl"), "s_client", "-connect", f"{HERE}:4433", input=b"Q\n")
        share = (f"//{HERE}/x", "-N", "-p", "445", "-m", "NT1", "-s", conf["smb"], "--option=client min protocol=NT1")
        cable.attack(program("smbclient"), *share, "-c", "ls")
        asks = (program("snmpget"), "-v2c", "-c", "bimat", HERE, "1.3.6.1.2.1.1.1.0")
        cable.here.until(lambda: cable.attack(*asks).returncode == 0, 20, "the device answers")

        cable.fires("self_signed_certificate_on_the_wire", "smb_version_one_on_the_wire", "snmp_community_on_the_wire")
        cable.fires("refused_logins_on_the_wire")


@pytest.mark.peer("tor")
def test_what_a_host_calls_outside(cable, tmp_path):
    held = certificate(tmp_path, begins=-400, issued=False)
    serves = (program("openssl"), "s_server", "-www", "-accept", "443", "-cert", held, "-key", held)
    relays = "".join(f"Bridge 198.51.100.{last}:443\n" for last in BRIDGES)
    (tmp_path / "torrc").write_text(f"DataDirectory {tmp_path}/tor\nUseBridges 1\nSocksPort 0\n{relays}")
    with cable.serving(443, *serves, host=cable.pair.there):
        cable.asks(program("openssl"), "s_client", "-connect", f"{POOL}:443", "-servername", "xmr.2miners.com")
        resolves = ("--doh-url", "https://dns.google/dns-query", "--resolve", f"dns.google:443:{DOH}")
        for words in ((*resolves, "https://cong.example.vn/"), (f"https://{LISTED}/",)):
            cable.asks(program("curl"), "-sk", "-m", "5", *words)
        with cable.running(cable.pair.here, program("tor"), "--quiet", "-f", tmp_path / "torrc"):
            cable.fires("tor_on_the_wire")

    cable.fires("mining_on_the_wire", "other_resolver_on_the_wire", "known_bad_on_the_wire")
