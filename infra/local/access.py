"""What opens the local intake, for demonstrations and tests: known to everybody, no secret."""

from functions.intake.callers import hash_key

LOCAL_KEY = "local-key"
LOCAL_CALLER = f"local:{hash_key(LOCAL_KEY)}:unlimited"
LOCAL_SECRET = "this-machine-only-and-no-secret-at-all"  # noqa: S105  (see above)
