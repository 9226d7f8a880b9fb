"""A function that does nothing: what the framework and its server take by themselves."""

import functions_framework
from flask import Request


@functions_framework.http
def empty(_: Request) -> str:
    """Answers 200."""
    return "OK"
