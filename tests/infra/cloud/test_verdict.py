"""The graph is as it has to be, and what is planted in it is found."""

from dataclasses import replace

import pytest

from infra.cloud.alerts import RULES, TITLES
from infra.cloud.graph import Resource
from infra.cloud.verdict import of_kind, problems
from tests.infra.cloud.graphs import SES, SMTP, graph

SERVICE = "gcp:cloudrunv2/service:Service"
JOB = "gcp:cloudscheduler/job:Job"


@pytest.mark.parametrize("stack", [SMTP, SES], ids=["smtp", "ses"])
def test_the_graph_is_as_it_has_to_be(stack):
    assert problems(stack, graph(stack)) == []


def test_nothing_of_aws_is_made_for_smtp():
    assert not [resource for resource in graph(SMTP) if resource.kind.startswith("aws:")]
    assert {r.kind for r in graph(SES) if r.kind.startswith("aws:")} == {
        "aws:sesv2/emailIdentity:EmailIdentity",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
    }


def changed(kind, name, /, **inputs):
    """The graph with some arguments of one resource changed."""
    before = graph()
    after = [
        replace(r, inputs={**r.inputs, **inputs}) if (r.kind, r.name) == (kind, name) else r
        for r in before
    ]
    assert after != list(before)
    return after


def added(kind, name, /, **inputs):
    return [*graph(), Resource(kind, name, inputs)]


def without(kind, name):
    return [r for r in graph() if (r.kind, r.name) != (kind, name)]


def deep(kind, name, *path, value):
    """The graph with one argument inside another one changed."""
    resource = next(r for r in graph() if (r.kind, r.name) == (kind, name))

    def put(before, steps):
        if not steps:
            return value
        if isinstance(before, list):
            return [put(e, steps[1:]) if i == steps[0] else e for i, e in enumerate(before)]
        return {**before, steps[0]: put(before.get(steps[0], {}), steps[1:])}

    return changed(kind, name, **{path[0]: put(resource.inputs[path[0]], path[1:])})


