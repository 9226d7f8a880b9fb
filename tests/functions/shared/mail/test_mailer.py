import json
import smtplib
import ssl
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends

from functions.shared.errors import (
    MailBusyError,
    MailError,
    MailRefusedError,
    MailUnsureError,
    SettingError,
)
from functions.shared.mail import mailer
from functions.shared.mail.mailer import Mailer, Paced, Smtp, open_mailer
from functions.shared.mail.rate import Rate
from functions.shared.mail.ses import Ses, google_token
from tests.functions.shared.sheets.canned import RESET, SILENCE
from tests.post_office import Handler, serving

ROLE = "arn:aws:iam::123456789012:role/accueil-ses"
ACCOUNT = "accueil:c0mpte%40lot"  # as it stands in an address; its password is c0mpte@lot


def mail(to: str = "zoe.petit@example.org", number: int = 1) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Oh my Lot ! <accueil@example.org>"
    message["To"] = to
    message["Subject"] = "Votre semaine : 3 demandes à rappeler"
    message["Message-ID"] = f"<semaine-{number}@example.org>"
    message.set_content("Bonjour Zoé,\n\n.\nÀ bientôt !\n")
    return message


@pytest.fixture
def post() -> Handler:
    """The post office: how it behaves, and what it got."""
    return Handler()


