"""The graph of a layer as plain data, without Google: what Pulumi would make.

Pulumi's mocks stand in for the cloud, so neither its command nor an account is needed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks, test

from infra.cloud.layers import Layer, build
from infra.cloud.services import Image
from infra.cloud.stack import Stack

PROJECT_NUMBER = "123456789012"


@dataclass(frozen=True)
class Resource:
    """A resource as it is asked for; `kind` is Pulumi's, `inputs` are its arguments."""

    kind: str
    name: str
    inputs: Mapping[str, Any]

    def get(self, *path: str | int) -> Any:  # noqa: ANN401  (whatever a resource takes)
        """The argument at a path; None where there is none."""
        value: Any = self.inputs
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def record(stack: Stack, image: Image, *layers: Layer) -> list[Resource]:
    """Everything in some layers of a stack; both of them unless given."""
    cloud = _Cloud()
    for layer in layers or Layer:
        _build(cloud, stack, layer, image)
    return cloud.resources


def _build(cloud: "_Cloud", stack: Stack, layer: Layer, image: Image) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        set_mocks(cloud, project="accueil", stack=layer.of(stack.name), preview=False)

        def declare() -> pulumi.Output[Any]:
            return pulumi.Output.all(**build(stack, layer, image))

        test(declare)()
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class _Cloud(Mocks):
    """Answers as Google would, as far as other resources use the answers."""

    def __init__(self) -> None:
        self.resources: list[Resource] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = dict(args.inputs)
        if not args.typ.startswith("pulumi:"):
            self.resources.append(Resource(args.typ, args.name, inputs))
        return f"{args.name}-id", inputs | _made(args.typ, args.name, inputs)

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        agent = f"service-{PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
        return {
            "id": args.token,
            "version": "3",
            "member": f"serviceAccount:{agent}",
            "uniqueId": f"10{len(str(args.args.get('accountId', '')))}",
        }


def _made(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a resource has once it is made, beside what it was asked for."""
    match kind.rpartition(":")[2]:
        case "Account":
            address = f"{inputs['accountId']}@test.iam.gserviceaccount.com"
            return {"email": address, "member": f"serviceAccount:{address}", "name": address}
        case "Service" if "cloudrun" in kind:
            return {"uri": f"https://accueil-{name}-abc.a.run.app"}
        case "ServiceIdentity":
            agent = f"service-{PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
            return {"email": agent, "member": f"serviceAccount:{agent}"}
        case "UptimeCheckConfig":
            return {"uptimeCheckId": f"{name}-check"}
        case "IAMCustomRole":
            return {"name": f"projects/test/roles/{inputs['roleId']}"}
        case "EmailIdentity":
            return {"arn": "arn:test", "dkimSigningAttributes": {"tokens": ["a", "b", "c"]}}
        case "Role":
            return {"arn": f"arn:aws:iam::123456789012:role/{inputs.get('name')}"}
        case _:
            return {"name": inputs.get("name", name)}
