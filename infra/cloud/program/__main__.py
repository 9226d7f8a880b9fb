"""What Pulumi runs: the layer of the stack that its own stack names, `lot-functions` for example.

A deployment says by its environment what image runs, which deployment it is, and the hash of the
key of its test request.
"""

import os

import pulumi

from infra.cloud.layers import build
from infra.cloud.stack import Image, Layer, load

name, _, layer = pulumi.get_stack().rpartition("-")
stack = load(name)
if key_hash := os.environ.get("ACCUEIL_DEPLOY_KEY"):
    stack = stack.with_key("deploy", key_hash)
uri, _, base = os.environ.get("ACCUEIL_IMAGE", "").partition(" ")
deployment = os.environ.get("ACCUEIL_DEPLOYMENT", "")
for output, value in build(stack, Layer(layer), Image(uri, base), deployment).items():
    pulumi.export(output, value)