@pytest.fixture
def smtp(post: Handler) -> Iterator[str]:
    with serving(post) as where:
        yield f"smtp://{where}?tls=optional"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 and its key, in one file; nobody vouches for it but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account may send as fast as it can, and nobody waits for a busy server."""
    monkeypatch.setattr(mailer, "MOST_A_SECOND", 1e6)
    monkeypatch.setattr(mailer, "PATIENCE", ())


class TestSmtp:
    def test_a_mail_arrives_as_it_was_written(self, smtp, post):
        open_mailer(smtp).send(mail())

        (arrived,) = post.mails
        assert arrived["Subject"] == "Votre semaine : 3 demandes à rappeler"
        assert arrived.get_content().replace("\r\n", "\n") == "Bonjour Zoé,\n\n.\nÀ bientôt !\n"
        assert post.recipients == ["zoe.petit@example.org"]

    def test_several_mails_can_be_sent_one_after_the_other(self, smtp, post):
        sender = open_mailer(smtp)
        for number in range(3):
            sender.send(mail(number=number))

        assert len({arrived["Message-ID"] for arrived in post.mails}) == 3

    @pytest.mark.parametrize(
        "answer",
        ["550 No such user zoe.petit@example.org here", "550 5.1.1 Unknown", "553 5.1.3 Syntax"],
    )
    def test_a_recipient_refused_for_good_is_told_from_a_server_at_fault(self, smtp, post, answer):
        post.refuse = answer

        with pytest.raises(MailRefusedError) as caught:
            open_mailer(smtp).send(mail())

        assert str(caught.value) == "Le serveur de courriel refuse cette adresse."
        assert post.mails == []

    @pytest.mark.parametrize("answer", ["451 4.7.1 Try again later", "550 5.7.1 Relay denied"])
    def test_a_server_that_takes_no_mails_at_present_says_nothing_of_the_recipient(
        self, smtp, post, answer
    ):
        post.refuse = answer

        with pytest.raises(MailError) as caught:
            open_mailer(smtp).send(mail())

        assert str(caught.value) == "Le serveur de courriel a refusé le message."
        assert post.mails == []

    def test_several_mails_of_a_session_share_one_connection(self, smtp, post):
        with open_mailer(smtp).session() as session:
            for number in range(5):
                session.send(mail(number=number))
            assert post.greeted == 1

        assert len({arrived["Message-ID"] for arrived in post.mails}) == 5

    def test_a_session_keeps_to_what_a_relay_allows(self, smtp, monkeypatch):
        monkeypatch.setattr("functions.shared.mail.mailer.MOST_A_SECOND", 14.0)
        time = FakeTime()
        with Paced(Smtp(smtp), Rate(time.now, time.pause)).session() as session:
            for number in range(3):
                session.send(mail(number=number))
        assert time.now() > 2 / 14

    def test_a_refused_recipient_does_not_cost_a_session_its_connection(self, smtp, post):
        post.refuse, post.refused = "550 5.1.1 Unknown", {"nobody@example.org"}
        with open_mailer(smtp).session() as session:
            session.send(mail(number=1))
            with pytest.raises(MailRefusedError):
                session.send(mail(to="nobody@example.org"))
            session.send(mail(number=2))

        assert post.greeted == 1
        assert post.recipients == ["zoe.petit@example.org"] * 2

    def test_a_connection_that_ended_between_two_mails_is_opened_again(self, smtp, post):
        post.hang_up_after = 1
        with open_mailer(smtp).session() as session:
            for number in range(3):
                session.send(mail(number=number))

        assert post.greeted == 3
        assert len({arrived["Message-ID"] for arrived in post.mails}) == 3

    def test_a_mail_that_may_have_left_is_not_sent_again_and_the_next_one_leaves(self, smtp, post):
        post.hang_up_at = "DATA"
        with open_mailer(smtp).session() as session:
            with pytest.raises(MailUnsureError):
                session.send(mail(number=1))
            post.hang_up_at = ""
            session.send(mail(number=2))

        assert [arrived["Message-ID"] for arrived in post.mails] == [
            "<semaine-1@example.org>",
            "<semaine-2@example.org>",
        ]

    @pytest.mark.parametrize("step", ["MAIL", "RCPT"])
    def test_a_server_that_hangs_up_before_the_mail_certainly_did_not_send_it(
        self, smtp, post, step
    ):
        post.hang_up_at = step

        with pytest.raises(MailError) as caught:
            open_mailer(smtp).send(mail())

        assert str(caught.value) == "Le serveur de courriel a raccroché avant l'envoi."
        assert post.mails == []

    def test_a_server_that_hangs_up_after_the_mail_may_have_sent_it(self, smtp, post):
        post.hang_up_at = "DATA"

        with pytest.raises(MailUnsureError) as caught:
            open_mailer(smtp).send(mail())

        assert str(caught.value) == "Le serveur de courriel n'a pas confirmé l'envoi."
        assert len(post.mails) == 1

    def test_a_server_that_falls_silent_after_the_mail_may_have_sent_it(
        self, smtp, post, monkeypatch
    ):
        monkeypatch.setattr(mailer, "TIMEOUT", 0.1)
        post.silent_at = "DATA"

        with pytest.raises(MailUnsureError):
            open_mailer(smtp).send(mail())

    @pytest.mark.parametrize("step", ["ehlo", "data"])
    @pytest.mark.parametrize("fault", [UnicodeError("x"), ssl.SSLError("x"), OSError("x")])
    def test_any_fault_tells_whether_the_mail_may_have_left(self, smtp, monkeypatch, step, fault):
        def fail(*_args):
            raise fault

        monkeypatch.setattr(smtplib.SMTP, step, fail)
        with pytest.raises(MailUnsureError if step == "data" else MailError):
            open_mailer(smtp).send(mail())

    def test_an_address_that_the_server_cannot_carry_is_the_recipients_fault(
        self, smtp, post, monkeypatch
    ):
        monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda *_: False)
        with pytest.raises(MailRefusedError):
            open_mailer(smtp).send(mail(to="zoé@example.org"))

        assert post.mails == []

    def test_a_server_whose_name_cannot_be_was_certainly_not_written_to(self):
        with pytest.raises(MailError):
            open_mailer(f"smtp://{'a' * 70}.example.org:25").send(mail())

    def test_a_server_that_is_not_there_was_certainly_not_written_to(self, closed_port):
        with pytest.raises(MailError) as caught:
            open_mailer(f"smtp://127.0.0.1:{closed_port}").send(mail())

        assert str(caught.value) == (
            "Le serveur de courriel n'accepte pas la connexion (ConnectionRefusedError)."
        )


class TestInClear:
    """A server without STARTTLS."""

    SENTENCE = "Le serveur de courriel ne chiffre pas (STARTTLS) : rien n'est envoyé."

    def test_it_gets_nothing(self, post):
        with serving(post) as where, pytest.raises(MailError) as caught:
            open_mailer(f"smtp://{where}").send(mail())
        assert str(caught.value) == self.SENTENCE
        assert (post.mails, post.recipients) == ([], [])

    def test_a_relay_on_this_machine_may_be_one_if_that_is_said(self, post, smtp):
        open_mailer(smtp).send(mail())
        assert len(post.mails) == 1

    def test_a_relay_whose_name_leads_away_may_not(self, post, smtp, monkeypatch):
        monkeypatch.setattr(mailer, "is_near", lambda address: address != "127.0.0.1")
        with pytest.raises(MailError) as caught:
            open_mailer(smtp).send(mail())
        assert str(caught.value) == self.SENTENCE
        assert post.mails == []

    @pytest.mark.usefixtures("trusted")
    def test_a_relay_that_offers_encryption_uses_it_all_the_same(self, post, tls, monkeypatch):
        begun = []
        starttls = smtplib.SMTP.starttls
        monkeypatch.setattr(
            smtplib.SMTP,
            "starttls",
            lambda *args, **more: begun.append(1) or starttls(*args, **more),
        )
        with serving(post, tls_context=tls) as where:
            open_mailer(f"smtp://{where}?tls=optional").send(mail())
        assert (len(begun), len(post.mails)) == (1, 1)


class TestAccount:
    def test_it_is_never_shown_to_a_server_that_does_not_encrypt(self, post):
        with (
            serving(post, authenticator=post.authenticate, auth_require_tls=False) as where,
            pytest.raises(MailError) as caught,
        ):
            open_mailer(f"smtp://{ACCOUNT}@{where}?tls=optional").send(mail())

        assert str(caught.value) == "Le serveur de courriel ne chiffre pas : le compte est tu."
        assert post.accounts == []
        assert post.mails == []

    @pytest.mark.usefixtures("trusted")
    def test_it_is_shown_once_the_connection_is_encrypted(self, post, tls):
        with serving(post, tls_context=tls, authenticator=post.authenticate) as where:
            open_mailer(f"smtp://{ACCOUNT}@{where}").send(mail())

        assert post.accounts == [(b"accueil", b"c0mpte@lot")]
        assert len(post.mails) == 1

    @pytest.mark.usefixtures("trusted")
    def test_it_is_shown_to_a_server_that_encrypts_from_the_first_byte(self, post, tls):
        with serving(
            post, ssl_context=tls, authenticator=post.authenticate, auth_require_tls=False
        ) as where:
            open_mailer(f"smtps://{ACCOUNT}@{where}").send(mail())

        assert post.accounts == [(b"accueil", b"c0mpte@lot")]
        assert len(post.mails) == 1

    @pytest.mark.usefixtures("trusted")
    def test_a_wrong_password_is_not_repeated_in_the_error(self, post, tls):
        with (
            serving(post, tls_context=tls, authenticator=post.authenticate) as where,
            pytest.raises(MailError) as caught,
        ):
            open_mailer(f"smtp://accueil:perdu@{where}").send(mail())

        assert str(caught.value) == (
            "Le serveur de courriel n'accepte pas la connexion (SMTPAuthenticationError)."
        )

    @pytest.mark.parametrize("scheme", ["smtp", "smtps"])
    def test_it_is_never_shown_to_a_server_for_which_nobody_vouches(self, post, tls, scheme):
        kwargs = {"smtp": {"tls_context": tls}, "smtps": {"ssl_context": tls}}[scheme]
        with (
            serving(post, authenticator=post.authenticate, **kwargs) as where,
            pytest.raises(MailError, match=r"\(SSLCertVerificationError\)"),
        ):
            open_mailer(f"{scheme}://{ACCOUNT}@{where}").send(mail())

        assert post.accounts == []


class TestCheck:
    """What is seen before any mail."""

    @pytest.mark.usefixtures("trusted")
    def test_a_server_that_encrypts_and_accepts_the_account(self, post, tls):
        with serving(post, tls_context=tls, authenticator=post.authenticate) as where:
            seen = open_mailer(f"smtp://{ACCOUNT}@{where}").check("example.org")

        assert seen == "Le serveur répond, chiffre et accepte le compte."
        assert (post.accounts, post.mails) == ([(b"accueil", b"c0mpte@lot")], [])

    @pytest.mark.usefixtures("trusted")
    def test_a_wrong_password(self, post, tls):
        with (
            serving(post, tls_context=tls, authenticator=post.authenticate) as where,
            pytest.raises(MailError, match=r"\(SMTPAuthenticationError\)"),
        ):
            open_mailer(f"smtp://accueil:perdu@{where}").check("example.org")

    def test_a_folder(self, tmp_path):
        assert "aucun ne part" in open_mailer(f"outbox://{tmp_path}/mail").check("example.org")
        assert list((tmp_path / "mail").iterdir()) == []

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(MailError, match="n'est pas accessible"):
            open_mailer(f"outbox://{tmp_path}/file/mail").check("example.org")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fictional credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "essai")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "essai")


@pytest.mark.usefixtures("aws")
class TestSes:
    @pytest.fixture
    def sent(self) -> Iterator[list]:
        """The mails that SES has sent; it knows one sender."""
        with mock_aws():
            client = boto3.client("sesv2", region_name="eu-west-3")
            client.create_email_identity(EmailIdentity="accueil@example.org")
            yield ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-3"].sent_messages

    @pytest.mark.usefixtures("sent")
    @pytest.mark.parametrize(
        ("account", "words"),
        [
            ({"SendingEnabled": False}, "a suspendu les envois"),
            ({"SendingEnabled": True, "ProductionAccessEnabled": False}, "encore à l'essai"),
        ],
    )
    def test_an_account_that_does_not_send_is_told(self, account, words):
        ses = open_mailer("ses://eu-west-3")
        with Stubber(ses.mailer._client) as amazon:
            amazon.add_response("get_account", account)
            with pytest.raises(MailError, match=words):
                ses.check("example.org")

    @pytest.mark.usefixtures("sent")
    def test_an_account_tells_how_much_it_may_still_send(self):
        ses = open_mailer("ses://eu-west-3")
        quota = {"Max24HourSend": 200.0, "SentLast24Hours": 50.0}
        account = {"SendingEnabled": True, "ProductionAccessEnabled": True, "SendQuota": quota}
        with Stubber(ses.mailer._client) as amazon:
            amazon.add_response("get_account", account)
            amazon.add_response("get_email_identity", {"VerifiedForSendingStatus": True})
            assert (
                ses.check("example.org")
                == "Amazon SES répond ; il reste 150 courriels pour ces 24 heures."
            )

    @pytest.mark.usefixtures("sent")
    @pytest.mark.parametrize("known", [True, False])
    def test_a_sender_s_domain_that_is_not_verified_is_told(self, known):
        ses = open_mailer("ses://eu-west-3")
        with Stubber(ses.mailer._client) as amazon:
            account = {"SendingEnabled": True, "ProductionAccessEnabled": True}
            amazon.add_response("get_account", account)
            if known:
                amazon.add_response("get_email_identity", {"VerifiedForSendingStatus": False})
            else:
                amazon.add_client_error("get_email_identity", "NotFoundException")
            with pytest.raises(MailError, match=r"vérifié le domaine example\.org"):
                ses.check("example.org")

    @pytest.mark.usefixtures("sent")
    def test_an_account_that_is_not_shown_is_told(self):
        ses = open_mailer("ses://eu-west-3")
        with Stubber(ses.mailer._client) as amazon:
            amazon.add_client_error("get_account", "AccessDenied")
            with pytest.raises(MailError, match="AccessDenied"):
                ses.check("example.org")

    @pytest.mark.usefixtures("sent")
    def test_it_knows_the_addresses_that_refuse_mails(self):
        ses, since = open_mailer("ses://eu-west-3"), datetime(2026, 11, 1, tzinfo=UTC)

        def page(*names, **more):
            summaries = [
                {"EmailAddress": name, "Reason": reason, "LastUpdateTime": since}
                for name, reason in zip(names, ("BOUNCE", "COMPLAINT"), strict=False)
            ]
            return {"SuppressedDestinationSummaries": summaries, **more}

        asked = {"StartDate": since, "PageSize": 1000}
        with Stubber(ses.mailer._client) as amazon:
            what = "list_suppressed_destinations"
            amazon.add_response(what, page("a@example.org", "b@example.org", NextToken="t"), asked)
            amazon.add_response(what, page("c@example.org"), asked | {"NextToken": "t"})
            amazon.add_client_error(what, "AccessDeniedException")
            names = ["a@example.org", "b@example.org", "c@example.org"]
            assert list(ses.refused_since(since)) == names
            with pytest.raises(MailError, match="AccessDenied"):
                list(ses.refused_since(since))

    def test_a_mail_is_sent_as_it_was_written(self, sent):
        open_mailer("ses://eu-west-3").send(mail())

        (message,) = sent
        assert set(message.destinations) == {"zoe.petit@example.org"}
        arrived = message_from_bytes(message.raw_data.encode(), policy=default)
        assert arrived["Subject"] == "Votre semaine : 3 demandes à rappeler"
        assert "Bonjour Zoé" in arrived.get_content()

    def test_a_sender_that_ses_does_not_know_is_refused(self, sent):
        message = mail()
        del message["From"]
        message["From"] = "inconnu@example.org"

        with pytest.raises(MailError) as caught:
            open_mailer("ses://eu-west-3").send(message)

        assert str(caught.value) == "Amazon SES a refusé le message (MessageRejected)."
        assert sent == []

    def test_a_function_of_google_s_sends_as_a_role_by_its_token(self, sent, monkeypatch):
        # With credentials of its own it would send as well, and not as the role.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        asked = []
        sender = Ses("eu-west-3", ROLE, lambda: asked.append("token") or "a.b.c")
        sender.send(mail(number=1))
        sender.send(mail(number=2))

        assert len(sent) == 2
        assert asked == ["token"]  # until its credentials expire

    def test_the_role_and_the_region_come_from_the_setting(self):
        sender = open_mailer(f"ses://eu-west-3?role={ROLE}")

        assert sender.mailer._client.meta.region_name == "eu-west-3"
        assert sender.mailer._client._request_signer._credentials.method == "accueil-google"

    def test_outside_of_google_cloud_there_is_no_token_and_nothing_is_sent(self, sent, closed_port):
        def token():
            return google_token(f"http://127.0.0.1:{closed_port}/identity")

        with pytest.raises(MailError, match="Amazon SES est injoignable"):
            Ses("eu-west-3", ROLE, token).send(mail())
        assert sent == []

    def test_the_token_is_asked_for_by_its_audience(self, canned):
        canned.answer(200, b"a.b.c")

        assert google_token(f"{canned.url}/identity") == "a.b.c"
        [(_, path, headers)] = canned.requests
        assert path == "/identity?audience=accueil-ses&format=full"
        assert headers["metadata-flavor"] == "Google"

    def test_without_credentials_nothing_was_sent(self, monkeypatch, tmp_path, canned):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", canned.url)

        with pytest.raises(MailError) as caught:
            open_mailer("ses://eu-west-3").send(mail())

        assert str(caught.value) == "Amazon SES est injoignable (NoCredentialsError)."
        assert canned.requests == []

    def test_where_nobody_listens_nothing_was_sent(self, monkeypatch, closed_port):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", f"http://127.0.0.1:{closed_port}")

        with pytest.raises(MailError) as caught:
            open_mailer("ses://eu-west-3").send(mail())

        assert str(caught.value) == "Amazon SES est injoignable (EndpointConnectionError)."

    @pytest.mark.parametrize(
        ("status", "body", "error", "sentence"),
        [
            (
                400,
                {"__type": "MessageRejected", "message": "zoe.petit@example.org is suppressed"},
                MailError,
                "Amazon SES a refusé le message (MessageRejected).",
            ),
            (
                400,
                {"__type": "BadRequestException", "message": "Missing final '@domain'"},
                MailRefusedError,
                "Amazon SES refuse ce message (BadRequestException).",
            ),
            (
                429,
                {"__type": "TooManyRequestsException", "message": "slow down"},
                MailError,
                "Amazon SES demande d'attendre (TooManyRequestsException).",
            ),
            (
                500,
                {"__type": "InternalFailure", "message": "oops"},
                MailUnsureError,
                "Amazon SES n'a pas confirmé l'envoi (InternalFailure).",
            ),
            (
                503,
                b"<html>busy</html>",
                MailUnsureError,
                "Amazon SES n'a pas confirmé l'envoi (503).",
            ),
        ],
    )
    def test_an_error_tells_whether_the_mail_may_have_left(
        self, monkeypatch, canned, status, body, error, sentence
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", canned.url)
        canned.answer(status, body)

        with pytest.raises(error) as caught:
            open_mailer("ses://eu-west-3").send(mail())

        assert str(caught.value) == sentence
        assert len(canned.requests) == 1, "sending again might send twice"

    def test_a_configuration_set_is_named(self, monkeypatch, canned):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", canned.url)
        canned.answer(200, {"MessageId": "1"})
        open_mailer("ses://eu-west-3?configuration=rebonds").send(mail())
        assert json.loads(canned.bodies[0])["ConfigurationSetName"] == "rebonds"
        both = open_mailer(f"ses://eu-west-3?role={ROLE}&configuration=rebonds")
        assert both.mailer._more == {"ConfigurationSetName": "rebonds"}
        assert both.mailer._client._request_signer._credentials.method == "accueil-google"

    @pytest.mark.parametrize(
        ("status", "account", "rate"),
        [
            (200, {"SendQuota": {"MaxSendRate": 1.0}}, 1.0),
            (200, {}, 1e6),
            (403, {"__type": "AccessDeniedException"}, 1e6),
        ],
    )
    def test_a_session_keeps_to_the_rate_of_the_account(
        self, monkeypatch, canned, status, account, rate
    ):
        monkeypatch.setattr("functions.shared.mail.ses.MOST_A_SECOND", 1e6)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", canned.url)
        canned.answer(status, account)
        session = open_mailer("ses://eu-west-3").mailer
        assert [session.per_second, session.per_second] == [rate, rate]
        assert [path for _, path, _ in canned.requests] == ["/v2/email/account"]

    @pytest.mark.parametrize("body", [RESET, SILENCE], ids=["reset", "silence"])
    def test_without_an_answer_the_mail_may_have_left_and_is_not_sent_again(
        self, monkeypatch, canned, body
    ):
        monkeypatch.setattr("functions.shared.mail.ses.TIMEOUT", 0.5)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", canned.url)
        canned.body = body

        with pytest.raises(MailUnsureError) as caught:
            open_mailer("ses://eu-west-3").send(mail())

        assert str(caught.value) == "Amazon SES n'a pas confirmé l'envoi."
        assert len(canned.requests) == 1


def test_without_its_extra_ses_is_refused_at_start_and_the_others_are_not(monkeypatch):
    monkeypatch.delitem(sys.modules, "functions.shared.mail.ses", raising=False)
    monkeypatch.setitem(sys.modules, "boto3", None)  # as if it were not installed

    with pytest.raises(SettingError) as caught:
        open_mailer("ses://eu-west-3")

    assert str(caught.value) == (
        "ACCUEIL_MAIL demande Amazon SES, et le module boto3 n'est pas installé : "
        "installez accueil[ses] (uv sync --extra ses), ou indiquez smtps://."
    )
    open_mailer("smtps://courriel.example.org")


class TestMailFolder:
    def test_a_mail_becomes_a_file_that_any_mail_program_opens(self, tmp_path):
        open_mailer(f"outbox://{tmp_path}/le%20courrier").send(mail())

        (file,) = (tmp_path / "le courrier").iterdir()
        assert file.name == "semaine-1_example.org.eml"
        assert message_from_bytes(file.read_bytes(), policy=default)["To"] == (
            "zoe.petit@example.org"
        )

    def test_the_same_mail_is_one_file(self, tmp_path):
        outbox = open_mailer(f"outbox://{tmp_path}")
        for number in (1, 2, 1):
            outbox.send(mail(number=number))

        assert len(list(tmp_path.iterdir())) == 2

    def test_a_message_id_cannot_lead_out_of_the_folder(self, tmp_path):
        message = mail()
        del message["Message-ID"]
        message["Message-ID"] = "<../../evil/passwd@example.org>"
        open_mailer(f"outbox://{tmp_path}/courrier").send(message)

        assert [path.parent.name for path in tmp_path.rglob("*.eml")] == ["courrier"]

    def test_a_folder_that_cannot_be_written_is_an_error(self, tmp_path):
        (tmp_path / "courrier").write_text("")

        with pytest.raises(MailError) as caught:
            open_mailer(f"outbox://{tmp_path}/courrier").send(mail())

        assert str(caught.value) == (
            "Le dossier des courriels n'est pas accessible (FileExistsError)."
        )


class FakeTime:
    """A clock that nobody waits for."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


