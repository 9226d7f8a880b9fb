import pytest

from infra.bench import __main__ as command
from infra.bench import client, crowd, flood, form, lone, naive
from infra.bench.servers import function, settings
from infra.bench.sheet import classeur


@pytest.mark.slow
def test_a_crowd_is_absorbed_and_set_beside_the_naive(monkeypatch):
    monkeypatch.setattr(crowd, "like_google", lambda _: None)
    figure = crowd.measure(requests=12, clients=3, stop=30)
    _, ours, *others = figure.table
    assert ours[0] == "ours"
    assert ours[3:6] == ("12 of 12", "0", "0")
    assert [line[0] for line in others] == ["append_row", "append_row, 5 tries", "a row a tick"]
    assert all(line[3:6] == ("12 of 12", "0", "0") for line in others)
    assert [goal.met for goal in figure.goals[1:3]] == [True, True]


def test_what_a_naive_writer_loses_or_doubles_is_seen():
    with classeur() as sheet:
        tab = naive.open_tab("demo", sheet.url)
        for name in ("A", "A", "B"):
            tab.append_row(naive.line(sheet.header, name, "Martin"))
        outcome = crowd._outcome(sheet, ["A", "B", "C", "D"], waiting=1)
    assert (outcome.rows, outcome.doubled, outcome.lost) == (3, 1, 1)


@pytest.mark.slow
def test_a_lone_request_is_followed_until_its_mail(monkeypatch):
    monkeypatch.setattr(lone, "_QUIET", 0)
    monkeypatch.setattr(lone, "like_google", lambda _: None)
    figure = lone.measure(rounds=1, sweep=21)
    assert [line[0] for line in figure.table[1:]] == [
        "warm",
        "after a cold start of route",
        "notification lost",
    ]
    assert all(0 < float(line[1]) <= float(line[3]) for line in figure.table[1:])


def test_clients_count_what_is_accepted_and_what_is_not(tmp_path):
    with function("intake", settings(tmp_path)) as intake:
        sent = client.send(intake.port, [lone._BODY, b"{}"], clients=2)
        assert (len(sent.references), len(sent.times), sent.refused) == (1, 1, 1)
        assert len(client.crowd(intake.port, 5, clients=2).references) == 5
    assert len(list((tmp_path / "journal" / "pending").iterdir())) == 6


def test_a_function_that_does_not_start_is_said(tmp_path):
    wrong = settings(tmp_path) | {"ACCUEIL_JOURNAL": "ftp://nowhere.example.org"}
    with pytest.raises(RuntimeError, match="intake does not start"), function("intake", wrong):
        pass


@pytest.mark.slow
def test_the_form_is_small_and_stands_still(chromium, tmp_path):
    with function("intake", settings(tmp_path)) as intake:
        seen = form.visit(chromium, intake.url)
    assert 5_000 < seen.transferred <= 60_000
    assert (seen.elsewhere, seen.shift) == (0, 0)
    assert seen.paint > 0
    assert 0 < seen.proof < 60_000
    assert 20 < seen.trials <= 120


def test_only_what_was_asked_for_is_measured(monkeypatch, tmp_path):
    page = tmp_path / "benchmarks.md"
    measured = []
    figure = crowd.Figure("Titre", "How.", [("x",), ("1",)], [])
    for letter in [*command.FIGURES]:
        measure = lambda letter=letter: measured.append(letter) or figure  # noqa: E731
        monkeypatch.setitem(command.FIGURES, letter, measure)
    monkeypatch.setattr(command, "PAGE", page)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    command.main(["c", "d"])
    assert measured == ["c", "d"]
    assert not page.exists()
    command.main([])
    assert "## g. Titre" in page.read_text("utf-8")
    with pytest.raises(SystemExit, match="No such figure: z"):
        command.main(["z"])


@pytest.mark.slow
def test_what_calls_cost_is_measured_on_both_sides():
    figure = flood.measure(calls=40, single=20)
    header, *lines = figure.table
    assert [line[0] for line in lines] == list(flood.KINDS)
    assert all(float(line[2]) > 0 and float(line[5]) > 0 for line in lines)
    assert any(float(line[1]) > 0 for line in lines)
    assert len(header) == 7
