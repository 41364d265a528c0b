"""The Kubernetes manifests: lawful by the published schemas, confined, and one pod for each bot."""

import copy
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.container_files import DOCKER, deployments, manifests

VERSION = "1.37"
"""Of the schemas, which the package brings along: nothing is fetched."""

EVERY = manifests()
KUSTOMIZATIONS = sorted(DOCKER.glob("kubernetes/*/kustomization.yaml"))


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = [
        each
        for file, each in EVERY
        if file.startswith("base/") and (each["kind"], each["metadata"]["name"]) == (kind, name)
    ]
    return found


def pod_of(name: str) -> dict[str, Any]:
    pod: dict[str, Any] = deployments()[name]["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize(
    "manifest",
    [each for _, each in EVERY],
    ids=[f"{file}-{each['kind']}-{each['metadata']['name']}" for file, each in EVERY],
)
def test_every_object_keeps_to_its_schema(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_the_judge_of_the_schemas_sees_a_misspelt_field() -> None:
    wrong = copy.deepcopy(deployments()["telegram"])
    wrong["spec"]["replica"] = wrong["spec"].pop("replicas")
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=[path.parent.name for path in KUSTOMIZATIONS])
def test_a_kustomization_names_every_file_beside_it(path: Any) -> None:
    kustomization = yaml.safe_load(path.read_text(encoding="utf-8"))
    named = [*kustomization["resources"], *(patch["path"] for patch in kustomization.get("patches", []))]
    assert all((path.parent / name).exists() for name in named)
    beside = {file.name for file in path.parent.glob("*.yaml")} - {"kustomization.yaml"}
    assert {name for name in named if "/" not in name} == beside


def test_every_patch_of_the_gpu_changes_an_object_of_the_base() -> None:
    base = {(each["kind"], each["metadata"]["name"]) for file, each in EVERY if file.startswith("base/")}
    patches = {(each["kind"], each["metadata"]["name"]) for file, each in EVERY if file.startswith("gpu/")}
    assert patches
    assert patches <= base


@pytest.mark.parametrize("name", ["telegram", "discord"])
def test_a_bot_is_one_pod_and_the_old_one_goes_before_the_new_one_comes(name: str) -> None:
    spec = deployments()[name]["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}
    scaled = {each["spec"]["scaleTargetRef"]["name"] for _, each in EVERY if each["kind"] == "HorizontalPodAutoscaler"}
    budgets = {each["metadata"]["name"] for _, each in EVERY if each["kind"] == "PodDisruptionBudget"}
    assert name not in scaled | budgets


@pytest.mark.parametrize("name", sorted(deployments()))
def test_every_pod_passes_the_restricted_standard(name: str) -> None:
    """Kubernetes' Pod Security Standards, level restricted, which the namespace enforces."""
    assert one("Namespace", "bunri")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    pod = pod_of(name)
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] > 0
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all(set(volume) - {"name"} <= {"emptyDir", "secret"} for volume in pod["volumes"])
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])


@pytest.mark.parametrize("name", sorted(deployments()))
def test_every_pod_has_its_probes_on_a_port_that_it_opens(name: str) -> None:
    (container,) = pod_of(name)["containers"]
    opened = {port["name"] for port in container["ports"]}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe].get("httpGet") or container[probe]["tcpSocket"]
        assert asked["port"] in opened


@pytest.mark.parametrize("name", sorted(deployments()))
def test_secret_files_that_are_named_are_mounted(name: str) -> None:
    pod = pod_of(name)
    (container,) = pod["containers"]
    shared = one("ConfigMap", "bunri")["data"] if "envFrom" in container else {}
    values = [*shared.values(), *(each.get("value", "") for each in container["env"])]
    named = {value.rsplit("/", 1)[1] for value in values if value.startswith("/run/secrets/bunri/")}
    (secrets,) = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
    assert named == {item["path"] for item in secrets["items"]}
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert mounts["secrets"]["mountPath"] == "/run/secrets/bunri"
    assert mounts["secrets"]["readOnly"] is True
    assert set(mounts) == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize("name", ["inference", "web"])
def test_services_budgets_and_selectors_mean_the_pods_that_are_there(name: str) -> None:
    labels = deployments()[name]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        deployments()[name]["spec"]["selector"]["matchLabels"],
        one("Service", name)["spec"]["selector"],
        one("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"],
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)


def test_nothing_may_talk_but_what_a_policy_names() -> None:
    assert one("NetworkPolicy", "nothing")["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (rule,) = one("NetworkPolicy", "inference")["spec"]["ingress"]
    (who,) = rule["from"]
    (expression,) = who["podSelector"]["matchExpressions"]
    assert set(expression["values"]) == set(deployments()) - {"inference"}
    assert [port["port"] for port in rule["ports"]] == [8090]
