from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import repeat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.errors import SettingsError
from tocsin.service.review.webhooks import Delivered, Failed, Sent, WebhookUrl, send, tls_context
from tocsin.service.review.webhooks.address import Resolver

HERE = (ip_network("127.0.0.0/8"),)
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
BODY = b'{"dish":"soup"}'
PATIENT_S = 60.0  # a busy machine is no defect
SHORT_S = 0.5

Answer = Callable[[socket.socket], None]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and what signs itself for soup.example and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "soup.example")])
    names = [x509.DNSName("soup.example"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)  # OpenSSL reads the clock, whatever a test does
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_signs(), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "soup.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def _signs() -> x509.KeyUsage:
    """Return what a certificate must be for, where it is checked strictly: from Python 3.13 on."""
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


class Kitchen:
    """Take connections on 127.0.0.1 and answer each as told; remember what was asked."""

    def __init__(self, certificate: Path) -> None:
        self.answer: Answer = lambda guest: guest.sendall(TAKEN)
        self.asked: list[bytes] = []
        self.plain = False
        self.raw = False  # answers before it is asked
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certificate)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                raw, _ = self._door.accept()
                with suppress(OSError), closing(raw):
                    raw.settimeout(PATIENT_S)
                    self._receive(raw)

    def _receive(self, raw: socket.socket) -> None:
        if self.raw:
            self.answer(raw)
            return
        with raw if self.plain else self._tls.wrap_socket(raw, server_side=True) as guest:
            asked = b""
            while not asked.endswith(BODY):
                more = guest.recv(4_096)
                if not more:
                    return
                asked += more
            self.asked.append(asked)
            self.answer(guest)


@pytest.fixture
def kitchen(certificate: Path) -> Iterator[Kitchen]:
    kitchen = Kitchen(certificate)
    yield kitchen
    kitchen.close()


@pytest.fixture
def post(certificate: Path, kitchen: Kitchen) -> Callable[..., Sent]:
    def post(host: str = "soup.example", *, timeout_s: float = PATIENT_S, resolver: Resolver = here) -> Sent:
        url = WebhookUrl.parse(f"https://{host}:{kitchen.port}/pot?token=nutmeg", HERE)
        tls = tls_context(certificate)
        return send(url, HERE, {"Webhook-Id": "msg_1"}, BODY, tls=tls, timeout_s=timeout_s, resolver=resolver)

    return post


def here(_host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
    return [(0, 0, 0, "", ("127.0.0.1", port))]


def saying(content: bytes) -> Answer:
    return lambda guest: guest.sendall(content)


def dripping(first: bytes, drop: bytes) -> Answer:
    """Return what says something for ever, a drop at a time, until nobody listens."""

    def answer(guest: socket.socket) -> None:
        guest.sendall(first)
        left = threading.Event()
        for _ in repeat(None):
            guest.sendall(drop)
            left.wait(SHORT_S / 20)

    return answer


def silent(guest: socket.socket) -> None:
    while guest.recv(4_096):
        pass


def test_a_message_is_delivered_with_its_headers_and_the_host_by_name(
    post: Callable[..., Sent], kitchen: Kitchen
) -> None:
    assert post() == Delivered(204)

    (asked,) = kitchen.asked
    head, _, body = asked.partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /pot?token=nutmeg HTTP/1.1"
    assert f"host: soup.example:{kitchen.port}" in headers
    assert "webhook-id: msg_1" in headers
    assert "content-type: application/json" in headers
    assert body == BODY


def test_the_name_is_resolved_once_and_its_first_address_used(post: Callable[..., Sent]) -> None:
    answers = iter(["127.0.0.1", "10.0.0.1"])
    asked: list[str] = []

    def rebinding(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append(host)
        return [(0, 0, 0, "", (next(answers), port))]

    assert post(resolver=rebinding) == Delivered(204)
    assert asked == ["soup.example"]


def test_a_name_that_leads_inside_is_refused_for_good_and_never_connected_to(
    post: Callable[..., Sent], kitchen: Kitchen
) -> None:
    def inside(_host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [*here("", port), (0, 0, 0, "", ("10.0.0.1", port))]

    sent = post(resolver=inside)

    assert isinstance(sent, Failed)
    assert sent.permanent
    assert "was 10.0.0.1 (private)" in sent.why
    assert kitchen.asked == []


def test_an_address_that_takes_no_connection_gives_way_to_the_next(post: Callable[..., Sent]) -> None:
    def two(_host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(0, 0, 0, "", ("127.0.0.2", port)), *here("", port)]

    assert post(resolver=two) == Delivered(204)


def test_a_literal_address_is_checked_against_its_certificate(post: Callable[..., Sent]) -> None:
    assert post("127.0.0.1") == Delivered(204)


@pytest.mark.parametrize(
    ("answer", "status", "permanent"),
    [
        pytest.param(b"HTTP/1.1 410 Gone\r\n\r\n", "410", True, id="gone"),
        pytest.param(b"HTTP/1.1 404 Not Found\r\n\r\n", "404", False, id="not-found-may-be-a-deployment"),
        pytest.param(b"HTTP/1.1 503 Busy\r\n\r\n", "503", False, id="busy"),
    ],
)
def test_a_status_other_than_2xx_is_a_failure_and_only_410_a_permanent_one(
    post: Callable[..., Sent], kitchen: Kitchen, answer: bytes, status: str, permanent: bool
) -> None:
    kitchen.answer = saying(answer)
    sent = post()

    assert isinstance(sent, Failed)
    assert sent.permanent is permanent
    assert status in sent.why
    assert sent.why.startswith(f"https://soup.example:{kitchen.port}: ")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(post: Callable[..., Sent], kitchen: Kitchen, status: int) -> None:
    place = f"https://soup.example:{kitchen.port}/elsewhere"
    kitchen.answer = saying(f"HTTP/1.1 {status} Away\r\nLocation: {place}\r\n\r\n".encode())
    sent = post()

    assert isinstance(sent, Failed)
    assert not sent.permanent
    assert f"was {status}, and redirects are not followed" in sent.why
    assert len(kitchen.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(dripping(b"HTTP/1.1 2", b"0"), id="first-line-without-end"),
        pytest.param(dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue-without-end"),
    ],
)
def test_a_server_that_drips_its_answer_is_cut_off(
    post: Callable[..., Sent], kitchen: Kitchen, answer: Answer
) -> None:
    kitchen.answer = answer
    sent = post(timeout_s=SHORT_S)  # were it not bounded, this would not come back

    assert isinstance(sent, Failed)
    assert not sent.permanent
    assert "must answer within 0.5 s" in sent.why


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"), id="headers-without-end"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"."), id="body-without-end"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"." * 65_536), id="larger-than-is-read"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n."), id="cut-short"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz"), id="broken"),
    ],
)
def test_whatever_comes_behind_a_status_changes_nothing(
    post: Callable[..., Sent], kitchen: Kitchen, answer: Answer
) -> None:
    kitchen.answer = answer

    assert post(timeout_s=2.0) == Delivered(200)


