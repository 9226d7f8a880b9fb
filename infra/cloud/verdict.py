"""What must hold of the graph, whatever it is built with. Pure: a graph in, a list of problems out.

Other checkers do not know what we promise: that `invoker_iam_disabled` is intake's alone, say.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from functions.shared.errors import SettingError
from functions.shared.settings import FUNCTIONS, of
from infra.cloud.alerts import ACCESS_DAYS, BUDGET, TITLES
from infra.cloud.graph import Graph, Resource
from infra.cloud.revisions import DEPLOYMENT
from infra.cloud.rights import CALLERS, CALLS, JOURNAL, NOTIFIED, PROJECT_ROLES, PUBLIC
from infra.cloud.stack import Stack
from sheets_schema.columns import PARIS

_PRIMITIVE = ("roles/owner", "roles/editor", "roles/viewer")
_ANYBODY = ("allUsers", "allAuthenticatedUsers")
_DEFAULT_ACCOUNT = re.compile(r"\d+-compute@|@appspot\.|@cloudservices\.|\d+@cloudbuild\.")
_OWN_VARIABLES = {"FUNCTION_TARGET"}  # beside the settings


def problems(stack: Stack, graph: Graph) -> list[str]:
    """What is wrong with a graph of both layers, in sentences; empty if it is as it has to be."""
    return [problem for check in _CHECKS for problem in check(stack, graph)]


def of_kind(graph: Graph, kind: str) -> list[Resource]:
    """The resources of a kind, `cloudrunv2/service:Service` for example."""
    return [resource for resource in graph if resource.kind.partition(":")[2] == kind]


def _services(graph: Graph) -> dict[str, Resource]:
    return {r.name: r for r in of_kind(graph, "cloudrunv2/service:Service")}


def _public(_: Stack, graph: Graph) -> Iterator[str]:
    services = _services(graph)
    if set(services) != set(FUNCTIONS):
        yield f"the services are {sorted(services)}"
    for name, service in services.items():
        if bool(service.get("invokerIamDisabled")) is not (name in PUBLIC):
            yield f"{name}: the invoker check is {'on' if name in PUBLIC else 'off'}"
        if name not in PUBLIC and service.get("ingress") != "INGRESS_TRAFFIC_INTERNAL_ONLY":
            yield f"{name}: anybody on the internet reaches it"


def _members(_: Stack, graph: Graph) -> Iterator[str]:
    for resource in graph:
        members = [resource.get("member"), *(resource.get("members") or ())]
        for member in filter(None, members):
            if member in _ANYBODY:
                yield f"{resource.name}: {member} gets {resource.get('role')}"
            if _DEFAULT_ACCOUNT.search(member):
                yield f"{resource.name}: a default account gets {resource.get('role')}"
        if resource.get("role") in _PRIMITIVE:
            yield f"{resource.name}: {resource.get('role')} is a primitive role"
        if resource.kind.endswith(("IAMBinding", "IAMPolicy", "IamBinding", "IamPolicy")):
            yield f"{resource.name}: it takes away what others were given"


def _accounts(stack: Stack, graph: Graph) -> Iterator[str]:
    for name, service in _services(graph).items():
        account = service.get("template", "serviceAccount")
        if account != stack.account(name):
            yield f"{name}: it runs as {account or 'the default account'}"
    for job in of_kind(graph, "cloudscheduler/job:Job"):
        if job.get("httpTarget", "oidcToken", "serviceAccountEmail") != stack.account("schedule"):
            yield f"{job.name}: it calls under another account"


def _project_roles(stack: Stack, graph: Graph) -> Iterator[str]:
    known = {(f"serviceAccount:{stack.account(name)}", role) for name, role in PROJECT_ROLES}
    for grant in of_kind(graph, "projects/iAMMember:IAMMember"):
        if (grant.get("member"), grant.get("role")) not in known:
            yield f"{grant.name}: {grant.get('role')} on the whole project, without a reason"


def _single_writer(_: Stack, graph: Graph) -> Iterator[str]:
    route = _services(graph).get("route")
    if route and route.get("template", "scaling", "maxInstanceCount") != 1:
        yield "route: more than one instance writes the sheet"


def _undone_together(_: Stack, graph: Graph) -> Iterator[str]:
    labels = {s.get("template", "labels", DEPLOYMENT) for s in _services(graph).values()}
    if len(labels) != 1 or not all(labels):
        yield f"a rollback cannot tell which revisions belong together: {sorted(map(str, labels))}"


def _journal_rights(stack: Stack, graph: Graph) -> Iterator[str]:
    """Each function has its verbs on its folders of the journal, and nobody has anything else."""
    objects = f"projects/_/buckets/{stack.bucket('journal')}/objects/"
    expected = {
        (stack.account(name), verb): folders
        for name, rights in JOURNAL.items()
        for verb, folders in {**rights, "list": ("",)}.items()
    }
    for grant in of_kind(graph, "storage/bucketIAMMember:BucketIAMMember"):
        if grant.get("bucket") != stack.bucket("journal"):
            continue
        account = str(grant.get("member")).removeprefix("serviceAccount:")
        verb = str(grant.get("role")).rpartition("accueilJournal")[2].lower()
        folders = expected.pop((account, verb), None)
        if folders is None:
            yield f"{grant.name}: {account} gets {grant.get('role')} on the journal"
            continue
        given = re.findall(r'startsWith\("([^"]*)"\)', grant.get("condition", "expression") or "")
        if [folder for folder in folders if folder] != [f.removeprefix(objects) for f in given]:
            yield f"{grant.name}: {verb} is not limited to {', '.join(folders) or 'anything'}"
    for account, verb in expected:
        yield f"{account} may not {verb} in the journal"
    for role in of_kind(graph, "projects/iAMCustomRole:IAMCustomRole"):
        verb = str(role.get("roleId")).removeprefix("accueilJournal").lower()
        if role.get("permissions") != [f"storage.objects.{verb}"]:
            yield f"{role.name}: the role holds {role.get('permissions')}"


def _buckets(stack: Stack, graph: Graph) -> Iterator[str]:
    """Nothing is public, and what is purged is gone: the settings alone say how long it is kept."""
    for bucket in of_kind(graph, "storage/bucket:Bucket"):
        if bucket.get("uniformBucketLevelAccess") is not True:
            yield f"bucket {bucket.name}: access is not uniform"
        if bucket.get("publicAccessPrevention") != "enforced":
            yield f"bucket {bucket.name}: it can be made public"
        if bucket.get("softDeletePolicy", "retentionDurationSeconds") != 0:
            yield f"bucket {bucket.name}: what is deleted is kept"
        if bucket.get("versioning", "enabled"):
            yield f"bucket {bucket.name}: it keeps older versions"
        if not str(bucket.get("location")).startswith("europe-"):
            yield f"bucket {bucket.name}: it is outside the EU"
        if bucket.get("name") == stack.bucket("journal"):
            for rule in bucket.get("lifecycleRules") or ():
                if rule["action"]["type"] != "AbortIncompleteMultipartUpload":
                    yield f"bucket {bucket.name}: a rule deletes what the journal holds"


def _secrets(stack: Stack, graph: Graph) -> Iterator[str]:
    readers: Counter[str] = Counter()
    for grant in of_kind(graph, "secretmanager/secretIamMember:SecretIamMember"):
        secret = str(grant.get("secretId"))
        readers[secret] += 1
        function = secret.split("-")[1]
        if grant.get("member") != f"serviceAccount:{stack.account(function)}":
            yield f"secret {secret}: {grant.get('member')} reads it"
    for made in of_kind(graph, "secretmanager/secret:Secret"):
        count = readers[str(made.get("secretId"))]
        if count != 1:
            yield f"secret {made.name}: it has {count} readers"
    if of_kind(graph, "secretmanager/secretVersion:SecretVersion"):
        yield "the value of a secret is in Pulumi's state"


def _settings(stack: Stack, graph: Graph) -> Iterator[str]:
    """Each function gets the settings that its code reads: all that it needs, and no other."""
    for name, service in _services(graph).items():
        variables = service.get("template", "containers", 0, "envs") or []
        given = {variable["name"] for variable in variables} - _OWN_VARIABLES
        known = of(FUNCTIONS[name]).values()
        yield from (
            f"{name}: {variable} is no setting of its code"
            for variable in sorted(given - {setting.variable for setting in known})
        )
        yield from (
            f"{name}: {setting.variable} is missing"
            for setting in known
            if setting.default is None and setting.variable not in given
        )
        yield from (
            f"{name}: {variable['name']} is a secret in plain sight"
            for variable in variables
            if variable["name"] in stack.secrets(name) and "valueSource" not in variable
        )
        for setting in known:
            for variable in variables:
                if variable["name"] == setting.variable and "value" in variable:
                    try:
                        setting.read({setting.variable: variable["value"]})
                    except SettingError:
                        yield f"{name}: {setting.variable} is malformed, so it would not start"
        if {"name": "FUNCTION_TARGET", "value": name} not in variables:
            yield f"{name}: it runs another function"


def _triggers(stack: Stack, graph: Graph) -> Iterator[str]:
    """Notifications and the clock reach the right function, with the audience it expects."""
    uris = {name: f"https://accueil-{name}-abc.a.run.app" for name in _services(graph)}
    pushes = [r for r in of_kind(graph, "pubsub/subscription:Subscription") if r.get("pushConfig")]
    if [(p.get("pushConfig", "pushEndpoint"), _audience(p)) for p in pushes] != [
        (uris.get("route"), uris.get("route"))
    ]:
        yield "the notifications do not go to route, or not with its audience"
    for push in pushes:
        if not push.get("deadLetterPolicy", "deadLetterTopic"):
            yield f"{push.name}: what cannot be delivered is lost"
    notified = of_kind(graph, "storage/notification:Notification")
    if {notification.get("objectNamePrefix") for notification in notified} != {*NOTIFIED}:
        yield f"the notifications are not about {' and '.join(NOTIFIED)}"
    jobs = {job.name: job for job in of_kind(graph, "cloudscheduler/job:Job")}
    if set(jobs) != set(CALLS):
        yield f"the clock calls {sorted(jobs)}"
    for name, job in jobs.items():
        call = CALLS[name]
        uri = uris.get(call.function)
        if (job.get("httpTarget", "uri"), _audience(job)) != (f"{uri}/{call.query}", uri):
            yield f"{name}: it does not call {call.function}, or not with its audience"
        if (job.get("schedule"), job.get("timeZone")) != (call.schedule, PARIS.key):
            yield f"{name}: it is not called when it is due in {PARIS.key}"
    grants = {
        (str(grant.get("name")), str(grant.get("member")))
        for grant in of_kind(graph, "cloudrunv2/serviceIamMember:ServiceIamMember")
    }
    expected = {
        (f"accueil-{name}", f"serviceAccount:{stack.account(caller)}")
        for name, callers in CALLERS.items()
        for caller in callers
    }
    yield from (f"{member} may call {name}" for name, member in sorted(grants - expected))
    yield from (f"{member} may not call {name}" for name, member in sorted(expected - grants))


def _audience(resource: Resource) -> object:
    for path in (("pushConfig",), ("httpTarget",)):
        if resource.get(*path):
            return resource.get(*path, "oidcToken", "audience")
    return None


def _watching(stack: Stack, graph: Graph) -> Iterator[str]:
    alerts = of_kind(graph, "monitoring/alertPolicy:AlertPolicy")
    budgets = of_kind(graph, "billing/budget:Budget")
    titles = {str(alert.get("displayName")) for alert in [*alerts, *budgets]}
    missing = set(TITLES) - titles - (set() if stack.budget else {BUDGET})
    yield from (f"no alert « {title} »" for title in sorted(missing))
    yield from (
        f"alert {alert.name}: nobody is told"
        for alert in alerts
        if not alert.get("notificationChannels")
    )
    metrics = {f'user/{m.get("name")}"' for m in of_kind(graph, "logging/metric:Metric")}
    for alert in alerts:
        for condition in alert.get("conditions"):
            watched = condition.get("conditionThreshold") or condition.get("conditionAbsent")
            if "/user/" in watched["filter"] and not any(m in watched["filter"] for m in metrics):
                yield f"alert {alert.name}: nothing counts what it watches"
    for bucket in of_kind(graph, "logging/projectBucketConfig:ProjectBucketConfig"):
        if bucket.get("retentionDays") != ACCESS_DAYS:
            yield f"log {bucket.name}: it is kept for {bucket.get('retentionDays')} days"
    for sink in of_kind(graph, "logging/projectSink:ProjectSink"):
        if 'NOT httpRequest.requestUrl:"?"' not in str(sink.get("filter")):
            yield f"log {sink.name}: it holds what people typed into addresses"
    if not of_kind(graph, "logging/projectExclusion:ProjectExclusion"):
        yield "the project's own log holds intake's calls"


def _aws(stack: Stack, graph: Graph) -> Iterator[str]:
    of_aws = [resource for resource in graph if resource.kind.startswith("aws:")]
    if of_aws and not stack.ses_region:
        yield f"AWS has {len(of_aws)} resources for mails that leave through SMTP"
    for role in of_kind(graph, "iam/role:Role"):
        policy = str(role.get("assumeRolePolicy"))
        for claim in ("aud", "oaud", "sub"):
            if f'"accounts.google.com:{claim}"' not in policy:
                yield f"role {role.name}: {claim} is not pinned"
    if of_kind(graph, "iam/accessKey:AccessKey") or of_kind(graph, "serviceaccount/key:Key"):
        yield "there is a key that somebody can steal"


_CHECKS: tuple[Callable[[Stack, Graph], Iterator[str]], ...] = (
    _public,
    _members,
    _accounts,
    _project_roles,
    _single_writer,
    _undone_together,
    _journal_rights,
    _buckets,
    _secrets,
    _settings,
    _triggers,
    _watching,
    _aws,
)
