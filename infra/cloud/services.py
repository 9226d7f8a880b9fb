"""The three functions, and what calls them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudrunv2, cloudscheduler, projects, pubsub, secretmanager, storage

from functions.shared.server import THREADS
from functions.shared.settings import SETTINGS
from infra.cloud.revisions import DEPLOYMENT
from infra.cloud.rights import CALLERS, CALLS, FUNCTIONS, NOTIFIED, PUBLIC, Call
from infra.cloud.stack import Image, Stack
from sheets_schema.columns import PARIS

_DAY = 86_400
_MAIL = SETTINGS["mail"].variable


@dataclass(frozen=True)
class _Size:
    """How many instances of a function there are at most, and the seconds that a call may take.

    Route has one: it is the single writer, and two would only wait for each other. What half-sent
    requests cost it is settled by its server (docs/settings.md), not here.
    """

    instances: int
    seconds: int


_SIZES = {"intake": _Size(10, 60), "route": _Size(1, 120), "digest": _Size(1, 300)}
CONCURRENCY = THREADS  # requests that an instance gets at the same time


def build(
    stack: Stack, image: Image, deployment: str, role: pulumi.Input[str] | None
) -> dict[str, cloudrunv2.Service]:
    """Declare the functions and their callers.

    Args:
        stack: the stack.
        image: what runs.
        deployment: which deployment this is, see `revisions`.
        role: the AWS role under which mails leave, if they leave through Amazon SES.
    """
    services = {name: _service(stack, name, image, deployment, role) for name in FUNCTIONS}
    for name, callers in CALLERS.items():
        for caller in callers:
            cloudrunv2.ServiceIamMember(
                f"{caller}-{name}",
                cloudrunv2.ServiceIamMemberArgs(
                    name=services[name].name,
                    location=stack.region,
                    role="roles/run.invoker",
                    member=f"serviceAccount:{stack.account(caller)}",
                ),
            )
    _notifications(stack, services["route"])
    for name, call in CALLS.items():
        _scheduled(stack, name, call, services[call.function])
    return services


def _service(
    stack: Stack, name: str, image: Image, deployment: str, role: pulumi.Input[str] | None
) -> cloudrunv2.Service:
    secrets = stack.secrets(name)
    plain: dict[str, pulumi.Input[str]] = {**stack.environment(name), "FUNCTION_TARGET": name}
    if role is not None and _MAIL in plain:
        chosen = f"&configuration={stack.ses_configuration}" if stack.ses_configuration else ""
        plain[_MAIL] = pulumi.Output.concat("ses://", stack.ses_region, "?role=", role, chosen)
    return cloudrunv2.Service(
        name,
        cloudrunv2.ServiceArgs(
            name=f"accueil-{name}",
            location=stack.region,
            deletion_protection=False,
            # Pub/Sub and Cloud Scheduler of the same project count as internal.
            ingress="INGRESS_TRAFFIC_ALL" if name in PUBLIC else "INGRESS_TRAFFIC_INTERNAL_ONLY",
            invoker_iam_disabled=name in PUBLIC,
            template=cloudrunv2.ServiceTemplateArgs(
                service_account=stack.account(name),
                max_instance_request_concurrency=CONCURRENCY,
                timeout=f"{_SIZES[name].seconds}s",
                scaling=cloudrunv2.ServiceTemplateScalingArgs(
                    min_instance_count=0, max_instance_count=_SIZES[name].instances
                ),
                labels={DEPLOYMENT: deployment, **_secret_versions(secrets)},
                containers=[
                    cloudrunv2.ServiceTemplateContainerArgs(
                        image=image.uri,
                        base_image_uri=image.base,
                        envs=[*_plain(plain), *map(_secret, secrets, secrets.values())],
                        resources=cloudrunv2.ServiceTemplateContainerResourcesArgs(
                            limits={"cpu": "1", "memory": "512Mi"},
                            cpu_idle=True,
                            startup_cpu_boost=True,
                        ),
                    )
                ],
            ),
            # After a rollback, the next deployment takes all traffic again: its label makes a new
            # revision of each function, also of one whose code and settings are the same.
            traffics=[
                cloudrunv2.ServiceTrafficArgs(
                    type="TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent=100
                )
            ],
        ),
    )


def _plain(
    values: Mapping[str, pulumi.Input[str]],
) -> list[cloudrunv2.ServiceTemplateContainerEnvArgs]:
    return [
        cloudrunv2.ServiceTemplateContainerEnvArgs(name=name, value=value)
        for name, value in sorted(values.items())
    ]


def _secret(variable: str, secret_id: str) -> cloudrunv2.ServiceTemplateContainerEnvArgs:
    # The newest version, so that an earlier revision gets the present secret after a rollback.
    reference = cloudrunv2.ServiceTemplateContainerEnvValueSourceSecretKeyRefArgs(
        secret=secret_id, version="latest"
    )
    return cloudrunv2.ServiceTemplateContainerEnvArgs(
        name=variable,
        value_source=cloudrunv2.ServiceTemplateContainerEnvValueSourceArgs(
            secret_key_ref=reference
        ),
    )


def _secret_versions(secrets: Mapping[str, str]) -> dict[str, pulumi.Output[str]]:
    """The number of each secret's version, so that a new one makes a new revision."""
    return {
        secret_id: secretmanager.get_secret_version_output(
            secret=secret_id, fetch_secret_data=False
        ).version
        for secret_id in secrets.values()
    }


