"""`make cloud-check`: judges the graph, and asks checkov for a second opinion.

checkov reads Terraform, so the graph is written as Terraform's JSON. It runs in an environment of
its own, because it drags in two hundred packages. It does not see everything: `allUsers` on a
`cloudrunv2` service passes it. So our own verdict is the proof.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.shared.errors import AccueilError
from infra.cloud.graph import Graph, graphs
from infra.cloud.stack import STACKS, load
from infra.cloud.verdict import problems

CHECKOV = "checkov==3.3.30"
# What checkov asks for and we do not do, with the reason.
SKIPPED = {
    "CKV_GCP_62": "who reads the journal's bucket is in no access log: only our accounts can",
    "CKV_GCP_78": "the buckets keep no older versions: what is purged has to be gone",
    "CKV_GCP_83": "topics carry names of objects, which say nothing; Google's own keys do",
    "CKV_GCP_84": "images hold no data; Google's own keys do",
}
# Pulumi's kinds whose names differ from Terraform's by more than their spelling.
_KINDS = {
    "artifactregistry/repositoryIamMember": "google_artifact_registry_repository_iam_member",
    "artifactregistry/repository": "google_artifact_registry_repository",
    "billing/budget": "google_billing_budget",
    "cloudrunv2/service": "google_cloud_run_v2_service",
    "cloudrunv2/serviceIamMember": "google_cloud_run_v2_service_iam_member",
    "cloudscheduler/job": "google_cloud_scheduler_job",
    "logging/metric": "google_logging_metric",
    "logging/projectBucketConfig": "google_logging_project_bucket_config",
    "logging/projectExclusion": "google_logging_project_exclusion",
    "logging/projectSink": "google_logging_project_sink",
    "monitoring/alertPolicy": "google_monitoring_alert_policy",
    "monitoring/notificationChannel": "google_monitoring_notification_channel",
    "monitoring/uptimeCheckConfig": "google_monitoring_uptime_check_config",
    "projects/iAMCustomRole": "google_project_iam_custom_role",
    "projects/iAMMember": "google_project_iam_member",
    "projects/service": "google_project_service",
    "projects/serviceIdentity": "google_project_service_identity",
    "pubsub/subscription": "google_pubsub_subscription",
    "pubsub/subscriptionIAMMember": "google_pubsub_subscription_iam_member",
    "pubsub/topic": "google_pubsub_topic",
    "pubsub/topicIAMMember": "google_pubsub_topic_iam_member",
    "secretmanager/secret": "google_secret_manager_secret",
    "secretmanager/secretIamMember": "google_secret_manager_secret_iam_member",
    "serviceaccount/account": "google_service_account",
    "serviceaccount/iAMMember": "google_service_account_iam_member",
    "storage/bucket": "google_storage_bucket",
    "storage/bucketIAMMember": "google_storage_bucket_iam_member",
    "storage/notification": "google_storage_notification",
    "sesv2/emailIdentity": "aws_sesv2_email_identity",
    "iam/role": "aws_iam_role",
    "iam/rolePolicy": "aws_iam_role_policy",
}


def terraform(graph: Graph) -> dict[str, Any]:
    """A graph as Terraform's JSON.

    Raises:
        KeyError: a kind is missing above; checkov would pass over it in silence.
    """
    resources: dict[str, dict[str, Any]] = {}
    for resource in graph:
        kind = _KINDS[resource.kind.partition(":")[2].partition(":")[0]]
        resources.setdefault(kind, {})[resource.name] = _spelt(resource.inputs)
    return {"resource": resources}


def _spelt(value: Any) -> Any:  # noqa: ANN401  (whatever a resource takes)
    if isinstance(value, Mapping):
        return {_snake(key): _spelt(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_spelt(inner) for inner in value]
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda match: f"_{match[0]}", name).lower()


def second_opinion(graph: Graph) -> list[str]:
    """What checkov finds wrong with a graph.

    Raises:
        AccueilError: checkov did not run, or looked at nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf.json").write_text(json.dumps(terraform(graph), indent=1), "utf-8")
        uvx = str(Path(sys.executable).with_name("uvx"))
        command = [uvx, "--from", CHECKOV, "checkov", "--directory", folder]
        command += ["--framework", "terraform_json", "--output", "json", "--skip-download"]
        command += ["--skip-check", ",".join(SKIPPED)]
        ended = subprocess.run(command, check=False, stdout=subprocess.PIPE)  # noqa: S603  (ours)
    try:
        results = json.loads(ended.stdout)["results"]
    except (ValueError, TypeError, KeyError) as error:
        raise AccueilError("checkov gave no report") from error
    if not results["passed_checks"]:
        raise AccueilError("checkov looked at nothing")
    return [f"{each['resource']}: {each['check_name']}" for each in results["failed_checks"]]


def main() -> bool:
    """Judge the example stack, and every stack whose file is here; returns whether one failed."""
    files = sorted(STACKS.glob("*.toml"))
    failed = False
    for file, graph in zip(files, graphs(*files), strict=True):
        faults = [*problems(load(file.stem, file), graph), *second_opinion(graph)]
        for problem in faults:
            print(f"{file.name}: {problem}")
        print(f"{file.name}: {len(graph)} resources, {len(faults)} problems")
        failed |= bool(faults)
    for check, reason in SKIPPED.items():
        print(f"checkov, not asked {check}: {reason}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
