"""Makes what wakes somebody: metrics, alerts by mail, and the log of calls."""

from collections.abc import Mapping

import pulumi
from pulumi_gcp import billing, cloudrunv2, logging, monitoring

from infra.cloud.alerts import ACCESS_DAYS, BUDGET, HEALTH, RULES, Rule
from infra.cloud.stack import Stack

_CLOSES = "86400s"  # an alert about a log closes so long after its last line


def build(stack: Stack, services: Mapping[str, cloudrunv2.Service]) -> None:
    """Declare what watches over the functions."""
    mail = monitoring.NotificationChannel(
        "alerts",
        monitoring.NotificationChannelArgs(
            display_name="Accueil : alertes", type="email", labels={"email_address": stack.alerts}
        ),
    )
    for key, rule in RULES.items():
        made = _counter(key, rule) if rule.log else None
        # A condition on a metric that does not exist yet is refused.
        opts = pulumi.ResourceOptions(depends_on=[made] if made else [])
        _alert(key, rule.title, _condition(key, rule), mail, opts)
    _uptime(services["intake"], mail)
    if stack.budget:
        _budget(stack, mail)
    _calls_of_intake(stack)


def _counter(key: str, rule: Rule) -> logging.Metric:
    return logging.Metric(
        key,
        logging.MetricArgs(
            name=f"accueil-{key}",
            filter=rule.log,
            metric_descriptor=logging.MetricMetricDescriptorArgs(
                metric_kind="DELTA", value_type="INT64"
            ),
        ),
    )


def _condition(key: str, rule: Rule) -> monitoring.AlertPolicyConditionArgs:
    window = f"{rule.minutes * 60}s"
    if rule.silent:
        silence = monitoring.AlertPolicyConditionConditionAbsentArgs(
            filter=rule.metric(key),
            duration=window,
            aggregations=[
                monitoring.AlertPolicyConditionConditionAbsentAggregationArgs(
                    alignment_period="300s",
                    per_series_aligner="ALIGN_COUNT",
                    cross_series_reducer="REDUCE_SUM",
                )
            ],
        )
        return monitoring.AlertPolicyConditionArgs(
            display_name=rule.title, condition_absent=silence
        )
    count = monitoring.AlertPolicyConditionConditionThresholdArgs(
        filter=rule.metric(key),
        comparison="COMPARISON_GT",
        threshold_value=rule.most,
        duration=f"{rule.lasting * 60}s",
        aggregations=[
            monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                alignment_period=window,
                per_series_aligner="ALIGN_DELTA",
                cross_series_reducer="REDUCE_SUM",
            )
        ],
    )
    return monitoring.AlertPolicyConditionArgs(display_name=rule.title, condition_threshold=count)


def _alert(
    key: str,
    title: str,
    condition: monitoring.AlertPolicyConditionArgs,
    mail: monitoring.NotificationChannel,
    opts: pulumi.ResourceOptions | None = None,
) -> None:
    monitoring.AlertPolicy(
        key,
        monitoring.AlertPolicyArgs(
            display_name=title,
            combiner="OR",
            conditions=[condition],
            notification_channels=[mail.name],
            documentation=monitoring.AlertPolicyDocumentationArgs(
                content=f"Que faire : docs/runbook.md, « {title} ».", mime_type="text/markdown"
            ),
            alert_strategy=monitoring.AlertPolicyAlertStrategyArgs(auto_close=_CLOSES),
        ),
        opts=opts,
    )


def _uptime(intake: cloudrunv2.Service, mail: monitoring.NotificationChannel) -> None:
    """Ask intake's /health from several places; it also looks whether the journal answers."""
    check = monitoring.UptimeCheckConfig(
        "health",
        monitoring.UptimeCheckConfigArgs(
            display_name=HEALTH,
            timeout="10s",
            period="300s",
            http_check=monitoring.UptimeCheckConfigHttpCheckArgs(
                path="/health", port=443, use_ssl=True, validate_ssl=True
            ),
            monitored_resource=monitoring.UptimeCheckConfigMonitoredResourceArgs(
                type="uptime_url",
                labels={"host": intake.uri.apply(lambda uri: uri.removeprefix("https://"))},
            ),
        ),
    )
    failing = monitoring.AlertPolicyConditionConditionThresholdArgs(
        filter=check.uptime_check_id.apply(
            'metric.type="monitoring.googleapis.com/uptime_check/check_passed" '
            'AND resource.type="uptime_url" AND metric.labels.check_id="{}"'.format
        ),
        comparison="COMPARISON_GT",
        threshold_value=1,  # places at least that cannot reach it
        duration="300s",
        aggregations=[
            monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                alignment_period="600s",
                per_series_aligner="ALIGN_NEXT_OLDER",
                cross_series_reducer="REDUCE_COUNT_FALSE",
                group_by_fields=["resource.label.host"],
            )
        ],
    )
    condition = monitoring.AlertPolicyConditionArgs(
        display_name=HEALTH, condition_threshold=failing
    )
    _alert("health", HEALTH, condition, mail)


def _budget(stack: Stack, mail: monitoring.NotificationChannel) -> None:
    billing.Budget(
        "budget",
        billing.BudgetArgs(
            billing_account=stack.billing_account,
            display_name=BUDGET,
            budget_filter=billing.BudgetBudgetFilterArgs(projects=[f"projects/{stack.project}"]),
            amount=billing.BudgetAmountArgs(
                specified_amount=billing.BudgetAmountSpecifiedAmountArgs(
                    currency_code="EUR", units=str(stack.budget)
                )
            ),
            threshold_rules=[billing.BudgetThresholdRuleArgs(threshold_percent=1.0)],
            all_updates_rule=billing.BudgetAllUpdatesRuleArgs(
                monitoring_notification_channels=[mail.name], disable_default_iam_recipients=True
            ),
        ),
    )


def _calls_of_intake(stack: Stack) -> None:
    """Keep the log of intake's calls for 30 days, without those whose address has a query.

    A query may say what a person typed, and the platform logs it. So such a call is in no log, and
    all calls stay out of the project's own log.
    """
    calls = (
        f'logName="projects/{stack.project}/logs/run.googleapis.com%2Frequests" '
        'AND resource.labels.service_name="accueil-intake"'
    )
    kept = logging.ProjectBucketConfig(
        "access",
        logging.ProjectBucketConfigArgs(
            project=stack.project,
            location=stack.region,
            bucket_id="accueil-access",
            retention_days=ACCESS_DAYS,
        ),
    )
    logging.ProjectSink(
        "access",
        logging.ProjectSinkArgs(
            name="accueil-access",
            destination=kept.id.apply("logging.googleapis.com/{}".format),
            filter=f'{calls} AND NOT httpRequest.requestUrl:"?" AND NOT httpRequest.referer:"?"',
            unique_writer_identity=True,
        ),
    )
    logging.ProjectExclusion(
        "access", logging.ProjectExclusionArgs(name="accueil-access", filter=calls)
    )
