"""The answers that a link fills in, so that a QR code at a fair can give the source. Pure."""

import re
from collections.abc import Mapping

from functions.intake.answers import Answers
from functions.intake.messages import SCHEMA, schema_at
from sheets_schema.schema import TEST_SOURCE, choices
from sheets_schema.territory import Commune, Epci, territories
from sheets_schema.text import split_list


def prefill(query: Mapping[str, str]) -> Answers:
    """The answers that a query gives: `source`, `projects`, `target`; see docs/website.md.

    Values that are not valid are left out, because the person who fills in the form cannot mend
    the link.
    """
    answers, _ = sort_out(query)
    return answers


def sort_out(query: Mapping[str, str]) -> tuple[Answers, dict[str, list[str]]]:
    """The answers that a query gives, and the values that are not valid, by name.

    The person who made the link can mend it.
    """
    source, no_source = _source(query.get("source", "").strip())
    projects, no_projects = _projects(query.get("projects", ""))
    target, no_target = _target(query.get("target", ""))
    left_out = {"source": no_source, "projects": no_projects, "target": no_target}
    given = {name: values for name, values in left_out.items() if values}
    return {**source, **projects, **target}, given


def _source(source: str) -> tuple[Answers, list[str]]:
    rules = SCHEMA["properties"]["source"]
    if not source:
        return {}, []
    valid = len(source) <= rules["maxLength"] and re.fullmatch(rules["pattern"], source)
    if source == TEST_SOURCE or not valid:
        return {}, [source]
    return {"source": [source]}, []


def _projects(text: str) -> tuple[Answers, list[str]]:
    known = choices(schema_at(("projects", 0, "type")))
    most = SCHEMA["properties"]["projects"]["maxItems"]
    asked = list(dict.fromkeys(split_list(text)))
    codes = [code for code in asked if code in known]
    left_out = [code for code in asked if code not in known] + codes[most:]
    return {f"projects.{index}.type": [code] for index, code in enumerate(codes[:most])}, left_out


def _target(text: str) -> tuple[Answers, list[str]]:
    """The target, in the way that the first item uses: a form takes only one way to say where."""
    ways: dict[str, dict[str, str]] = {}  # for each way: the form's value, and the query's text
    left_out = []
    for item in split_list(text):
        match territories().find(item):
            case _ if item in ("anywhere", "unknown"):
                ways[item] = {item: item}
            case Commune(name=name):
                ways.setdefault("communes", {}).setdefault(name, item)
            case Epci(code=code, seated=True):
                ways.setdefault("epcis", {}).setdefault(code, item)
            case _:
                left_out.append(item)
    if not ways:
        return {}, left_out
    (kind, named), *others = ways.items()
    rules = schema_at(("target", kind))
    most = rules.get("maxItems", 1)
    left_out += list(named.values())[most:]
    left_out += [item for _, more in others for item in more.values()]
    names = {} if "const" in rules else {f"target.{kind}": list(named)[:most]}
    return {"target": [kind]} | names, left_out
