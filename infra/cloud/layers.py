"""The two layers of a stack, as Pulumi builds them."""

from enum import StrEnum

import pulumi

from infra.cloud import ground, services, watching
from infra.cloud.services import Image
from infra.cloud.stack import Stack


class Layer(StrEnum):
    """A part that is made, and removed, by itself; each is a stack of Pulumi's."""

    GROUND = "ground"
    FUNCTIONS = "functions"

    def of(self, stack: str) -> str:
        """The name of this layer of a stack, for Pulumi."""
        return f"{stack}-{self}"


def build(stack: Stack, layer: Layer, image: Image) -> dict[str, pulumi.Input[str]]:
    """Declare everything of a layer; returns what a person needs to know of it."""
    if layer is Layer.GROUND:
        return ground.build(stack)
    role, records = None, {}
    if stack.ses_region:
        from infra.cloud import ses  # noqa: PLC0415  (nothing of AWS without it)

        role, records = ses.build(stack)
    functions = services.build(stack, image, role and role.arn)
    watching.build(stack, functions)
    return {**records, "formulaire": functions["intake"].uri}
