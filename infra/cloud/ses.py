"""What mails through Amazon SES need on AWS: an identity, and a role without any stored key.

Only this module knows AWS; it is used for a stack whose mails leave through `ses://` and no other.
"""

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
from pulumi_gcp import serviceaccount

from infra.cloud.stack import Stack

SENDERS = ("route", "digest")
_DKIM = 3  # records that SES asks for
AUDIENCE = "accueil-ses"  # functions/shared/mail/ses.py asks for a token with this audience


def build(stack: Stack) -> tuple[pulumi.Output[str], dict[str, pulumi.Input[str]]]:
    """Declare the sender's domain and the role; returns the role's name and the DNS records."""
    here = pulumi.ResourceOptions(
        provider=aws.Provider("aws", aws.ProviderArgs(region=stack.ses_region))
    )
    identity = aws.sesv2.EmailIdentity(
        "sender", aws.sesv2.EmailIdentityArgs(email_identity=stack.sender_domain), opts=here
    )
    accounts = {
        name: serviceaccount.get_account_output(account_id=stack.account(name)) for name in SENDERS
    }
    ids = [account.unique_id for account in accounts.values()]
    role = aws.iam.Role(
        "sender",
        aws.iam.RoleArgs(
            name="accueil-ses", assume_role_policy=pulumi.Output.all(*ids).apply(trust)
        ),
        opts=here,
    )
    aws.iam.RolePolicy(
        "sender",
        aws.iam.RolePolicyArgs(
            role=role.name,
            policy=identity.arn.apply(
                lambda arn: json.dumps(_may_send(arn, stack.ses_configuration))
            ),
        ),
        opts=here,
    )
    domain = stack.sender_domain
    records: dict[str, pulumi.Input[str]] = {
        f"DKIM {number + 1}": pulumi.Output.format(
            "{0}._domainkey.{1} CNAME {0}.dkim.amazonses.com",
            identity.dkim_signing_attributes.tokens[number],
            domain,
        )
        for number in range(_DKIM)
    }
    return role.arn, records


def trust(ids: list[str]) -> str:
    """The policy that lets the two accounts take the role, and nobody else.

    For a service account's token, AWS compares `aud` with the token's authorised party, which is
    the account's id, and `oaud` with the audience that the token was made for.
    """
    pinned: Mapping[str, object] = {
        "accounts.google.com:aud": ids,
        "accounts.google.com:oaud": AUDIENCE,
        "accounts.google.com:sub": ids,
    }
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": "accounts.google.com"},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {"StringEquals": pinned},
                }
            ],
        }
    )


def _may_send(identity: str, configuration: str) -> dict[str, object]:
    resources = [identity]
    if configuration:  # of the same account and region
        resources.append(f"{identity.rpartition(':')[0]}:configuration-set/{configuration}")
    send = {
        "Effect": "Allow",
        "Action": ["ses:SendEmail", "ses:SendRawEmail"],
        "Resource": resources,
    }
    # The list belongs to the account: AWS cannot limit this right to an identity.
    look = {"Effect": "Allow", "Action": "ses:ListSuppressedDestinations", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [send, look]}
