"""What a link fills in beforehand, so that a QR code at a fair says where one comes from. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from functions.intake.answers import Answers
from functions.intake.messages import SCHEMA, schema_at
from sheets_schema.schema import TEST_SOURCE, choices
from sheets_schema.territory import Commune, Epci, territories
from sheets_schema.text import split_list

Why = Literal["malformed", "reserved", "unknown", "elsewhere", "second_way", "too_many"]


@dataclass(frozen=True)
class LeftOut:
    """A value that a query gives and no form takes, under its parameter's name, and why not."""

    name: str
    value: str
    why: Why


def prefill(query: Mapping[str, str]) -> Answers:
    """The answers that a query gives: `source`, `projects`, `target`; see docs/website.md.

    What is not valid is left out: a person can do nothing about a link that was badly made.
    """
    answers, _ = sort_out(query)
    return answers


def sort_out(query: Mapping[str, str]) -> tuple[Answers, list[LeftOut]]:
    """The answers that a query gives, and what is left out: whoever made the link can mend it."""
    source, no_source = _source(query.get("source", "").strip())
    projects, no_projects = _projects(query.get("projects", ""))
    target, no_target = _target(query.get("target", ""))
    return {**source, **projects, **target}, [*no_source, *no_projects, *no_target]


def _source(source: str) -> tuple[Answers, list[LeftOut]]:
    rules = SCHEMA["properties"]["source"]
    if not source:
        return {}, []
    if source == TEST_SOURCE:
        return {}, [LeftOut("source", source, "reserved")]
    if len(source) > rules["maxLength"] or not re.fullmatch(rules["pattern"], source):
        return {}, [LeftOut("source", source, "malformed")]
    return {"source": [source]}, []


def _projects(text: str) -> tuple[Answers, list[LeftOut]]:
    known = choices(schema_at(["projects", 0, "type"]))
    most = SCHEMA["properties"]["projects"]["maxItems"]
    asked = list(dict.fromkeys(split_list(text)))
    codes = [code for code in asked if code in known]
    left_out = [LeftOut("projects", code, "unknown") for code in asked if code not in known]
    left_out += [LeftOut("projects", code, "too_many") for code in codes[most:]]
    return {f"projects.{index}.type": [code] for index, code in enumerate(codes[:most])}, left_out


def _target(text: str) -> tuple[Answers, list[LeftOut]]:
    """One way to say where, the first that is named; a form takes no second."""
    ways: dict[str, dict[str, str]] = {}  # what a form holds, and how the query says it
    left_out = []
    for item in split_list(text):
        match territories().find(item):
            case _ if item in ("anywhere", "unknown"):
                ways[item] = {item: item}
            case Commune(name=name):
                ways.setdefault("communes", {}).setdefault(name, item)
            case Epci(code=code, seated=True):
                ways.setdefault("epcis", {}).setdefault(code, item)
            case found:
                left_out.append(LeftOut("target", item, "elsewhere" if found else "unknown"))
    if not ways:
        return {}, left_out
    (kind, named), *others = ways.items()
    rules = schema_at(["target", kind])
    most = rules.get("maxItems", 1)
    written = list(named.values())
    left_out += [LeftOut("target", item, "too_many") for item in written[most:]]
    for _, more in others:
        left_out += [LeftOut("target", item, "second_way") for item in more.values()]
    names = {} if "const" in rules else {f"target.{kind}": list(named)[:most]}
    return {"target": [kind]} | names, left_out
