from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
import standardwebhooks
import standardwebhooks.webhooks

from tocsin.errors import InputError, SettingsError
from tocsin.service.review.webhooks import SignatureRefusedError, parse_secret, sign, verify

NOON = datetime(2031, 5, 17, 12, tzinfo=UTC)
BODY = '{"dish":"crème brûlée"}'.encode()


def spelled(length: int, of: bytes = b"\xfb") -> str:
    return "whsec_" + base64.b64encode(of * length).decode()


OLD, NEW = spelled(24), spelled(64, b"s")


class Noon(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Noon:
        return cls.fromtimestamp(NOON.timestamp(), tz)


@pytest.fixture
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", Noon)


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize("secret", [OLD, NEW])
def test_the_peer_library_verifies_what_we_sign(secret: str) -> None:
    headers = sign([parse_secret(secret)], "msg_1", NOON, BODY)

    assert standardwebhooks.Webhook(secret).verify(BODY, headers) == {"dish": "crème brûlée"}


@pytest.mark.usefixtures("_at_noon")
def test_we_verify_what_the_peer_library_signs() -> None:
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(NOON.timestamp())),
        "Webhook-Signature": standardwebhooks.Webhook(OLD).sign("msg_1", NOON, BODY.decode()),
    }

    assert verify([parse_secret(OLD)], headers, BODY, NOON) == "msg_1"


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_secrets_change_receivers_of_either_verify(secret: str) -> None:
    headers = sign([parse_secret(NEW), parse_secret(OLD)], "msg_1", NOON, BODY)

    assert headers["webhook-signature"].count("v1,") == 2
    standardwebhooks.Webhook(secret).verify(BODY, headers)
    verify([parse_secret(secret)], headers, BODY, NOON)


def test_the_specification_s_own_example_is_signed_alike() -> None:
    secret = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_time_of_another_zone_is_the_same_time() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))

    assert sign([b"s" * 24], "1", elsewhere, BODY) == sign([b"s" * 24], "1", NOON, BODY)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param({"webhook-id": "msg_2"}, "known secret", id="another-id"),
        pytest.param(
            {"webhook-timestamp": str(int(NOON.timestamp()) + 1)}, "known secret", id="another-time"
        ),
        pytest.param({"webhook-signature": "v1,c291cA=="}, "known secret", id="another-signature"),
        pytest.param({"webhook-signature": "v1,sÖup"}, "known secret", id="signature-that-is-no-ascii"),
        pytest.param({"webhook-signature": ""}, "must have", id="no-signature"),
        pytest.param({"webhook-id": ""}, "must have", id="no-id"),
        pytest.param({"webhook-timestamp": "noon"}, "must have", id="no-number"),
        pytest.param({"webhook-timestamp": "9" * 5_000}, "must have", id="number-that-is-too-long"),
    ],
)
def test_a_message_that_was_changed_is_refused(change: dict[str, str], why: str) -> None:
    headers = sign([b"s" * 24], "msg_1", NOON, BODY) | change

    with pytest.raises(SignatureRefusedError, match=why):
        verify([b"s" * 24], headers, BODY, NOON)


def test_another_body_and_another_secret_are_refused() -> None:
    headers = sign([b"s" * 24], "msg_1", NOON, BODY)

    with pytest.raises(SignatureRefusedError):
        verify([b"s" * 24], headers, BODY + b" ", NOON)
    with pytest.raises(SignatureRefusedError):
        verify([b"t" * 24], headers, BODY, NOON)


def test_a_signature_of_another_version_counts_for_nothing() -> None:
    headers = sign([b"s" * 24], "msg_1", NOON, BODY)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")

    with pytest.raises(SignatureRefusedError, match="known secret"):
        verify([b"s" * 24], headers, BODY, NOON)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_off_is_taken_and_a_second_more_is_not(minutes: int) -> None:
    headers = sign([b"s" * 24], "msg_1", NOON, BODY)
    edge = NOON + timedelta(minutes=minutes)

    assert verify([b"s" * 24], headers, BODY, edge) == "msg_1"
    with pytest.raises(SignatureRefusedError, match="within 300 s of now"):
        verify([b"s" * 24], headers, BODY, edge + timedelta(seconds=minutes / 5))


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret_of_24_to_64_bytes_is_taken_with_or_without_padding(length: int) -> None:
    assert parse_secret(spelled(length)) == b"\xfb" * length
    assert parse_secret(spelled(length).rstrip("=")) == b"\xfb" * length


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(spelled(23), "was 23 bytes", id="too-short"),
        pytest.param(spelled(65), "was 65 bytes", id="too-long"),
        pytest.param("whsec_", "was 0 bytes", id="empty"),
        pytest.param(spelled(32)[6:], "starts otherwise", id="no-prefix"),
        pytest.param("whsec_" + "+/-_" * 8, "no base64", id="alphabet-of-urls"),
        pytest.param("whsec_" + "Öl" * 16, "no base64", id="no-ascii"),
        pytest.param("whsec_" + "abcde", "no base64", id="impossible-length"),
    ],
)
def test_a_bad_secret_is_refused_and_never_shown(text: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as caught:
        parse_secret(text)

    assert not text[6:] or text[6:] not in str(caught.value)


@pytest.mark.parametrize("message_id", ["", "msg.1", "msg 1", "msg\r\nx:y", "süppe", "m" * 257])
def test_an_id_that_could_be_misread_is_not_signed(message_id: str) -> None:
    with pytest.raises(InputError, match="a message's id must be"):
        sign([b"s" * 24], message_id, NOON, BODY)


def test_nothing_is_sent_unsigned_or_at_an_unknown_time() -> None:
    with pytest.raises(InputError, match="at least one secret"):
        sign([], "msg_1", NOON, BODY)
    with pytest.raises(InputError, match="must have a zone"):
        sign([b"s" * 24], "msg_1", NOON.replace(tzinfo=None), BODY)
