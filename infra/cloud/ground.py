"""What the functions stand on: services of Google's, accounts, buckets, secrets. Made first.

The functions are another layer, so that accounts exist before the sheet is shared with them, and
secrets before a function starts; and so that removing the functions leaves the journal alone.
"""

import json
from collections.abc import Iterator, Mapping

import pulumi
from pulumi_gcp import (
    artifactregistry,
    projects,
    secretmanager,
    serviceaccount,
    storage,
)

from infra.cloud.rights import ACCOUNTS, ACTED_AS, FUNCTIONS, JOURNAL, PROJECT_ROLES
from infra.cloud.stack import REPOSITORY, Stack

APIS = (
    "artifactregistry",
    "billingbudgets",
    "cloudbuild",
    "cloudresourcemanager",
    "cloudscheduler",
    "drive",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "orgpolicy",
    "pubsub",
    "run",
    "secretmanager",
    "sheets",
    "storage",
    "sts",
)
_VERBS = ("create", "delete", "get", "list")
_DAY = 86_400
_KEPT_IMAGES = 10  # so many deployments can be undone


def build(stack: Stack) -> dict[str, pulumi.Input[str]]:
    """Declare everything; returns what a person needs to know of it."""
    ready = pulumi.ResourceOptions(depends_on=[*_apis()])
    accounts = {
        name: serviceaccount.Account(
            name,
            serviceaccount.AccountArgs(account_id=f"accueil-{name}", display_name=description),
            opts=ready,
        )
        for name, description in ACCOUNTS.items()
    }
    _project_roles(stack, accounts)
    serviceaccount.IAMMember(
        "operator",
        serviceaccount.IAMMemberArgs(
            service_account_id=accounts[ACTED_AS].name,
            role="roles/iam.serviceAccountTokenCreator",
            member=f"user:{stack.operator}",
        ),
    )
    _journal(stack, accounts, ready)
    _sources(stack, accounts, ready)
    for name in FUNCTIONS:
        for secret_id in stack.secrets(name).values():
            _secret(secret_id, accounts[name], stack, ready)
    return {"compte du classeur": accounts["route"].email, "lecteur": accounts["digest"].email}


def _apis() -> Iterator[projects.Service]:
    for name in APIS:
        yield projects.Service(
            name,
            projects.ServiceArgs(service=f"{name}.googleapis.com", disable_on_destroy=False),
        )


def _project_roles(stack: Stack, accounts: Mapping[str, serviceaccount.Account]) -> None:
    for name, role in PROJECT_ROLES:
        projects.IAMMember(
            f"{name}-{role.rpartition('/')[2]}",
            projects.IAMMemberArgs(project=stack.project, role=role, member=accounts[name].member),
        )


def _journal(
    stack: Stack,
    accounts: Mapping[str, serviceaccount.Account],
    ready: pulumi.ResourceOptions,
) -> None:
    """The journal, and what each function may do in it."""
    journal = _bucket(stack, "journal", ready, lifecycle=[_abandoned_uploads()], protect=True)
    roles = {
        verb: projects.IAMCustomRole(
            f"journal-{verb}",
            projects.IAMCustomRoleArgs(
                role_id=f"accueilJournal{verb.capitalize()}",
                title=f"Accueil, journal : {verb}",
                permissions=[f"storage.objects.{verb}"],
            ),
            opts=ready,
        )
        for verb in _VERBS
    }
    for name, rights in JOURNAL.items():
        for verb, folders in {**rights, "list": ("",)}.items():
            storage.BucketIAMMember(
                f"{name}-{verb}",
                storage.BucketIAMMemberArgs(
                    bucket=journal.name,
                    role=roles[verb].name,
                    member=accounts[name].member,
                    condition=_within(stack.bucket("journal"), folders),
                ),
            )


def _within(bucket: str, folders: tuple[str, ...]) -> storage.BucketIAMMemberConditionArgs | None:
    """The condition that an object is in one of these folders; None for everywhere."""
    if "" in folders:
        return None
    objects = f"projects/_/buckets/{bucket}/objects/"
    return storage.BucketIAMMemberConditionArgs(
        title=", ".join(folder.rstrip("/") for folder in folders),
        expression=" || ".join(
            f"resource.name.startsWith({json.dumps(objects + folder)})" for folder in folders
        ),
    )


