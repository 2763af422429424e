from __future__ import annotations

import hashlib
import re

import pytest

from tocsin.service.keys.secret import digest_of, id_of, is_secret_of, make_secret


def test_a_secret_holds_its_id_and_256_random_bits() -> None:
    key_id, secret = make_secret()

    assert re.fullmatch(r"[0-9a-f]{8}", key_id)
    assert re.fullmatch(rf"tocsin_{key_id}_[A-Za-z0-9_-]{{43}}", secret)
    assert id_of(secret) == key_id


def test_no_two_secrets_are_alike() -> None:
    assert len({make_secret() for _ in range(1_000)}) == 1_000


def test_what_is_kept_is_the_sha256_of_the_whole() -> None:
    _, secret = make_secret()

    assert digest_of(secret) == hashlib.sha256(secret.encode("ascii")).hexdigest()


def test_a_secret_is_told_from_another_with_the_same_id() -> None:
    key_id, secret = make_secret()
    other = f"tocsin_{key_id}_{'A' * 43}"

    assert is_secret_of(secret, digest_of(secret))
    assert not is_secret_of(other, digest_of(secret))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("", id="nothing"),
        pytest.param("soup", id="another word"),
        pytest.param("tocsin_0123abcd_" + "A" * 42, id="one too short"),
        pytest.param("tocsin_0123abcd_" + "A" * 43 + "\n", id="a line break behind it"),
        pytest.param("tocsin_0123ABCD_" + "A" * 43, id="a large letter in the id"),
        pytest.param("tocsin_0123abcd_" + "é" * 43, id="letters that base64 lacks"),
        pytest.param("\ud800", id="half a surrogate pair"),
    ],
)
def test_what_has_not_the_shape_of_a_secret_has_no_id(given: str) -> None:
    assert id_of(given) is None
