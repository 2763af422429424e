"""What `deploy/` ships: linted by the tools of its formats, and true to the settings and versions here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tocsin.service.api.settings import ENV_PREFIX, ServeSettings, serve_settings

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
UNIT = (DEPLOY / "tocsin.service").read_text(encoding="utf-8")
COMPOSE: Mapping[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
TEXTS = [DEPLOY / "Dockerfile", DEPLOY / "nginx.conf", ROOT / "docs" / "how-to" / "deploy.md"]
MOST_EXPOSED = 1.5  # of ten, as systemd counts


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"{name} must be there in CI, is not")
    return found or pytest.skip(f"{name} is not on this machine")


def settings_of(text: str) -> set[str]:
    return set(re.findall(rf"\b{ENV_PREFIX}([A-Z_]+)\b", text))


def unit_values(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def test_hadolint_finds_nothing_in_the_dockerfile_and_nothing_is_ignored() -> None:
    done = run(BIN / "hadolint", "--no-color", "--failure-threshold", "style", DEPLOY / "Dockerfile")

    assert (done.returncode, done.stdout) == (0, "")
    assert "hadolint ignore" not in DOCKERFILE
    assert not list(ROOT.glob(".hadolint.y*ml"))


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python\nRUN cd /tmp\n")

    assert run(BIN / "hadolint", tmp_path / "Dockerfile").returncode == 1


def test_the_compose_file_is_one_by_its_specification() -> None:
    check = (BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec")

    done = run(*check, DEPLOY / "compose.yaml")

    assert done.returncode == 0, done.stdout


def test_systemd_verifies_the_unit(tmp_path: Path) -> None:
    systemd = tool("systemd-analyze")
    server = tmp_path / "tocsin"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    unit = tmp_path / "tocsin.service"
    unit.write_text(UNIT.replace("/opt/tocsin/bin/tocsin serve", f"{server} serve"))

    done = run(systemd, "verify", "--man=no", unit)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert unit.read_text().count(str(server)) == 1


def test_systemd_counts_the_unit_as_hardly_exposed(tmp_path: Path) -> None:
    systemd = tool("systemd-analyze")
    threshold = f"--threshold={int(10 * MOST_EXPOSED)}"

    done = run(systemd, "security", "--offline=true", "--no-pager", threshold, DEPLOY / "tocsin.service")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_a_file_names_is_one(path: Path) -> None:
    named = settings_of(path.read_text(encoding="utf-8"))

    assert named <= {name.upper() for name in ServeSettings.model_fields}


def test_files_that_set_something_were_looked_at() -> None:
    setting = {path.name for path in FILES if settings_of(path.read_text(encoding="utf-8"))}

    assert setting >= {"Dockerfile", "compose.yaml", "tocsin.service", "serve.env"}


def test_the_examples_of_settings_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (DEPLOY / "serve.env").read_text(encoding="utf-8").splitlines()
    by_variable = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    by_file = serve_settings(DEPLOY / "serve.toml")

    for name, value in by_variable.items():
        monkeypatch.setenv(name, value)

    assert by_file.model_copy(update={"state": None}) == serve_settings()
    assert by_file.model_fields_set == {name.removeprefix(ENV_PREFIX).lower() for name in by_variable} | {
        "state"
    }


def test_the_settings_of_the_compose_file_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    given = COMPOSE["services"]["tocsin"]["environment"]
    for name, value in given.items():
        assert isinstance(value, str), f"{name} must be quoted"
        monkeypatch.setenv(name, value)

    subnet = COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert serve_settings().trusted_proxies == (subnet,)


@pytest.mark.parametrize(
    ("seconds", "where"),
    [
        pytest.param(unit_values("TimeoutStopSec")[0], "tocsin.service", id="systemd"),
        pytest.param(
            COMPOSE["services"]["tocsin"]["stop_grace_period"].removesuffix("s"), "compose", id="compose"
        ),
    ],
)
def test_whoever_stops_the_server_waits_until_it_is_done(seconds: str, where: str) -> None:
    assert int(seconds) > ServeSettings().shutdown_seconds + 10, where


def test_every_flag_of_serve_that_is_named_exists() -> None:
    known = {f"--{name.replace('_', '-')}" for name in ServeSettings.model_fields} | {"--config", "--help"}
    known |= {f"--no-{flag[2:]}" for flag in known}
    lines = [
        line
        for path in (*FILES, *TEXTS)
        if path.exists()
        for line in path.read_text(encoding="utf-8").splitlines()
        if "tocsin serve" in line
    ]

    assert lines
    for line in lines:
        assert set(re.findall(r"(?<!\S)--[a-z-]+", line.partition("tocsin serve")[2])) <= known, line


def test_versions_are_those_of_the_package() -> None:
    tocsin = COMPOSE["services"]["tocsin"]

    assert tocsin["image"] == f"tocsin:{VERSION}"
    assert tocsin["build"]["args"]["VERSION"] == VERSION
    assert re.findall(r"^ARG VERSION=(.+)$", DOCKERFILE, re.MULTILINE) == [VERSION]
    assert re.findall(r"tocsin:([\d.]+)", DOCKERFILE) == [VERSION]


def test_images_are_named_once_with_their_whole_version() -> None:
    (base,) = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, re.MULTILINE)
    images = [service["image"] for service in COMPOSE["services"].values()]

    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    assert COMPOSE["services"]["tocsin"]["build"]["args"]["PYTHON_IMAGE"] == base
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base)
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images)


def test_the_image_runs_as_a_number_that_is_not_root_and_without_a_shell() -> None:
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert re.findall(r"^(?:ENTRYPOINT|CMD) (.)", DOCKERFILE, re.MULTILINE) == ["["] * 2
    assert COMPOSE["services"]["tocsin"]["user"] == "10001:10001"


def test_the_image_takes_what_packaging_takes_and_nothing_else() -> None:
    """What is copied is what the wheel is built from: a room that is missing would be missing there."""
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in allowed if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for name in line.split()
    }
    where = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-dir"
    ]

    assert "*" in allowed
    assert let_in == copied
    assert {place.partition("/")[0] for place in where.values()} <= copied


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_no_container_may_more_than_it_must(name: str) -> None:
    service = COMPOSE["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"healthcheck", "mem_limit", "cpus", "pids_limit", "tmpfs"} <= set(service)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(200, 0, id="ready"),
        pytest.param(503, 1, id="not-ready"),
        pytest.param(None, 1, id="gone"),
    ],
)
@pytest.mark.parametrize("where", ["Dockerfile", "compose"])
def test_the_health_check_asks_the_probe_and_takes_no_for_an_answer(
    where: str, status: int | None, code: int
) -> None:
    (line,) = re.findall(r"^\s+CMD (\[.+-c.+\])$", DOCKERFILE, re.MULTILINE)
    command = (
        json.loads(line)
        if where == "Dockerfile"
        else COMPOSE["services"]["tocsin"]["healthcheck"]["test"][1:]
    )
    asked: list[str] = []

    class Probe(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status or 0)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Probe) as server:
        port = str(server.server_port if status else 1)
        if status:
            threading.Thread(target=server.handle_request).start()
        source = command[3].replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        done = subprocess.run(
            (sys.executable, *command[1:3], source),
            env={"TOCSIN_SERVE_PORT": port},
            capture_output=True,
            check=False,
        )

    assert command[:3] == ["/opt/tocsin/bin/python", "-IS", "-c"]
    assert done.returncode == code
    assert asked == (["/readyz"] if status else [])


def test_no_proxy_example_logs_a_query() -> None:
    nginx = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    formats = re.findall(r"log_format\s[^;]*;", nginx)
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")

    assert len(formats) == 1
    for leaks in (
        "$request ",
        '$request"',
        "$request_uri",
        "$args",
        "$query_string",
        "$http_referer",
        "$arg_",
    ):
        assert leaks not in formats[0], leaks
    assert set(re.findall(r"access_log\s+\S+\s+(\w+);", nginx)) == {"tocsin"}
    assert len(re.findall(r"access_log", nginx)) == len(re.findall(r"listen ", nginx))
    assert r'request>uri regexp (\?.*|/review/welcome/.*) ""' in caddy
    assert re.search(r'"~\^/review/welcome/" /review/welcome/;\s+default \$uri;', nginx)
    assert "request>headers delete" in caddy


def test_proxy_examples_pass_the_host_and_bound_bodies_as_the_server_does() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    whole = ServeSettings().max_body_bytes // 2**20
    lines = ServeSettings().max_stream_bytes // 2**20

    assert "proxy_set_header Host $host;" in nginx
    assert re.findall(r"client_max_body_size (\d+)m;", nginx) == [str(whole), str(lines)]
    assert re.findall(r"max_size (\d+)(GiB|MiB)", caddy) == [(str(lines // 1024), "GiB"), (str(whole), "MiB")]


@pytest.mark.parametrize("path", [*FILES, ROOT / ".dockerignore"], ids=lambda path: path.name)
def test_no_file_holds_a_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"(?i)(password|secret|token|api_?key)\s*[=:]\s*['\"]?[\w-]{8,}", text)
