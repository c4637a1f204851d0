"""What people of a workspace may do, at random: a part of `tests.histories`."""

from datetime import timedelta
from uuid import UUID

from domain import owners as own
from domain import session as ses
from domain import sign_in_attempts as att
from domain import user as usr
from tests.examples import ACCOUNT, WORKSPACE

USERS = (UUID(int=131), UUID(int=132))
SESSION, ATTEMPTS = UUID(int=141), UUID(int=151)
WS = {"workspace_id": WORKSPACE}
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"


def people(world, choose):
    """Invitations, roles, shared numbers, sessions and failed sign-ins."""
    user_id = choose(USERS)
    about = {**WS, "user_id": user_id}
    state = world.states.get(user_id, usr.user.initial)
    taken_for = {"taken_for": usr.Standing(state.status, state.role), "by_owner": True}
    role = choose(["owner", "agent", "analyst"])
    email, until = f"u{user_id.int}@mail.example", world.now + timedelta(days=7)
    decider, stream_id, command = choose(
        [
            *[(usr.user, user_id, command) for command in _of_user(about, taken_for, state, role)],
            (
                usr.user,
                user_id,
                usr.InviteUser(**about, email=email, role=role, expires_at=until, by_owner=True),
            ),
            (own.owners, own.owners_id(WORKSPACE), own.AddOwner(**about)),
            (own.owners, own.owners_id(WORKSPACE), own.LetOwnerLeave(**about)),
            *[(ses.session, SESSION, command) for command in _of_session(world, about, state)],
            (
                att.sign_in_attempts,
                ATTEMPTS,
                att.FailSignIn(**WS, user_id=USERS[0], address="203.0.113.7"),
            ),
            (att.sign_in_attempts, ATTEMPTS, att.ForgiveSignInFailures(**WS, user_id=USERS[0])),
        ]
    )
    world.ask(decider, stream_id, command)


def _of_user(about, taken_for, state, role):
    standing = taken_for["taken_for"]
    joined = {"name": "Siti", "password_hash": HASH, "taken_for": standing}
    return [
        usr.AcceptInvitation(**about, invitation=state.invitation, **joined),
        usr.AcceptInvitation(**about, invitation=state.invitation, **joined),
        usr.ChangeRole(**about, role=role, **taken_for),
        usr.RemoveUser(**about, **taken_for),
        usr.RestoreUser(**about, **taken_for),
        usr.ChangePassword(**about, password_hash=f"{HASH}{state.epoch}"),
        usr.RehashPassword(**about, was=state.password_hash, password_hash=f"{HASH}again"),
        usr.ShareNumber(**about, account_id=ACCOUNT),
        usr.UnshareNumber(**about, account_id=ACCOUNT),
    ]


def _of_session(world, about, state):
    one = {**WS, "session_id": SESSION}
    generation = world.states.get(SESSION, ses.session.initial).generation
    entry = {"epoch": state.epoch, "address": "203.0.113.7", "agent": "Firefox"}
    until = world.now + timedelta(days=30)
    return [
        ses.SignIn(**about, session_id=SESSION, **entry, expires_at=until),
        ses.RefreshSession(**one, generation=generation),
        *([ses.EndSession(**one, reason="signed_out")] if generation > 3 else []),
    ]