def test_a_server_that_never_begins_tls_is_given_up(post: Callable[..., Sent], kitchen: Kitchen) -> None:
    kitchen.raw = True
    kitchen.answer = silent
    sent = post(timeout_s=SHORT_S)

    assert isinstance(sent, Failed)
    assert "must answer within 0.5 s" in sent.why


def test_a_server_that_drips_its_handshake_is_cut_off(post: Callable[..., Sent], kitchen: Kitchen) -> None:
    kitchen.raw = True
    kitchen.answer = dripping(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00")  # a long ServerHello
    sent = post(timeout_s=SHORT_S)

    assert isinstance(sent, Failed)
    assert not sent.permanent


def test_a_resolver_that_never_answers_is_not_waited_for(post: Callable[..., Sent]) -> None:
    never = threading.Event()

    def slow(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        never.wait()
        return []

    sent = post(timeout_s=0.05, resolver=slow)
    never.set()

    assert isinstance(sent, Failed)
    assert "must answer within 0.05 s" in sent.why


def test_a_certificate_for_another_name_is_refused(post: Callable[..., Sent], kitchen: Kitchen) -> None:
    sent = post("stew.example")

    assert isinstance(sent, Failed)
    assert not sent.permanent
    assert "must show a certificate that is valid for it: Hostname mismatch" in sent.why
    assert kitchen.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused(kitchen: Kitchen) -> None:
    url = WebhookUrl.parse(f"https://soup.example:{kitchen.port}/", HERE)
    sent = send(url, HERE, {}, BODY, timeout_s=PATIENT_S, resolver=here)

    assert isinstance(sent, Failed)
    assert "self-signed certificate" in sent.why
    assert kitchen.asked == []


def test_what_speaks_no_tls_and_what_speaks_no_http_fail(post: Callable[..., Sent], kitchen: Kitchen) -> None:
    kitchen.answer = saying(b"soup nutmeg\r\n\r\n")
    no_http = post()
    kitchen.raw = True
    no_tls = post()

    assert isinstance(no_http, Failed)
    assert no_http.why.endswith("must answer in HTTP: BadStatusLine")
    assert isinstance(no_tls, Failed)
    assert "must speak TLS" in no_tls.why


def test_a_refused_connection_is_a_failure_for_now(post: Callable[..., Sent], kitchen: Kitchen) -> None:
    def elsewhere(_host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(0, 0, 0, "", ("127.0.0.2", port))]

    sent = post(resolver=elsewhere)

    assert isinstance(sent, Failed)
    assert not sent.permanent
    assert sent.why.endswith("must take a connection and answer: Connection refused")


def test_a_name_without_an_address_is_a_failure_for_now(post: Callable[..., Sent]) -> None:
    sent = post(resolver=lambda *_, **__: [])

    assert isinstance(sent, Failed)
    assert not sent.permanent


def test_plain_http_is_sent_within_allowed_networks(kitchen: Kitchen) -> None:
    kitchen.plain = True
    url = WebhookUrl.parse(f"http://soup.example:{kitchen.port}/", HERE)

    assert send(url, HERE, {}, BODY, timeout_s=PATIENT_S, resolver=here) == Delivered(204)


def test_proxies_of_the_environment_are_not_used(
    post: Callable[..., Sent], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert post() == Delivered(204)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(TAKEN, id="delivered"),
        pytest.param(b"HTTP/1.1 500 nutmeg\r\nnutmeg\r\n\r\nnutmeg", id="malformed-headers"),
        pytest.param(b"nutmeg\r\n\r\n", id="no-http"),
        pytest.param(b"HTTP/1.1 302 Away\r\nLocation: /nutmeg\r\n\r\n", id="redirect"),
    ],
)
def test_neither_logs_nor_outcomes_show_a_query_or_what_the_server_said(
    post: Callable[..., Sent],
    kitchen: Kitchen,
    answer: bytes,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    kitchen.answer = saying(answer)
    with caplog.at_level(logging.DEBUG):
        sent = post()

    assert "nutmeg" not in repr(sent)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_file_that_holds_no_authority_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()

    with pytest.raises(SettingsError, match=r"empty\.pem: must hold certificates in PEM"):
        tls_context(tmp_path / "empty.pem")
    with pytest.raises(SettingsError, match=r"gone\.pem: must hold certificates in PEM: No such file"):
        tls_context(tmp_path / "gone.pem")
