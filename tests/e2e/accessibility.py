"""What axe-core finds wrong with a page, in light and in dark colours."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

# What differs in the dark are the colours alone.
_RULES = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}


def faults(page: Page, web: Path, where: str = "document", **options: Any) -> list[Any]:
    """Everything that axe objects to, or cannot judge if `resultTypes` says so.

    Args:
        page: the page, in the state to look at.
        web: the folder of axe-core.
        where: what to look at, as axe takes it.
        options: axe's own.
    """
    page.evaluate((web / "axe-core/axe.min.js").read_text("utf-8"))
    return [fault for scheme in _RULES for fault in _in(scheme, page, where, options)]


def _in(scheme: str, page: Page, where: str, options: Mapping[str, Any]) -> list[Any]:
    page.emulate_media(color_scheme=scheme)
    chosen = json.dumps({**options, **_RULES[scheme]})
    results = page.evaluate(f"axe.run({where}, {chosen})")
    assert results["passes"]
    kinds = options.get("resultTypes", ["violations"])
    return [
        (scheme, fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"]])
        for kind in kinds
        for fault in results[kind]
    ]
