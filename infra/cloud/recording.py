"""Prints the graphs of some stacks' files as JSON: what Pulumi would make, without Google.

Pulumi's mocks stand in for the cloud, so neither its command nor an account is needed.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks, test

from infra.cloud.graph import Resource
from infra.cloud.layers import build
from infra.cloud.stack import Image, Layer, Stack, load

PROJECT_NUMBER = "123456789012"


# No build is made here; an image stands for what one makes.
IMAGE = Image("europe-west9-docker.pkg.dev/project/accueil/functions@sha256:0", "python313")
DEPLOYMENT = "20261130t090000"


def record(stack: Stack) -> list[Resource]:
    """Everything in both layers of a stack."""
    cloud = _Cloud(stack)
    for layer in Layer:
        set_mocks(cloud, project="accueil", stack=layer.of(stack.name), preview=False)
        test(partial(_declare, stack, layer))()  # type: ignore[no-untyped-call]
    return cloud.resources


def _declare(stack: Stack, layer: Layer) -> pulumi.Output[Any]:
    return pulumi.Output.all(**build(stack, layer, IMAGE, DEPLOYMENT))


class _Cloud(Mocks):
    """Answers as Google would, as far as other resources use the answers."""

    def __init__(self, stack: Stack) -> None:
        self.resources: list[Resource] = []
        self._stack = stack

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = dict(args.inputs)
        if not args.typ.startswith("pulumi:"):
            self.resources.append(Resource(args.typ, args.name, inputs))
        return f"{args.name}-id", inputs | _made(self._stack, args.typ, args.name, inputs)

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        agent = f"service-{PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
        unique_id = f"10{len(str(args.args.get('accountId')))}"
        member = f"serviceAccount:{agent}"
        return {"id": args.token, "version": "3", "member": member, "uniqueId": unique_id}, []


def _made(stack: Stack, kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a resource has once it is made, beside what it was asked for."""
    match kind.rpartition(":")[2]:
        case "Account":
            address = stack.account(name)
            return {"email": address, "member": f"serviceAccount:{address}", "name": address}
        case "Service" if "cloudrun" in kind:
            return {"uri": f"https://accueil-{name}-abc.a.run.app"}
        case "ServiceIdentity":
            agent = f"service-{PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
            return {"email": agent, "member": f"serviceAccount:{agent}"}
        case "UptimeCheckConfig":
            return {"uptimeCheckId": f"{name}-check"}
        case "IAMCustomRole":
            return {"name": f"projects/{stack.project}/roles/{inputs['roleId']}"}
        case "EmailIdentity":
            return {"arn": "arn:test", "dkimSigningAttributes": {"tokens": ["a", "b", "c"]}}
        case "Role":
            return {"arn": f"arn:aws:iam::123456789012:role/{inputs.get('name')}"}
        case _:
            return {"name": inputs.get("name", name)}


if __name__ == "__main__":
    files = map(Path, sys.argv[1:])
    graphs = [record(load(file.stem, file)) for file in files]
    json.dump([[asdict(resource) for resource in graph] for graph in graphs], sys.stdout)
