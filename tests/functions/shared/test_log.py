import json

from functions.shared.log import log


def test_an_entry_is_one_line_of_json_that_cloud_logging_understands(capsys):
    log("WARNING", "Référence déjà vue", reference="LOT-1", rows=3, cells=["Demandes!A2"])

    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {
        "severity": "WARNING",
        "message": "Référence déjà vue",
        "reference": "LOT-1",
        "rows": 3,
        "cells": ["Demandes!A2"],
    }


def test_a_line_break_in_a_message_does_not_make_a_second_entry(capsys):
    log("ERROR", "A manque.\nB manque.")

    assert len(capsys.readouterr().out.splitlines()) == 1


def test_accents_stay_readable(capsys):
    log("INFO", "Reçue à Cahors")

    assert "Reçue à Cahors" in capsys.readouterr().out
