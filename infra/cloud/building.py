"""Has Google build the functions' image out of the source archive.

`cloudrunv2.Service` takes a `build_config`, but Cloud Run starts no build for it (issue 22263 of
Terraform's Google provider). So the build is asked for as gcloud asks for it, by `builds:submit`.
The image is without its base layers, which Google then keeps up to date by itself.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from functions.shared.errors import AccueilError
from infra.cloud.stack import Image, Stack

RUN_API = "https://run.googleapis.com"
BUILD_API = "https://cloudbuild.googleapis.com"
BASE = "python313"  # Google's base image, and so the version of Python
PATIENCE = 20 * 60  # seconds; a build takes a few minutes
_BETWEEN = 5  # seconds between two looks
_TIMEOUT = (5, 60)

Json = Mapping[str, Any]


class BuildError(AccueilError):
    """The image was not built; the sentence says where the reason is written."""


@dataclass(frozen=True)
class Builder:
    """Asks Google for builds.

    `session` carries the operator's token. `say` shows a line, `sleep` waits for some seconds, and
    `run_api` and `build_api` are where Google answers.
    """

    session: requests.Session
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    run_api: str = RUN_API
    build_api: str = BUILD_API

    def build(self, stack: Stack, archive: str) -> Image:
        """Build the archive of that name in the stack's bucket of sources.

        Raises:
            BuildError: the build was refused, failed, or took too long.
        """
        where = f"projects/{stack.project}/locations/{stack.region}"
        answer = self._call(
            "POST", f"{self.run_api}/v2/{where}/builds:submit", order(stack, archive)
        )
        build = answer["buildOperation"]["metadata"]["build"]
        self.say(f"  journal de la construction : {build['logUrl']}")
        operation = f"{self.build_api}/v1/{where}/operations/{build['id']}"
        for _ in range(PATIENCE // _BETWEEN):
            state = self._call("GET", operation)
            if state.get("done"):
                return _image(stack, state, answer["baseImageUri"], build["logUrl"])
            self.sleep(_BETWEEN)
        raise BuildError(f"La construction dure trop longtemps : voyez {build['logUrl']}.")

    def _call(self, method: str, url: str, body: Json | None = None) -> Json:
        try:
            answer = self.session.request(method, url, json=body, timeout=_TIMEOUT)
            content: Json = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise BuildError(
                f"Google ne répond pas à la demande de construction ({type(error).__name__}) : "
                "recommencez."
            ) from error
        if not answer.ok:
            said = content.get("error", {}).get("message", answer.status_code)
            raise BuildError(f"Google refuse de construire l'image : {said}")
        return content


def order(stack: Stack, archive: str) -> Json:
    """What is asked of Google: one image for the three functions, by the build's own account."""
    return {
        "storageSource": {"bucket": stack.bucket("sources"), "object": archive},
        "imageUri": stack.repository,
        "buildpackBuild": {"baseImage": BASE, "enableAutomaticUpdates": True},
        "serviceAccount": f"projects/{stack.project}/serviceAccounts/{stack.account('build')}",
    }


def _image(stack: Stack, state: Json, base: str, log: str) -> Image:
    try:
        digest = state["response"]["results"]["images"][0]["digest"]
    except (KeyError, IndexError):
        said = state.get("error", {}).get("message", "")
        raise BuildError(
            f"La construction a échoué{f' ({said})' if said else ''} : voyez {log}."
        ) from None
    return Image(f"{stack.repository}@{digest}", base)