def _sources(
    stack: Stack,
    accounts: Mapping[str, serviceaccount.Account],
    ready: pulumi.ResourceOptions,
) -> None:
    """Where the source is uploaded to, where images are kept, and who makes one of the other."""
    monthly = storage.BucketLifecycleRuleArgs(
        action=storage.BucketLifecycleRuleActionArgs(type="Delete"),
        condition=storage.BucketLifecycleRuleConditionArgs(age=30),
    )
    # Images are made of the sources at once; nothing is lost with them.
    lifecycle = [_abandoned_uploads(), monthly]
    sources = _bucket(stack, "sources", ready, lifecycle=lifecycle, protect=False)
    storage.BucketIAMMember(
        "build-sources",
        storage.BucketIAMMemberArgs(
            bucket=sources.name,
            role="roles/storage.objectViewer",
            member=accounts["build"].member,
        ),
    )
    images = artifactregistry.Repository(
        "images",
        artifactregistry.RepositoryArgs(
            repository_id=REPOSITORY,
            location=stack.region,
            format="DOCKER",
            description="Les images des fonctions d'Accueil",
            cleanup_policies=[
                artifactregistry.RepositoryCleanupPolicyArgs(
                    id="keep",
                    action="KEEP",
                    most_recent_versions=artifactregistry.RepositoryCleanupPolicyMostRecentVersionsArgs(
                        keep_count=_KEPT_IMAGES
                    ),
                ),
                artifactregistry.RepositoryCleanupPolicyArgs(
                    id="delete",
                    action="DELETE",
                    condition=artifactregistry.RepositoryCleanupPolicyConditionArgs(
                        older_than=f"{90 * _DAY}s"
                    ),
                ),
            ],
        ),
        opts=ready,
    )
    artifactregistry.RepositoryIamMember(
        "build-images",
        artifactregistry.RepositoryIamMemberArgs(
            repository=images.name,
            location=stack.region,
            role="roles/artifactregistry.writer",
            member=accounts["build"].member,
        ),
    )


def _bucket(
    stack: Stack,
    name: str,
    ready: pulumi.ResourceOptions,
    *,
    lifecycle: list[storage.BucketLifecycleRuleArgs],
    protect: bool,
) -> storage.Bucket:
    """A bucket that nobody can open to the public, and that keeps nothing that was deleted.

    What the system purges is personal data, so there are neither older versions nor a soft delete.
    """
    return storage.Bucket(
        name,
        storage.BucketArgs(
            name=stack.bucket(name),
            location=stack.region,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            soft_delete_policy=storage.BucketSoftDeletePolicyArgs(retention_duration_seconds=0),
            versioning=storage.BucketVersioningArgs(enabled=False),
            lifecycle_rules=lifecycle,
            force_destroy=not protect,
        ),
        opts=pulumi.ResourceOptions.merge(ready, pulumi.ResourceOptions(protect=protect)),
    )


def _abandoned_uploads() -> storage.BucketLifecycleRuleArgs:
    return storage.BucketLifecycleRuleArgs(
        action=storage.BucketLifecycleRuleActionArgs(type="AbortIncompleteMultipartUpload"),
        condition=storage.BucketLifecycleRuleConditionArgs(age=1),
    )


def _secret(
    secret_id: str,
    reader: serviceaccount.Account,
    stack: Stack,
    ready: pulumi.ResourceOptions,
) -> None:
    """A secret without its value, which `accueil cloud secret` puts in; and its one reader."""
    secret = secretmanager.Secret(
        secret_id,
        secretmanager.SecretArgs(
            secret_id=secret_id,
            replication=secretmanager.SecretReplicationArgs(
                user_managed=secretmanager.SecretReplicationUserManagedArgs(
                    replicas=[
                        secretmanager.SecretReplicationUserManagedReplicaArgs(location=stack.region)
                    ]
                )
            ),
        ),
        opts=ready,
    )
    secretmanager.SecretIamMember(
        secret_id,
        secretmanager.SecretIamMemberArgs(
            secret_id=secret.secret_id,
            role="roles/secretmanager.secretAccessor",
            member=reader.member,
        ),
    )