BUCKET = "gcp:storage/bucket:Bucket"
GRANT = "gcp:storage/bucketIAMMember:BucketIAMMember"
SECRET_GRANT = "gcp:secretmanager/secretIamMember:SecretIamMember"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
PLANTED = {
    "route is public": (
        lambda: changed(SERVICE, "route", invokerIamDisabled=True),
        "route: the invoker check is off",
    ),
    "route does not say which deployment it is of": (
        lambda: deep(SERVICE, "route", "template", "labels", value={}),
        "a rollback cannot tell which revisions belong together: ['20261130t090000', 'None']",
    ),
    "everybody may call the digest": (
        lambda: added(
            "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
            "planted",
            name="accueil-digest",
            role="roles/run.invoker",
            member="allUsers",
        ),
        "planted: allUsers gets roles/run.invoker",
    ),
    "intake runs as the default account": (
        lambda: deep(SERVICE, "intake", "template", "serviceAccount", value=None),
        "intake: it runs as the default account",
    ),
    "two instances write": (
        lambda: deep(SERVICE, "route", "template", "scaling", "maxInstanceCount", value=2.0),
        "route: more than one instance writes the sheet",
    ),
    "a secret has two readers": (
        lambda: added(
            SECRET_GRANT,
            "planted",
            secretId="accueil-route-mail",
            member="serviceAccount:accueil-digest@accueil-exemple.iam.gserviceaccount.com",
        ),
        "secret accueil-route-mail: it has 2 readers",
    ),
    "an editor of the project": (
        lambda: added(
            "gcp:projects/iAMMember:IAMMember", "planted", role="roles/editor", member="user:a@b.fr"
        ),
        "planted: roles/editor is a primitive role",
    ),
    "a role on the project without a reason": (
        lambda: added(
            "gcp:projects/iAMMember:IAMMember",
            "planted",
            role="roles/storage.admin",
            member="user:a@b.fr",
        ),
        "planted: roles/storage.admin on the whole project, without a reason",
    ),
    "a default account": (
        lambda: added(
            GRANT,
            "planted",
            bucket="x",
            role="roles/storage.objectViewer",
            member="serviceAccount:123-compute@developer.gserviceaccount.com",
        ),
        "planted: a default account gets roles/storage.objectViewer",
    ),
    "intake reads everything": (
        lambda: changed(GRANT, "intake-get", condition=None),
        (
            "intake-get: get is not limited to pending/, spent/, filed/, quarantine/, references/, "
            "links/, answered/, stages/, health"
        ),
    ),
    "intake writes the digest's marks": (
        lambda: added(
            GRANT,
            "planted",
            bucket="accueil-exemple-accueil-journal",
            role="roles/storage.objectAdmin",
            member="serviceAccount:accueil-intake@accueil-exemple.iam.gserviceaccount.com",
        ),
        (
            "planted: accueil-intake@accueil-exemple.iam.gserviceaccount.com gets "
            "roles/storage.objectAdmin on the journal"
        ),
    ),
    "a role holds more than its verb": (
        lambda: changed(
            "gcp:projects/iAMCustomRole:IAMCustomRole",
            "journal-get",
            permissions=["storage.objects.get", "storage.objects.delete"],
        ),
        "journal-get: the role holds ['storage.objects.get', 'storage.objects.delete']",
    ),
    "digest lacks a right": (
        lambda: without(GRANT, "digest-create"),
        "accueil-digest@accueil-exemple.iam.gserviceaccount.com may not create in the journal",
    ),
    "what is deleted is kept": (
        lambda: changed(BUCKET, "journal", softDeletePolicy={"retentionDurationSeconds": 604800.0}),
        "bucket journal: what is deleted is kept",
    ),
    "older versions are kept": (
        lambda: changed(BUCKET, "journal", versioning={"enabled": True}),
        "bucket journal: it keeps older versions",
    ),
    "the journal is deleted by age": (
        lambda: changed(
            BUCKET,
            "journal",
            lifecycleRules=[{"action": {"type": "Delete"}, "condition": {"age": 30}}],
        ),
        "bucket journal: a rule deletes what the journal holds",
    ),
    "a bucket that can be made public": (
        lambda: changed(BUCKET, "journal", publicAccessPrevention="inherited"),
        "bucket journal: it can be made public",
    ),
    "a bucket with object access lists": (
        lambda: changed(BUCKET, "sources", uniformBucketLevelAccess=False),
        "bucket sources: access is not uniform",
    ),
    "a bucket in America": (
        lambda: changed(BUCKET, "journal", location="US"),
        "bucket journal: it is outside the EU",
    ),
    "a secret's value in the state": (
        lambda: added("gcp:secretmanager/secretVersion:SecretVersion", "planted"),
        "the value of a secret is in Pulumi's state",
    ),
    "a secret in plain sight": (
        lambda: deep(
            SERVICE,
            "intake",
            "template",
            "containers",
            0,
            "envs",
            value=[
                {"name": "ACCUEIL_SECRET", "value": "x" * 32},
                {"name": "ACCUEIL_JOURNAL", "value": "gs://x"},
                {"name": "ACCUEIL_PRIVACY_CONTACT", "value": "donnees@example.org"},
                {"name": "FUNCTION_TARGET", "value": "intake"},
            ],
        ),
        "intake: ACCUEIL_SECRET is a secret in plain sight",
    ),
    "settings that the code does not read, or lacks": (
        lambda: deep(
            SERVICE,
            "digest",
            "template",
            "containers",
            0,
            "envs",
            value=[{"name": "ACCUEIL_SECRET", "value": "x"}],
        ),
        "digest: ACCUEIL_SECRET is no setting of its code",
    ),
    "a setting with which the code does not start": (
        lambda: deep(
            SERVICE,
            "digest",
            "template",
            "containers",
            0,
            "envs",
            value=[{"name": "ACCUEIL_MAIL", "value": "ses://eu-west-3?configuration=a?role=b"}],
        ),
        "digest: ACCUEIL_MAIL is malformed, so it would not start",
    ),
    "the sweep calls the digest": (
        lambda: deep(
            JOB,
            "sweep",
            "httpTarget",
            "uri",
            value="https://accueil-digest-abc.a.run.app/?sweep=true",
        ),
        "sweep: it does not call route, or not with its audience",
    ),
    "an audience with the query": (
        lambda: deep(
            JOB,
            "sweep",
            "httpTarget",
            "oidcToken",
            "audience",
            value="https://accueil-route-abc.a.run.app/?sweep=true",
        ),
        "sweep: it does not call route, or not with its audience",
    ),
    "the digest leaves in the evening of Greenwich": (
        lambda: changed(JOB, "digest", timeZone="UTC"),
        "digest: it is not called when it is due in Europe/Paris",
    ),
    "the digest is never called": (
        lambda: without(JOB, "digest"),
        "the clock calls ['sweep']",
    ),
    "pushes reach intake": (
        lambda: deep(
            SUBSCRIPTION,
            "route",
            "pushConfig",
            "pushEndpoint",
            value="https://accueil-intake-abc.a.run.app",
        ),
        "the notifications do not go to route, or not with its audience",
    ),
    "what cannot be delivered is lost": (
        lambda: changed(SUBSCRIPTION, "route", deadLetterPolicy=None),
        "route: what cannot be delivered is lost",
    ),
    "all objects are told": (
        lambda: changed(
            "gcp:storage/notification:Notification", "pending", objectNamePrefix="filed/"
        ),
        "the notifications are not about pending/ and answers/",
    ),
    "the clock may not call route": (
        lambda: without("gcp:cloudrunv2/serviceIamMember:ServiceIamMember", "schedule-route"),
        (
            "serviceAccount:accueil-schedule@accueil-exemple.iam.gserviceaccount.com may not call "
            "accueil-route"
        ),
    ),
    "no alert about quarantine": (
        lambda: without("gcp:monitoring/alertPolicy:AlertPolicy", "aside"),
        "no alert « Une demande est mise à part »",
    ),
    "an alert that nobody gets": (
        lambda: changed("gcp:monitoring/alertPolicy:AlertPolicy", "aside", notificationChannels=[]),
        "alert aside: nobody is told",
    ),
    "an alert on a metric that does not exist": (
        lambda: without("gcp:logging/metric:Metric", "aside"),
        "alert aside: nothing counts what it watches",
    ),
    "addresses with a query in the log": (
        lambda: changed("gcp:logging/projectSink:ProjectSink", "access", filter="x"),
        "log access: it holds what people typed into addresses",
    ),
    "a log that is kept for a year": (
        lambda: changed(
            "gcp:logging/projectBucketConfig:ProjectBucketConfig", "access", retentionDays=365
        ),
        "log access: it is kept for 365 days",
    ),
    "calls of intake in the project's log": (
        lambda: without("gcp:logging/projectExclusion:ProjectExclusion", "access"),
        "the project's own log holds intake's calls",
    ),
    "an AWS role for SMTP": (
        lambda: added("aws:iam/role:Role", "planted", assumeRolePolicy="{}"),
        "AWS has 1 resources for mails that leave through SMTP",
    ),
    "a key of an account": (
        lambda: added("gcp:serviceaccount/key:Key", "planted"),
        "there is a key that somebody can steal",
    ),
    "a binding that takes away": (
        lambda: added("gcp:storage/bucketIAMBinding:BucketIAMBinding", "planted", role="x"),
        "planted: it takes away what others were given",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(planted):
    plant, said = PLANTED[planted]
    assert said in problems(SMTP, plant())


@pytest.mark.parametrize("claim", ["aud", "oaud", "sub"])
def test_each_claim_of_the_aws_role_is_pinned(claim):
    loose = [
        replace(
            r,
            inputs={
                **r.inputs,
                "assumeRolePolicy": r.inputs["assumeRolePolicy"].replace(
                    f'"accounts.google.com:{claim}"', '"x"'
                ),
            },
        )
        if r.kind == "aws:iam/role:Role"
        else r
        for r in graph(SES)
    ]
    assert problems(SES, loose) == [f"role sender: {claim} is not pinned"]


def test_google_is_asked_for_what_the_rules_say():
    policies = {p.name: p for p in of_kind(graph(), "monitoring/alertPolicy:AlertPolicy")}
    for key, rule in RULES.items():
        [condition] = policies[key].get("conditions")
        if rule.silent:
            assert condition["conditionAbsent"]["duration"] == f"{rule.minutes * 60}s"
            continue
        threshold = condition["conditionThreshold"]
        assert threshold["thresholdValue"] == rule.most
        assert threshold["duration"] == f"{rule.lasting * 60}s"
        assert threshold["aggregations"][0]["alignmentPeriod"] == f"{rule.minutes * 60}s"


def test_an_alert_is_called_as_in_the_runbook_and_says_so():
    kinds = ("monitoring/alertPolicy:AlertPolicy", "billing/budget:Budget")
    titles = [alert.get("displayName") for kind in kinds for alert in of_kind(graph(), kind)]
    assert sorted(titles) == sorted(TITLES)
    for alert in of_kind(graph(), kinds[0]):
        assert f"« {alert.get('displayName')} »" in alert.get("documentation", "content")
