"""The people of a company in a long history: they join, share numbers, sign in, and some leave."""

from datetime import timedelta
from uuid import uuid5

from commands.execute import Ask
from domain import session as ses
from domain import sign_in_attempts as att
from domain import user as usr
from domain.ids import user_id
from domain.owners import AddOwner, owners, owners_id
from domain.readers import BeginReading, readers, readers_id
from tests.spec import NOW

ROLES = ("owner", "admin", "agent", "agent", "analyst", "auditor")
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
UNTIL = NOW + timedelta(days=900)


def people(ws, account):
    """Groups of asks, each of which goes into one append; none is refused."""
    for n, role in enumerate(ROLES):
        email = f"user{n}@company.example"
        about = {"workspace_id": ws, "user_id": user_id(ws, email)}
        yield from _joined(about, email, role)
        yield [
            *_of(about, usr.ShareNumber, account_id=account),
            _reads(about, account_ids=(account,)),
        ]
        yield from _signed_in(about, uuid5(ws, f"session {n}"), n)
    yield _of(about, usr.UnshareNumber, account_id=account)
    yield _of(about, usr.ChangePassword, password_hash=HASH + "x")
    yield _of(about, usr.RehashPassword, was=HASH + "x", password_hash=HASH + "y")
    taken_for = usr.Standing("active", "auditor")
    yield _of(about, usr.RemoveUser, taken_for=taken_for)
    yield _of(about, usr.RestoreUser, taken_for=usr.Standing("removed", "auditor"))
    yield _of(about, usr.ChangeRole, role="analyst", taken_for=taken_for)


def _of(about, command, **parts):
    return [Ask(usr.user, about["user_id"], command(**about, **parts))]


def _reads(about, **which):
    return Ask(readers, readers_id(about["workspace_id"]), BeginReading(**about, **which))


def _joined(about, email, role):
    yield _of(about, usr.InviteUser, email=email, role=role, expires_at=UNTIL, by_owner=True)
    accepted = {"invitation": 1, "name": email.title(), "password_hash": HASH}
    joined = _of(about, usr.AcceptInvitation, **accepted, taken_for=usr.Standing("invited", role))
    if role == "owner":
        at = about["workspace_id"]
        joined.append(Ask(owners, owners_id(at), AddOwner(**about)))
    if role != "agent":
        joined.append(_reads(about, everything=True))
    yield joined


def _signed_in(about, session_id, n):
    one = {"workspace_id": about["workspace_id"], "session_id": session_id}
    entry = {"epoch": 0, "address": f"203.0.113.{n}", "agent": "Firefox", "expires_at": UNTIL}
    attempts = att.attempts_id(about["workspace_id"], str(n), entry["address"])
    failed = att.FailSignIn(**about, address=entry["address"])
    yield [Ask(att.sign_in_attempts, attempts, failed)]
    yield [
        Ask(ses.session, session_id, ses.SignIn(**about, session_id=session_id, **entry)),
        Ask(att.sign_in_attempts, attempts, att.ForgiveSignInFailures(**about)),
    ]
    yield [Ask(ses.session, session_id, ses.RefreshSession(**one, generation=1))]
    if n % 2:
        yield [Ask(ses.session, session_id, ses.EndSession(**one, reason="signed_out"))]
