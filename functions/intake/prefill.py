"""What a link fills in beforehand, so that a QR code at a fair says where one comes from. Pure."""

import re
from collections.abc import Mapping

from functions.intake.answers import Answers
from functions.intake.messages import SCHEMA, schema_at
from sheets_schema.schema import TEST_SOURCE, choices
from sheets_schema.territory import Commune, territories
from sheets_schema.text import split_list


def prefill(query: Mapping[str, str]) -> Answers:
    """The answers that a query gives: `source`, `projects`, `target`; see docs/website.md.

    What is not valid is left out: a person can do nothing about a link that was badly made.
    """
    return {**_source(query), **_projects(query), **_target(query)}


def _source(query: Mapping[str, str]) -> Answers:
    source, rules = query.get("source", "").strip(), SCHEMA["properties"]["source"]
    valid = re.fullmatch(rules["pattern"], source) and len(source) <= rules["maxLength"]
    return {"source": [source]} if valid and source != TEST_SOURCE else {}


def _projects(query: Mapping[str, str]) -> Answers:
    known = choices(schema_at(["projects", 0, "type"]))
    asked = [code for code in split_list(query.get("projects", "")) if code in known]
    most = SCHEMA["properties"]["projects"]["maxItems"]
    several = list(dict.fromkeys(asked))[:most]
    return {f"projects.{index}.type": [code] for index, code in enumerate(several)}


def _target(query: Mapping[str, str]) -> Answers:
    """One way to say where, the first that is named; a form takes no second."""
    found: dict[str, dict[str, None]] = {}
    for item in split_list(query.get("target", "")):
        territory = territories().find(item)
        if item in ("anywhere", "unknown"):
            found[item] = {}
        elif isinstance(territory, Commune):
            found.setdefault("communes", {})[territory.name] = None
        elif territory and territory.seated:
            found.setdefault("epcis", {})[territory.code] = None
    for kind, names in found.items():
        most = schema_at(["target", kind]).get("maxItems", 0)
        return {"target": [kind]} | ({f"target.{kind}": list(names)[:most]} if names else {})
    return {}
