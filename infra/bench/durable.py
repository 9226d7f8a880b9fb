"""The smallest function that keeps its word: it does only what every durable function must do.

It reads JSON, creates one file that survives a power cut, and answers 202. It checks nothing, and
it may record a request twice.
"""

import json
import os
import uuid
from pathlib import Path
from urllib.parse import unquote, urlsplit

import functions_framework
from flask import Request, Response

FOLDER = unquote(urlsplit(os.environ["ACCUEIL_JOURNAL"]).path)
Path(FOLDER).mkdir(parents=True, exist_ok=True)


@functions_framework.http
def durable(request: Request) -> Response:
    """Answers 202 to POST, and 200 to GET, which shows that it has started."""
    if request.method == "GET":
        return Response("OK")
    name = str(uuid.uuid4())
    body = json.dumps(json.loads(request.get_data())).encode()
    with open(f"{FOLDER}/{name}", "xb", buffering=0) as file:  # noqa: PTH123  (a Path costs more)
        file.write(body)
        os.fsync(file.fileno())
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return Response(json.dumps({"reference": name}), 202, content_type="application/json")
