"""The key and the secret of the local intake, for demonstrations and tests; both are public."""

from functions.intake.callers import Caller, hash_key
from functions.shared.settings import IntakeSettings

LOCAL_KEY = "local-key"
LOCAL_CALLER = Caller("local", hash_key(LOCAL_KEY), unlimited=True)
LOCAL_API_KEYS = f"{LOCAL_CALLER.name}:{LOCAL_CALLER.key_hash}:unlimited"
LOCAL_SECRET = "this-machine-only-and-no-secret-at-all"  # noqa: S105  (see above)
# What intake is told on this machine.
LOCAL_INTAKE = IntakeSettings(
    journal="file:///",
    privacy_contact="donnees@example.org",
    secrets=(LOCAL_SECRET,),
    callers=(LOCAL_CALLER,),
    origins=(),
    form_page="",
    proxies=0,
    fairs=(),
)
