# SPDX-License-Identifier: Apache-2.0
"""One file per behaviour; `every` makes them all anew."""

from giamsat_agent.packets.detector import Detector
from giamsat_agent.packets.detectors.accepted_sweep import AcceptedSweep
from giamsat_agent.packets.detectors.ack import AckScan
from giamsat_agent.packets.detectors.advertisement import RouterAdvertisement
from giamsat_agent.packets.detectors.arp import ArpSpoof
from giamsat_agent.packets.detectors.arp_scan import ArpScan
from giamsat_agent.packets.detectors.beacon import Beacon
from giamsat_agent.packets.detectors.certificate import BadCertificate
from giamsat_agent.packets.detectors.challenge import Challenges
from giamsat_agent.packets.detectors.cleartext import OpenPasswords
from giamsat_agent.packets.detectors.dhcp import Dhcp
from giamsat_agent.packets.detectors.dhcp6 import Dhcp6
from giamsat_agent.packets.detectors.discovery import AllNodes, EchoSweep, ProtocolScan
from giamsat_agent.packets.detectors.dns import DnsNames
from giamsat_agent.packets.detectors.dns_forgery import DnsForgery
from giamsat_agent.packets.detectors.duplicate_address import DuplicateAddress
from giamsat_agent.packets.detectors.duration import LongConnection
from giamsat_agent.packets.detectors.encryption import WeakEncryption
from giamsat_agent.packets.detectors.exhaustion import Exhaustion
from giamsat_agent.packets.detectors.flood import Flood
from giamsat_agent.packets.detectors.fragments import Fragments
from giamsat_agent.packets.detectors.guessing import Guessing
from giamsat_agent.packets.detectors.heartbeat import Heartbeat
from giamsat_agent.packets.detectors.icmp import EchoTunnel
from giamsat_agent.packets.detectors.kerberos import Kerberos
from giamsat_agent.packets.detectors.listening import Listening
from giamsat_agent.packets.detectors.mac import MacFlood
from giamsat_agent.packets.detectors.mining import Mining
from giamsat_agent.packets.detectors.name_beacon import DnsBeacon
from giamsat_agent.packets.detectors.name_poisoning import NamePoisoning
from giamsat_agent.packets.detectors.neighbour import NeighbourDiscovery
from giamsat_agent.packets.detectors.nxdomain import MissingNames
from giamsat_agent.packets.detectors.raw_dns import RawDns
from giamsat_agent.packets.detectors.redirect import Redirect
from giamsat_agent.packets.detectors.refusal import Refusals
from giamsat_agent.packets.detectors.refused_scan import RefusedPorts
from giamsat_agent.packets.detectors.resolver import OtherResolver
from giamsat_agent.packets.detectors.scan import SynScan, UdpScan
from giamsat_agent.packets.detectors.sctp import SctpScan
from giamsat_agent.packets.detectors.slow_read import SlowReading
from giamsat_agent.packets.detectors.smb1 import OldSharing
from giamsat_agent.packets.detectors.snmp_guessing import Communities
from giamsat_agent.packets.detectors.stealth import StealthScan
from giamsat_agent.packets.detectors.stp_root import SpanningTree
from giamsat_agent.packets.detectors.tor import Tor
from giamsat_agent.packets.detectors.udp_beacon import UdpBeacon
from giamsat_agent.packets.detectors.web import WebRequests
from giamsat_agent.packets.expected_peers import Acquainted
from giamsat_agent.packets.silence import Silence


def every() -> tuple[Detector, ...]:
    """A set of detectors that have seen nothing yet."""
    silence, acquainted = Silence(), Acquainted()
    return (
        SynScan(silence, acquainted),
        UdpScan(silence, acquainted),
        RefusedPorts(),
        AcceptedSweep(),
        SctpScan(),
        AckScan(),
        StealthScan(),
        EchoSweep(),
        AllNodes(),
        ProtocolScan(),
        ArpScan(),
        ArpSpoof(),
        DuplicateAddress(),
        Dhcp(),
        Dhcp6(),
        RouterAdvertisement(),
        Redirect(),
        SpanningTree(),
        NamePoisoning(),
        MacFlood(),
        Flood(acquainted),
        DnsNames(),
        RawDns(),
        MissingNames(),
        DnsForgery(),
        Guessing(),
        EchoTunnel(),
        WebRequests(),
        LongConnection(),
        Beacon(),
        UdpBeacon(),
        Heartbeat(),
        DnsBeacon(),
        NeighbourDiscovery(),
        Refusals(),
        Challenges(),
        Communities(),
        Kerberos(),
        WeakEncryption(),
        BadCertificate(),
        OpenPasswords(),
        OldSharing(),
        OtherResolver(),
        Mining(),
        Tor(),
        Exhaustion(),
        SlowReading(),
        Fragments(),
        Listening(),
    )
