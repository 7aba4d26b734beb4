# SPDX-License-Identifier: Apache-2.0
"""Rules and events for the bench of the engine, out of words of its own.

The rules have the shapes of the public Sigma collection: lists of contents, prefixes and suffixes, `all`, exclusions,
keywords, and an expression in about one of thirty. The events are as servers, web servers, resolvers and firewalls of
a unit give them, as an attack makes them, and as a sender makes them who wants the engine to look for nothing.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Final

from giamsat_wire.record import FieldValue

Event = dict[str, FieldValue]

SYLLABLES: Final = (
    *("ka", "lo", "mi", "ru", "te", "shi", "von", "dex", "par", "quil", "zan", "bor", "net"),
    *("sys", "ctl", "run", "get", "inv", "exe", "mod", "drv", "cat", "pol", "hub", "nex"),
)
TOOLS: Final = (
    *("bash", "python3", "perl", "curl", "wget", "nc", "socat", "systemctl", "crontab", "useradd", "chattr"),
    *("base64", "touch", "chmod", "find", "tar", "dd", "ssh", "scp", "rsync", "awk", "cat", "grep", "ps"),
    *("kill", "mount", "iptables", "tcpdump", "passwd", "sudo", "su", "vim", "less", "nano", "php", "ruby"),
    *("node", "gdb", "strace", "env", "nohup", "screen"),
)
FOLDERS: Final = (
    *("/var/www/html/", "/usr/local/bin/", "/etc/cron.d/", "/opt/", "/root/.ssh/"),
    *("/tmp/", "/dev/shm/"),  # noqa: S108 - words of rules
)
EXPRESSION: Final = 8
"""The shape of rules that hold an expression; two thirds of those that would be are made another shape."""


class Words:
    """Words that occur in no event unless a rule's event is wanted."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a repeatable bench

    def word(self) -> str:
        """One word of two to four syllables and a number."""
        return "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(2, 4))) + str(self.chance.randrange(100))

    def words(self, most: int) -> list[str]:
        """Some words."""
        return [self.word() for _ in range(self.chance.randint(2, most))]

    def phrase(self) -> str:
        """A piece of a command line."""
        return f" {self.chance.choice(('-', '--', ''))}{self.word()}{self.chance.choice((' ', '=', '/', '.sh'))}"


def varied(words: Words, number: int) -> tuple[dict[str, object], Event]:
    """One rule in a shape of the public collection, and an event that meets it."""
    shape = 0 if number % 10 == EXPRESSION != number % 30 else number % 10
    source, detection, event = _of_process(words, shape) if shape in PROCESSES else _of_other(words, shape)
    header = {"title": f"Variation {number}", "name": f"variation_{number}", "level": "medium"}
    return {**header, "logsource": source, "detection": detection}, event


Shaped = tuple[dict[str, str], dict[str, object], Event]
PROCESSES: Final = frozenset({0, 1, 2, 3, 4, EXPRESSION})


def _of_process(words: Words, shape: int) -> Shaped:
    """A rule on the start of programs."""
    chance, source = words.chance, {"product": "linux", "category": "process_creation"}
    event: Event = {"event.category": ("process",), "host.os.type": "linux"}
    if shape == EXPRESSION:
        word, other = words.word(), words.word()
        selection = {"CommandLine|re": f"(?:{word}|{other})\\s+[a-z0-9]{{4,}}\\.sh"}
        narrow = {"CommandLine|contains": [word, other]}
        event["process.command_line"] = f"{word} abcd1.sh"
        return source, {"selection": selection, "narrow": narrow, "condition": "selection and narrow"}, event
    if shape == max(PROCESSES - {EXPRESSION}):
        both = [words.word(), words.word()]
        event["process.command_line"] = "sh -c " + " ".join(both)
        return source, {"selection": {"CommandLine|contains|all": both}, "condition": "selection"}, event
    tools, phrases = chance.sample(TOOLS, 3), [words.phrase() for _ in range(chance.randint(2, 8))]
    detection = {
        "selection_img": {"Image|endswith": [f"/{tool}" for tool in tools]},
        "selection_cli": {"CommandLine|contains": phrases},
        "filter_main": {"ParentImage|startswith": chance.choice(FOLDERS) + words.word()},
        "condition": "all of selection_* and not 1 of filter_*",
    }
    event |= {"process.executable": f"/usr/bin/{tools[0]}", "process.command_line": f"{tools[0]}{phrases[-1]}x"}
    return source, detection, event


