"""Sends mails through Amazon SES: the only module that knows boto3."""

from collections.abc import Callable, Iterable
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import requests
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleWithWebIdentityCredentialFetcher,
    CredentialProvider,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from functions.shared.errors import (
    MailBusyError,
    MailError,
    MailRefusedError,
    MailUnsureError,
)
from functions.shared.mail.mailer import MOST_A_SECOND, TIMEOUT, CheckableMailer

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


# For whom Google makes the token; the role takes no other (infra/cloud/ses.py).
AUDIENCE = "accueil-ses"
# Where Google Cloud tells a function who it is.
_IDENTITY = (
    "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity"
)


def google_token(where: str = _IDENTITY) -> str:
    """A token that says under which account of Google's this function runs.

    Raises:
        NoCredentialsError: the function does not run on Google Cloud.
    """
    try:
        answer = requests.get(
            where,
            {"audience": AUDIENCE, "format": "full"},
            headers={"Metadata-Flavor": "Google"},
            timeout=5,
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        raise NoCredentialsError from error
    return answer.text


_PAGES = 10  # of 1,000 addresses each: an account of ours has far fewer
# Mails come faster than the account may send them, or its quota of the day is spent.
_TOO_FAST = ("TooManyRequestsException", "ThrottlingException", "Throttling")


class Ses(CheckableMailer):
    """Sends through Amazon SES.

    Its credentials are those of the environment that it runs in; or, on Google Cloud, those of
    `role`, which AWS gives for a token of Google's. So no key is stored anywhere. `configuration`
    is the name of a configuration set of the account, by which SES tells what became of mails; ""
    for none.
    """

    def __init__(
        self,
        region: str,
        role: str = "",
        token: Callable[[], str] = google_token,
        configuration: str = "",
    ) -> None:
        self._more: dict[str, Any] = (
            {"ConfigurationSetName": configuration} if configuration else {}
        )
        self._per_second: float | None = None
        # Make one attempt only. The SDK would send again after a lost answer, and the recipient
        # might get the mail twice.
        once = Config(connect_timeout=5, read_timeout=TIMEOUT, retries={"total_max_attempts": 1})
        session = botocore.session.get_session()
        if role:
            providers = session.get_component("credential_provider")
            providers.insert_before("env", _OfRole(region, role, token))
        self._client: SESV2Client = boto3.Session(botocore_session=session).client(
            "sesv2", region_name=region, config=once
        )

    @property
    def per_second(self) -> float:
        """See Mailer. Amazon is asked once."""
        if self._per_second is None:
            self._per_second = self._ask_rate() or MOST_A_SECOND
        return self._per_second

    def _ask_rate(self) -> float | None:
        """The account's rate; None if Amazon does not say it, or not to us, who may send only."""
        try:
            return self._client.get_account().get("SendQuota", {}).get("MaxSendRate")
        except (ClientError, BotoCoreError):
            return None

    def check(self, domain: str) -> str:
        """See CheckableMailer. Needs the permissions ses:GetAccount and ses:GetEmailIdentity."""
        try:
            account = self._client.get_account()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise MailError(f"Amazon SES ne montre pas le compte ({code}).") from error
        except BotoCoreError as error:
            raise MailError(f"Amazon SES est injoignable ({type(error).__name__}).") from error
        if not account.get("SendingEnabled"):
            raise MailError("Amazon SES a suspendu les envois de ce compte.")
        quota = account.get("SendQuota", {})
        left = int(quota.get("Max24HourSend", 0) - quota.get("SentLast24Hours", 0))
        if not account.get("ProductionAccessEnabled"):
            raise MailError(
                "Le compte Amazon SES est encore à l'essai (« sandbox ») : il n'écrit qu'aux "
                "adresses vérifiées. Demandez l'accès en production."
            )
        self._check_sender(domain)
        return f"Amazon SES répond ; il reste {left} courriels pour ces 24 heures."

    def _check_sender(self, domain: str) -> None:
        try:
            identity = self._client.get_email_identity(EmailIdentity=domain)
            is_verified = identity.get("VerifiedForSendingStatus", False)
        except self._client.exceptions.NotFoundException:
            is_verified = False
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise MailError(f"Amazon SES ne montre pas l'expéditeur ({code}).") from error
        except BotoCoreError as error:
            raise MailError(f"Amazon SES est injoignable ({type(error).__name__}).") from error
        if not is_verified:
            raise MailError(
                f"Amazon SES n'a pas encore vérifié le domaine {domain} : mettez ses "
                "enregistrements DKIM dans le DNS, puis attendez qu'il les voie."
            )

    def refused_since(self, since: datetime) -> Iterable[str]:
        """See Mailer. Needs the permission ses:ListSuppressedDestinations.

        SES takes mails for these addresses and drops them: they came back for good (BOUNCE), or
        their readers called one unwanted (COMPLAINT).
        """
        asked: dict[str, Any] = {"StartDate": since, "PageSize": 1000}
        try:
            for _ in range(_PAGES):
                answer = self._client.list_suppressed_destinations(**asked)
                for summary in answer.get("SuppressedDestinationSummaries", ()):
                    yield summary["EmailAddress"]
                if not answer.get("NextToken"):
                    return
                asked["NextToken"] = answer["NextToken"]
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise MailError(
                f"Amazon SES ne montre pas les adresses qui refusent les courriels ({code})."
            ) from error
        except BotoCoreError as error:
            raise MailError(f"Amazon SES est injoignable ({type(error).__name__}).") from error

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        try:
            self._client.send_email(
                Destination={"ToAddresses": [message["To"]]},
                Content={"Raw": {"Data": message.as_bytes()}},
                **self._more,
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if (
                error.response["ResponseMetadata"]["HTTPStatusCode"]
                >= HTTPStatus.INTERNAL_SERVER_ERROR
            ):
                raise MailUnsureError(f"Amazon SES n'a pas confirmé l'envoi ({code}).") from error
            if code in _TOO_FAST:
                raise MailBusyError(f"Amazon SES demande d'attendre ({code}).") from error
            if code == "BadRequestException":  # the message; faults of the account have other codes
                raise MailRefusedError(f"Amazon SES refuse ce message ({code}).") from error
            raise MailError(f"Amazon SES a refusé le message ({code}).") from error
        except (EndpointConnectionError, ConnectTimeoutError, NoCredentialsError) as error:
            raise MailError(f"Amazon SES est injoignable ({type(error).__name__}).") from error
        except BotoCoreError as error:
            raise MailUnsureError("Amazon SES n'a pas confirmé l'envoi.") from error


class _OfRole(CredentialProvider):
    """Credentials of a role on AWS, renewed whenever they are about to expire."""

    METHOD = "accueil-google"

    def __init__(self, region: str, role: str, token: Callable[[], str]) -> None:
        super().__init__()
        session = botocore.session.get_session()
        self._fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
            client_creator=partial(session.create_client, region_name=region),
            web_identity_token_loader=token,
            role_arn=role,
            extra_args={"RoleSessionName": "accueil"},
        )

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(
            refresh_using=self._fetcher.fetch_credentials, method=self.METHOD
        )
