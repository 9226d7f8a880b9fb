"""What Pulumi runs: the layer of the stack that its own stack names, `lot-functions` for example."""

import os

import pulumi

from infra.cloud.layers import Layer, build
from infra.cloud.services import Image
from infra.cloud.stack import load

name, _, layer = pulumi.get_stack().rpartition("-")
image = Image(os.environ.get("ACCUEIL_IMAGE", ""), os.environ.get("ACCUEIL_BASE_IMAGE", ""))
for output, value in build(load(name), Layer(layer), image).items():
    pulumi.export(output, value)
