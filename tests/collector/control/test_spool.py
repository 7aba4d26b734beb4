# SPDX-License-Identifier: Apache-2.0
import asyncio
import base64
import io

import pytest
from cryptography import x509

from giamsat_collector.enrol import agents
from giamsat_collector.errors import RefusedError
from giamsat_wire import receipt
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import PIECE_BYTES
from support.enrolled import enrolled
from support.office import Office
from support.parcels import AGENT, bound_sha256, key, run, sealed, taken_apart

BOUND = key()


@pytest.fixture
async def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    agent = enrolled(AGENT, bound=bound_sha256(BOUND))
    office.store.now(lambda connection: agents.add(connection, agent))
    office.allow_list.keep(agent)
    committing = asyncio.ensure_future(office.intake.run())
    yield office
    committing.cancel()
    office.console.close()


def b64(data):
    return base64.b64encode(data).decode()


def parcel(office, *runs):
    head, pieces = taken_apart(sealed(runs, carrier=office.authority.carrier.key, bound=BOUND))
    return {"head": b64(head.encoded), "signature": b64(head.signature)}, [(b64(piece), last) for piece, last in pieces]


async def test_a_parcel_is_taken_piece_by_piece_and_answered_with_a_receipt(office):
    words, pieces = parcel(office, run(1, 2), run(1, lane=Lane.URGENT))
    modes = {"dry_run": False, "without_earlier": False}

    who = await office.do("spool.sender", **words)
    took = [
        await office.do("spool.piece", **words, **modes, number=number, sealed=piece, last=last)
        for number, (piece, last) in enumerate(pieces)
    ]
    data = base64.b64decode(await office.do("spool.receipt", **words))

    assert (who["agent"], who["hostname"], who["unit"]) == (AGENT, "máy-1", "40.412")
    assert [(one["lane"], one["new"]) for one in took] == [("event", 2), ("urgent", 1), (None, 0)]
    held = receipt.read(io.BytesIO(data), AGENT, office.authority.carrier.key.public_key())
    assert [(one.lane, one.seq) for one in held] == [(Lane.URGENT, 1), (Lane.EVENT, 2)]


async def test_whom_to_seal_for_is_a_certificate_of_this_authority(office):
    leaf, issuer = x509.load_pem_x509_certificates((await office.do("spool.key")).encode())

    leaf.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(office.authority.root)
    assert leaf.public_key() == office.authority.carrier.key.public_key()


@pytest.mark.parametrize("sealed_", ["no base64 at all!", "A" * (2 * PIECE_BYTES + 4)], ids=["words", "too large"])
async def test_what_is_no_piece_is_refused(office, sealed_):
    words, _ = parcel(office, run(1))

    with pytest.raises(RefusedError, match="a piece of a parcel"):
        await office.do(
            "spool.piece", **words, number=0, sealed=sealed_, last=False, dry_run=True, without_earlier=False
        )
