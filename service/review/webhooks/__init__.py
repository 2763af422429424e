"""Webhooks: who is told of what, signed, sent to public addresses alone, and tried again."""

from tocsin.service.review.webhooks.address import NameUnresolvedError, Resolver, resolve
from tocsin.service.review.webhooks.backoff import ATTEMPTS, next_attempt
from tocsin.service.review.webhooks.endpoint import Endpoint, read_endpoints
from tocsin.service.review.webhooks.networks import AddressRefusedError, Network
from tocsin.service.review.webhooks.outcome import Delivered, Failed, Sent
from tocsin.service.review.webhooks.sender import TIMEOUT_S, send, tls_context
from tocsin.service.review.webhooks.signing import SignatureRefusedError, parse_secret, sign, verify
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = [
    "ATTEMPTS",
    "TIMEOUT_S",
    "AddressRefusedError",
    "Delivered",
    "Endpoint",
    "Failed",
    "NameUnresolvedError",
    "Network",
    "Resolver",
    "Sent",
    "SignatureRefusedError",
    "WebhookUrl",
    "next_attempt",
    "parse_secret",
    "read_endpoints",
    "resolve",
    "send",
    "sign",
    "tls_context",
    "verify",
]
