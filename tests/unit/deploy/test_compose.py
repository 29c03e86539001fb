"""`docker-compose.yml` against the Compose specification, and against the code that it starts.

That the images build and run is not shown here: there is no Docker on the machines of the tests.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fpc.contract.registry_json import load
from fpc.emit.airflow.pools import POOLS
from fpc.runtime.program.settings import METRICS, read_settings

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docker-compose.yml"
STACK: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
AIRFLOW = [name for name in SERVICES if name.startswith("airflow-")]


def test_the_compose_specification_allows_it() -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [str(checker), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_finds_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(FILE.read_text().replace("    ports:", "    portz:"))
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", str(wrong)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_pinned_watched_and_bounded(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"])
    assert "no-new-privileges:true" in service["security_opt"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    if name == "airflow-init":
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]
    assert service["mem_limit"]


def test_there_is_no_default_for_a_secret() -> None:
    text = FILE.read_text()
    asked = re.findall(r"\$\{([^}]*)\}", text)
    assert asked
    assert all(":?" in variable for variable in asked)
    documented = (ROOT / "docs" / "airflow.md").read_text()
    for name in {variable.split(":")[0] for variable in asked}:
        assert name in documented
    for line in text.splitlines():
        key, _, value = line.strip().partition(": ")
        if re.search(r"PASSWORD$|SECRET|_AUTH$", key):
            assert value.startswith("${"), line


def test_volumes_are_declared_and_used() -> None:
    used = {str(volume).split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert {name for name in used if not name.startswith(".")} == set(STACK["volumes"])
    for name in used:
        if name.startswith("./") and name != "./data":
            assert (ROOT / name).exists()


def test_tasks_find_fpc_the_repository_and_a_target_that_exists() -> None:
    for name in AIRFLOW:
        environment = SERVICES[name]["environment"]
        settings = read_settings(f"{environment['AIRFLOW__CORE__DAGS_FOLDER']}/user_orders.py", environment)
        assert settings.repository == Path("/srv/fpc")
        registry = load(ROOT)
        assert settings.target is not None
        target = registry.targets[settings.target]
        # The secret comes from the environment, by the name that compose gives it.
        assert target.online == "${FPC_REDIS_URL}"
        assert "FPC_REDIS_URL" in environment
        assert target.database is not None
        assert target.database.startswith(".fpc/")
        assert "warehouse:/srv/fpc/.fpc" in SERVICES[name]["volumes"]


def test_addresses_name_services_and_their_ports() -> None:
    environment = SERVICES["airflow-scheduler"]["environment"]
    hosts = {
        "AIRFLOW__API__BASE_URL": "airflow-api-server:8080",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "airflow-api-server:8080/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgres:5432/airflow",
        "FPC_REDIS_URL": "redis:6379/0",
    }
    for name, address in hosts.items():
        assert re.split(r"@|//", environment[name])[-1] == address
        assert address.split(":")[0] in SERVICES


def test_the_first_step_makes_what_the_dags_need() -> None:
    command = SERVICES["airflow-init"]["command"][-1]
    assert f"airflow pools import {POOLS}" in command
    assert "airflow db migrate" in command
    for name in AIRFLOW:
        if name != "airflow-init":
            assert SERVICES[name]["depends_on"]["airflow-init"] == {"condition": "service_completed_successfully"}


def test_metrics_go_from_the_monitoring_dag_to_prometheus() -> None:
    exporter, prometheus = SERVICES["node-exporter"], SERVICES["prometheus"]
    folder = next(part for part in exporter["command"] if "textfile.directory" in part).partition("=")[2]
    (mounted,) = [volume for volume in exporter["volumes"] if volume.startswith("warehouse:")]
    assert folder == f"{mounted.split(':')[1]}/{Path(METRICS).parent.relative_to('.fpc')}"
    scraped = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())
    (target,) = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
    assert target == "node-exporter:9100"
    assert ":9100/" in exporter["healthcheck"]["test"][-1]
    assert prometheus["depends_on"] == {"node-exporter": {"condition": "service_healthy"}}


def test_the_image_copies_what_exists_and_what_the_build_sends() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name for line in re.findall(r"^COPY --chown=\S+ (.*) \S+$", dockerfile, re.MULTILINE) for name in line.split()
    }
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)
    assert re.search(r"^FROM python:3\.1[123]\.\d+-slim-bookworm$", dockerfile, re.MULTILINE)
    assert "USER fpc" in dockerfile