def _of_other(words: Words, shape: int) -> Shaped:
    """A rule on files, requests, names, or the words of a daemon."""
    match shape:
        case 5:
            paths = [words.chance.choice(FOLDERS) + word for word in words.words(6)]
            event: Event = {"event.category": ("file",), "file.path": paths[0] + "/x"}
            selection: dict[str, object] = {"TargetFilename|startswith": paths}
            source = {"product": "linux", "category": "file_event"}
        case 6:
            parts = [f"/{word}.php?{words.word()}=" for word in words.words(8)]
            selection = {"cs-method": ["GET", "POST"], "cs-uri-query|contains": parts}
            event = {"event.category": ("web",), "http.request.method": "GET", "url.original": parts[0] + "1"}
            source = {"category": "webserver"}
        case 7:
            names = [f".{word}.{words.word()}.top" for word in words.words(8)]
            selection = {"query|endswith": names}
            event = {"event.category": ("network",), "dns.question.name": "a" + names[0]}
            source = {"category": "dns"}
        case _:
            keys = [f"{word} {words.word()}" for word in words.words(4)]
            event = {"process.name": "sshd", "message": f"error: {keys[0]} from 192.0.2.9"}
            return {"product": "linux", "service": "sshd"}, {"keywords": keys, "condition": "keywords"}, event
    return source, {"selection": selection, "condition": "selection"}, event


def ordinary(words: Words) -> Iterator[Event]:
    """What servers, web servers, resolvers and firewalls of a unit send on a quiet day."""
    chance = words.chance
    while True:
        client, host = f"10.{chance.randrange(99)}.{chance.randrange(250)}.{chance.randrange(250)}", "srv-01"
        port, user = chance.randrange(1024, 65535), chance.choice(("an", "binh", "www-data", "root", "backup"))
        match chance.choices(range(5), (30, 25, 20, 15, 10))[0]:
            case 0:
                tool, path = chance.choice(TOOLS), f"/usr/lib/package-{chance.randrange(900)}/postinst configure"
                yield {
                    "event.action": "exec", "event.category": ("process",), "event.type": ("start",),
                    "host.name": host, "process.name": tool, "process.executable": f"/usr/bin/{tool}",
                    "process.command_line": f"{tool} -e {path} --quiet --state=/var/lib/{port}", "user.name": user,
                    "process.parent.executable": "/usr/lib/systemd/systemd", "process.pid": port,
                }  # fmt: skip
            case 1:
                line = f'{client} - - "GET /cong-van/{port}?trang={port % 9} HTTP/1.1" 200 {port}'
                yield {
                    "event.category": ("web",), "source.ip": client, "http.request.method": "GET", "host.name": host,
                    "url.original": f"/cong-van/{port}?trang={port % 9}", "http.response.status_code": 200,
                    "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0)", "event.original": line,
                }  # fmt: skip
            case 2:
                line = f"Accepted publickey for {user} from {client} port {port} ssh2"
                yield {
                    "event.action": "user-login", "event.category": ("authentication",), "event.outcome": "success",
                    "host.name": host, "process.name": "sshd", "user.name": user, "source.ip": client,
                    "source.port": port, "message": line,
                }  # fmt: skip
            case 3:
                line = f"IN=eth0 OUT= SRC={client} DST=10.0.0.1 LEN=60 TTL=63 PROTO=TCP SPT={port} DPT=443 SYN"
                yield {
                    "event.category": ("network",), "source.ip": client, "destination.ip": "10.0.0.1",
                    "event.original": line, "source.port": port, "destination.port": 443,
                    "network.transport": "tcp", "event.action": "accept",
                }  # fmt: skip
            case _:
                yield {
                    "event.category": ("network",), "event.action": "dns-query", "source.ip": client,
                    "dns.question.name": f"www{port}.example.gov.vn", "dns.question.type": "A", "host.name": host,
                }  # fmt: skip


def stuffed(words: Words, literals: Sequence[str]) -> Event:
    """An event whose sender writes 200 literals of rules into the command line: 4 kB."""
    text = " ".join(words.chance.choices(literals, k=200))
    tool = words.chance.choice(TOOLS)
    return {
        "event.category": ("process",), "process.name": tool, "process.executable": f"/usr/bin/{tool}",
        "process.command_line": f"{tool} {text}",
    }  # fmt: skip
