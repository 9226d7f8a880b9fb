"""The two layers of a stack, as Pulumi builds them."""

import pulumi

from infra.cloud import ground, services, watching
from infra.cloud.stack import Image, Layer, Stack


def build(
    stack: Stack, layer: Layer, image: Image, deployment: str
) -> dict[str, pulumi.Input[str]]:
    """Declare everything of a layer; returns what a person needs to know of it."""
    if layer is Layer.GROUND:
        return ground.build(stack)
    role: pulumi.Output[str] | None = None
    records: dict[str, pulumi.Input[str]] = {}
    if stack.ses_region:
        from infra.cloud import ses  # noqa: PLC0415  (nothing of AWS without it)

        role, records = ses.build(stack)
    functions = services.build(stack, image, deployment, role)
    watching.build(stack, functions)
    return {**records, "formulaire": functions["intake"].uri}
