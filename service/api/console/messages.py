"""What a page says of what was just done: a code in its address stands for the words."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, str]] = {
    "signed-out": "You are signed out.",
    "decided": "Decided.",
    "undone": "Undone.",
    "released": "Given back.",
    "kept": "Kept.",
    "nothing": "Nothing waits for you now.",
    "acknowledged": "You have taken it on. The others are not called again.",
    "filter-saved": "Saved.",
    "filter-deleted": "Deleted.",
    "resent": "They wait to be sent again.",
    "decided-alike": "Decided, with the near-copies that you ticked.",
    "escalated": "Escalated: somebody with more say looks next.",
    "skipped": "Skipped: somebody else looks next.",
    "renewed": "The task is yours for longer.",
    "paged": "The leads are called. They alone may take the task now.",
    "assigned": "Given.",
    "held": "The item is kept from being erased.",
    "hold-released": "The hold is released.",
    "password-kept": "Your password is kept. Sign in with it.",
    "password-changed": "Your password is changed. You are signed out everywhere else.",
    "codes-on": "Codes are on. You are signed out everywhere else.",
    "codes-off": "Codes are off.",
    "sessions-ended": "Ended.",
    "reviewer-changed": "Changed.",
    "oidc-linked": "From now on you sign in through the identity provider alone.",
    "oidc-refused": "The identity provider did not let you in, or you went back. Nobody is signed in.",
    "oidc-lapsed": "This sign-in took too long, was used already, or began in another browser or at another"
    " address of this server. Begin again.",
    "oidc-away": "The identity provider did not answer as it should. Try again in a moment; if it stays so,"
    " tell whoever runs this server.",
    "oidc-untrusted": "What the identity provider said could not be verified, so nobody is signed in. Tell"
    " whoever runs this server.",
    "oidc-unknown": "The identity provider knows you, but no active account here is yours. Ask an admin for"
    " an invitation.",
    "oidc-taken": "Who you are at the identity provider belongs to another account here already. Ask an"
    " admin.",
}