def _notifications(stack: Stack, route: cloudrunv2.Service) -> None:
    """Each new object of NOTIFIED makes Pub/Sub call route, and again until route says 2xx."""
    pending, dead = pubsub.Topic("pending"), pubsub.Topic("dead")
    storage_agent = storage.get_project_service_account_output().member
    pubsub_agent = projects.ServiceIdentity(
        "pubsub", projects.ServiceIdentityArgs(service="pubsub.googleapis.com")
    ).member
    may_publish = _publisher("storage-pending", pending, storage_agent)
    for folder in NOTIFIED:
        storage.Notification(
            folder.removesuffix("/"),
            storage.NotificationArgs(
                bucket=stack.bucket("journal"),
                topic=pending.id,
                payload_format="JSON_API_V1",
                event_types=["OBJECT_FINALIZE"],
                object_name_prefix=folder,
            ),
            opts=pulumi.ResourceOptions(depends_on=[may_publish]),
        )
    subscription = pubsub.Subscription(
        "route",
        pubsub.SubscriptionArgs(
            topic=pending.id,
            # As long as a call of route may last, so that none is made twice meanwhile.
            ack_deadline_seconds=_SIZES["route"].seconds,
            message_retention_duration=f"{_DAY}s",
            expiration_policy=pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
            retry_policy=pubsub.SubscriptionRetryPolicyArgs(
                minimum_backoff="10s", maximum_backoff="600s"
            ),
            dead_letter_policy=pubsub.SubscriptionDeadLetterPolicyArgs(
                dead_letter_topic=dead.id, max_delivery_attempts=100
            ),
            push_config=pubsub.SubscriptionPushConfigArgs(
                push_endpoint=route.uri,
                oidc_token=pubsub.SubscriptionPushConfigOidcTokenArgs(
                    service_account_email=stack.account("push"), audience=route.uri
                ),
            ),
        ),
    )
    pubsub.Subscription(
        "dead",
        pubsub.SubscriptionArgs(
            topic=dead.id,
            message_retention_duration=f"{7 * _DAY}s",
            expiration_policy=pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
        ),
    )
    # What Pub/Sub itself needs for dead letters.
    _publisher("pubsub-dead", dead, pubsub_agent)
    pubsub.SubscriptionIAMMember(
        "pubsub-route",
        pubsub.SubscriptionIAMMemberArgs(
            subscription=subscription.name, role="roles/pubsub.subscriber", member=pubsub_agent
        ),
    )


def _publisher(name: str, topic: pubsub.Topic, member: pulumi.Input[str]) -> pubsub.TopicIAMMember:
    return pubsub.TopicIAMMember(
        name,
        pubsub.TopicIAMMemberArgs(topic=topic.name, role="roles/pubsub.publisher", member=member),
    )


def _scheduled(stack: Stack, name: str, call: Call, service: cloudrunv2.Service) -> None:
    cloudscheduler.Job(
        name,
        cloudscheduler.JobArgs(
            name=f"accueil-{name}",
            region=stack.region,
            schedule=call.schedule,
            time_zone=PARIS.key,
            attempt_deadline=f"{_SIZES[call.function].seconds}s",
            # A sweep is followed by the next; the digest is sent once however often it is called.
            retry_config=cloudscheduler.JobRetryConfigArgs(
                retry_count=0 if name == "sweep" else 5, min_backoff_duration="60s"
            ),
            http_target=cloudscheduler.JobHttpTargetArgs(
                http_method="POST",
                uri=service.uri.apply(lambda uri: f"{uri}/{call.query}"),
                oidc_token=cloudscheduler.JobHttpTargetOidcTokenArgs(
                    service_account_email=stack.account("schedule"), audience=service.uri
                ),
            ),
        ),
    )
