# SPDX-License-Identifier: Apache-2.0
"""A name server: whether it answers a question, and as it should."""

import secrets
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import Run, WrongAnswerError, shorten
from giamsat_agent.check_settings import Dns
from giamsat_agent.protocols import dns_message
from giamsat_agent.protocols.connection import opened
from giamsat_agent.protocols.datagram import line
from giamsat_agent.protocols.dns_message import Answer

PORT: Final = 53


class DnsCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Dns) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Ask by UDP, and by TCP what does not fit into a datagram."""
        its = self._its
        host, port = split(its.target, PORT)
        asked = dns_message.question(its.query, its.record, secrets.randbits(16))
        run.set("probe_dns_query_succeeded", 0)
        before_ns = run.clock.mono_ns()
        async with line(run, host, port) as there:
            resolved_ns = run.clock.mono_ns()
            answer = await there.ask(asked, lambda data: dns_message.understand(data, asked))
        if answer.truncated:
            answer = await _by_tcp(run, host, port, asked)
        run.set("probe_dns_duration_seconds", round((resolved_ns - before_ns) / 1e9, 4), phase="resolve")
        run.set("probe_dns_duration_seconds", run.seconds_since(resolved_ns), phase="request")
        run.set("probe_dns_query_succeeded", 1)
        run.set("probe_dns_answer_rrs", answer.answers)
        run.set("probe_dns_authority_rrs", answer.authority)
        run.set("probe_dns_additional_rrs", answer.additional)
        if answer.serial is not None:
            run.set("probe_dns_serial", answer.serial)
        self._judge(answer)

    def _judge(self, answer: Answer) -> None:
        its = self._its
        if answer.code != its.rcode:
            raise WrongAnswerError(f"it answers {answer.code} in place of {its.rcode} for {its.query} {its.record}")
        if its.rcode == "NOERROR" and not answer.values:
            raise WrongAnswerError(f"it knows no {its.record} of {its.query}")
        for text in its.answers_have:
            if text not in answer.values:
                said = shorten(", ".join(answer.values))
                raise WrongAnswerError(f"its answer lacks {text!r}; it says {said!r}")


async def _by_tcp(run: Run, host: str, port: int, asked: bytes) -> Answer:
    async with opened(run, host, port) as connection:
        await connection.send(len(asked).to_bytes(2, "big") + asked)
        data = await connection.exactly(int.from_bytes(await connection.exactly(2), "big"))
    answer = dns_message.understand(data, asked)
    if answer is None:
        raise WrongAnswerError("what it says by TCP is no answer to the question")
    return answer