class Provider(Mailer):
    """Takes so many mails in any second, and puts off the others as SES does."""

    def __init__(self, time: FakeTime, most: int, asked: float) -> None:
        self.time, self.most, self.asked = time, most, asked
        self.taken: list[float] = []
        self.put_off = 0

    @property
    def per_second(self) -> float:
        return self.asked

    def send(self, _message: EmailMessage) -> None:
        now = self.time.now()
        if sum(at > now - 1 for at in self.taken) >= self.most:
            self.put_off += 1
            raise MailBusyError
        self.taken.append(now)


class TestPace:
    def test_three_hundred_mails_leave_as_fast_as_the_account_may_and_no_faster(self, monkeypatch):
        monkeypatch.setattr(mailer, "MOST_A_SECOND", 14.0)
        time = FakeTime()
        provider = Provider(time, 14, 14.0)
        with Paced(provider, Rate(time.now, time.pause)).session() as session:
            for number in range(300):
                session.send(mail(number=number))
        assert (len(provider.taken), provider.put_off) == (300, 0)
        assert time.seconds == pytest.approx(299 / 14 * 1.1)

    def test_a_provider_that_asks_for_patience_gets_it_a_few_times(self, monkeypatch):
        monkeypatch.setattr(mailer, "PATIENCE", (1.0, 2.0, 4.0))
        time = FakeTime()
        provider = Provider(time, 2, 1000.0)
        with Paced(provider, Rate(time.now, time.pause)).session() as session:
            for number in range(6):
                session.send(mail(number=number))
            assert (len(provider.taken), provider.put_off) == (6, 2)
            provider.most = 0
            with pytest.raises(MailBusyError):
                session.send(mail())
            before = provider.put_off
            with pytest.raises(MailBusyError):
                session.send(mail())
        assert provider.put_off == before + 1, "the session's patience is used up"

    def test_two_sessions_keep_to_the_rate_together(self, monkeypatch):
        monkeypatch.setattr(mailer, "MOST_A_SECOND", 10.0)
        time = FakeTime()
        paced = Paced(Provider(time, 10, 10.0), Rate(time.now, time.pause))
        with paced.session() as first, paced.session() as second:
            for _ in range(5):
                first.send(mail())
                second.send(mail())
        assert time.seconds == pytest.approx(0.99)
