"""What opens the local intake, for demonstrations and tests: known to everybody, no secret."""

from functions.intake.callers import Caller, hash_key

LOCAL_KEY = "local-key"
LOCAL_CALLER = Caller("local", hash_key(LOCAL_KEY), unlimited=True)
LOCAL_API_KEYS = f"{LOCAL_CALLER.name}:{LOCAL_CALLER.key_hash}:unlimited"
LOCAL_SECRET = "this-machine-only-and-no-secret-at-all"  # noqa: S105  (see above)
