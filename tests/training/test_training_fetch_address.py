from pathlib import Path

import httpx2
import pytest

from tocsin.training.fetching import Patience, State, Web, fetch
from tocsin.training.fetching.address import objection, shown_url
from tocsin.training.fetching.testing import toy_corpus, toy_file

SOUP = b"leek, potato, stock\n"
HERE = "must not lead to this machine"
HTTPS = "must come by https"


@pytest.mark.parametrize(
    ("url", "redirected_from", "rule"),
    [
        pytest.param("https://soups.example/a", None, None, id="https"),
        pytest.param("https://soups.example:8443/a", None, None, id="https-on-another-port"),
        pytest.param("http://127.0.0.1:8000/a", None, None, id="http-here"),
        pytest.param("http://127.9.9.9/a", None, None, id="http-here-by-another-name"),
        pytest.param("http://[::1]:8000/a", None, None, id="http-here-by-ipv6"),
        pytest.param("http://localhost/a", None, None, id="http-here-by-name"),
        pytest.param("http://LOCALHOST/a", None, None, id="http-here-by-a-loud-name"),
        pytest.param("http://soups.example/a", None, HTTPS, id="http"),
        pytest.param("HTTP://soups.example/a", None, HTTPS, id="loud-http"),
        pytest.param("http://localhost.soups.example/a", None, HTTPS, id="only-looks-like-here"),
        pytest.param("http://127.0.0.1.soups.example/a", None, HTTPS, id="only-looks-like-an-address-here"),
        pytest.param("http://soups.example@10.0.0.1/a", None, HTTPS, id="user-that-looks-like-a-host"),
        pytest.param("http://localhost@soups.example/a", None, HTTPS, id="user-that-looks-like-here"),
        pytest.param("http://10.0.0.1/a", None, HTTPS, id="http-in-the-own-network"),
        pytest.param("http://0.0.0.0/a", None, HTTPS, id="http-to-anywhere"),
        pytest.param("ftp://soups.example/a", None, HTTPS, id="ftp"),
        pytest.param("ftp://127.0.0.1/a", None, HTTPS, id="ftp-here"),
        pytest.param("file:///soups/a", None, HTTPS, id="file"),
        pytest.param("file://localhost/soups/a", None, HTTPS, id="file-here"),
        pytest.param("soups.example/a", None, HTTPS, id="no-scheme"),
        pytest.param("https://files.example/a", "https://soups.example/a", None, id="https-to-https"),
        pytest.param("https://files.example/a", "http://localhost/a", None, id="here-to-https"),
        pytest.param("http://127.0.0.1:1/a", "http://localhost/a", None, id="here-to-here"),
        pytest.param("http://127.0.0.1/a", "https://localhost/a", None, id="here-to-here-without-tls"),
        pytest.param("http://files.example/a", "https://soups.example/a", HTTPS, id="https-to-http"),
        pytest.param("http://files.example/a", "http://localhost/a", HTTPS, id="here-to-http"),
        pytest.param("http://localhost/a", "https://soups.example/a", HERE, id="https-to-http-here"),
        pytest.param("https://localhost/a", "https://soups.example/a", HERE, id="https-to-https-here"),
        pytest.param("https://[::ffff:127.0.0.1]/a", "https://s.example/a", HERE, id="here-by-ipv4-in-ipv6"),
    ],
)
def test_an_address_is_https_or_on_this_machine_and_no_redirect_comes_in_from_outside(
    url: str, redirected_from: str | None, rule: str | None
) -> None:
    why = objection(httpx2.URL(url), httpx2.URL(redirected_from) if redirected_from else None)

    assert (why is None) == (rule is None)
    assert (rule or "") in (why or "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param(
            "https://soups.example/a/b?token=1#c", "https://soups.example/a/b", id="query-and-fragment"
        ),
        pytest.param("https://anna:pw@soups.example/a", "https://soups.example/a", id="user-and-password"),
        pytest.param("http://[::1]:80/a?b?c", "http://[::1]/a", id="ipv6"),
        pytest.param("http://[::1]:8000/a", "http://[::1]:8000/a", id="port"),
        pytest.param(
            "https://soups.example/%1b%0a", "https://soups.example/%1b%0a", id="controls-stay-escaped"
        ),
        pytest.param("https://s.example/" + "a" * 999, "https://s.example/" + "a" * 182 + "…", id="long"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert shown_url(httpx2.URL(url)) == shown


def behind_https(answers: dict[str, httpx2.Response], asked: list[str]) -> Web:
    """Return the web as it looks to a client that certificates would not stop."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return answers[str(request.url)]

    return Web(httpx2.Client(transport=httpx2.MockTransport(answer)), Patience(attempts=1))


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("http://soups.example/leek", id="the-same-host-without-tls"),
        pytest.param("http://127.0.0.1/leek", id="this-machine"),
        pytest.param("https://127.0.0.1/leek", id="this-machine-with-tls"),
        pytest.param("https://localhost/leek", id="this-machine-by-name"),
        pytest.param("https://[::1]/leek", id="this-machine-by-ipv6"),
    ],
)
def test_a_redirect_from_elsewhere_to_http_or_to_this_machine_is_never_asked_for(
    tmp_path: Path, target: str
) -> None:
    url = "https://soups.example/leek"
    asked: list[str] = []
    answers = {
        url: httpx2.Response(302, headers={"Location": target}),
        target: httpx2.Response(200, stream=httpx2.ByteStream(SOUP)),
    }

    (outcome,) = fetch([toy_corpus(toy_file("a", SOUP, url))], tmp_path, behind_https(answers, asked))

    assert outcome.state is State.FAILED
    assert asked == [url]


def test_a_redirect_from_https_to_https_elsewhere_is_followed(tmp_path: Path) -> None:
    url, target = "https://soups.example/leek", "https://files.example/leek"
    asked: list[str] = []
    answers = {
        url: httpx2.Response(302, headers={"Location": target}),
        target: httpx2.Response(200, stream=httpx2.ByteStream(SOUP)),
    }

    (outcome,) = fetch([toy_corpus(toy_file("a", SOUP, url))], tmp_path, behind_https(answers, asked))

    assert (outcome.state, asked) == (State.FETCHED, [url, target])


def test_an_address_that_is_no_url_is_told(tmp_path: Path) -> None:
    corpus = toy_corpus(toy_file("a", SOUP, "https://soups.example:many/leek"))

    (outcome,) = fetch([corpus], tmp_path, behind_https({}, []))

    assert outcome.state is State.FAILED
    assert (outcome.reason or "").startswith("the address of a file must be a URL: ")
