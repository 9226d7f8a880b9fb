import json
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from obstore.store import MemoryStore, S3Store

from functions.shared.errors import JournalError
from functions.shared.journal.store import (
    ObjectJournal,
    RemoteJournal,
    open_journal,
    parse_legible,
    read_legible,
)

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "When using MotoServer")
    from moto.server import ThreadedMotoServer

BUCKET = "journal-du-lot"
RACERS = 20


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a local S3 with one bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    assert requests.put(f"{address}/{BUCKET}", timeout=10).ok
    yield address
    server.stop()


def bucket(address: str, name: str = BUCKET, prefix: str | None = None) -> S3Store:
    return S3Store(
        name,
        prefix=prefix,
        endpoint=address,
        region="eu-west-3",
        access_key_id="essai",
        secret_access_key="essai",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


def by_variables(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Set what docs/self-host.md says to set for a store that is not Amazon's."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "essai",
        "AWS_SECRET_ACCESS_KEY": "essai",
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": "fr-par",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def journal(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ObjectJournal:
    if request.param == "s3":
        by_variables(monkeypatch, request.getfixturevalue("s3"))
        return open_journal(f"s3://{BUCKET}/{tmp_path.name}")
    return open_journal({"file": tmp_path.as_uri(), "memory": "memory:///"}[request.param])


@pytest.mark.parametrize("journal", ["file", "memory", "s3"], indirect=True)
class TestContract:
    """What every journal does, wherever it is."""

    def test_what_was_created_is_read_back(self, journal):
        assert journal.create("pending/abc", "déjà vu".encode())
        assert journal.read("pending/abc") == "déjà vu".encode()

    def test_an_empty_object_is_there(self, journal):
        assert journal.create("filed/abc", b"")
        assert journal.read("filed/abc") == b""

    def test_a_key_that_exists_is_not_written_again(self, journal):
        journal.create("pending/abc", b"first")

        assert not journal.create("pending/abc", b"second")
        assert journal.read("pending/abc") == b"first"

    def test_what_replaces_an_object_is_all_that_is_there(self, journal):
        journal.create("quarantine/abc", b"first")
        for body in (b"second", b"a third, longer one", b""):
            journal.replace("quarantine/abc", body)
            assert journal.read("quarantine/abc") == body
        assert journal.keys("quarantine/") == ["quarantine/abc"]
        assert not journal.create("quarantine/abc", b"fourth")

    def test_what_replaces_nothing_is_there(self, journal):
        journal.replace("quarantine/abc", b"first")
        assert journal.read("quarantine/abc") == b"first"

    def test_nothing_is_read_where_nothing_is(self, journal):
        assert journal.read("pending/none") is None

    def test_the_keys_of_a_folder_are_listed_in_order(self, journal):
        for key in ("pending/c", "pending/a", "pending/b", "pendings/z", "filed/a", "mail/a/b"):
            journal.create(key, b"x")

        assert journal.keys("pending/") == ["pending/a", "pending/b", "pending/c"]
        assert journal.keys("mail/") == ["mail/a/b"]
        assert journal.keys("quarantine/") == []

    def test_only_keys_that_sort_after_another_one_are_listed_if_it_is_given(self, journal):
        for key in ("pending/a", "pending/b", "pending/c"):
            journal.create(key, b"x")
        assert journal.keys("pending/", after="pending/a") == ["pending/b", "pending/c"]
        assert journal.keys("pending/", after="pending/bb") == ["pending/c"]
        assert journal.keys("pending/", after="pending/c") == []

    def test_what_was_deleted_is_gone_and_may_be_created_anew(self, journal):
        journal.create("pending/abc", b"first")
        journal.delete("pending/abc")

        assert journal.read("pending/abc") is None
        assert journal.keys("pending/") == []
        assert journal.create("pending/abc", b"second")

    def test_of_two_calls_each_has_its_result(self, journal):
        journal.create("filed/abc", b"x")
        made = journal.both(
            lambda: journal.create("pending/abc", b"y"), lambda: journal.read("filed/abc")
        )

        assert made == (True, b"x")
        assert journal.read("pending/abc") == b"y"

    @pytest.mark.parametrize("place", [0, 1])
    def test_the_failure_of_one_of_two_calls_is_told(self, journal, place):
        def fail() -> None:
            raise JournalError("Le journal ne répond pas.")

        calls = [lambda: journal.read("filed/abc")] * 2
        calls[place] = fail
        with pytest.raises(JournalError):
            journal.both(*calls)

    def test_deleting_what_is_not_there_does_nothing(self, journal):
        journal.delete("pending/none")

        assert journal.keys("pending/") == []


# Not with moto, which looks for a key and writes it in two steps.
@pytest.mark.parametrize("journal", ["file", "memory"], indirect=True)
def test_of_many_who_create_at_once_one_wins_and_its_content_stays(journal):
    gate = threading.Barrier(RACERS)

    def race(number: int) -> bool:
        gate.wait(10)
        return journal.create("batches/7", b"%d" % number)

    with ThreadPoolExecutor(RACERS) as pool:
        won = list(pool.map(race, range(RACERS)))

    assert won.count(True) == 1
    assert journal.read("batches/7") == b"%d" % won.index(True)


def test_far_away_two_calls_are_made_at_the_same_time():
    journal = RemoteJournal(MemoryStore())
    meeting = threading.Barrier(2)

    assert sorted(journal.both(lambda: meeting.wait(10), lambda: meeting.wait(10))) == [0, 1]


@pytest.mark.parametrize("url", ["gs://seau", "s3://seau"])
def test_what_is_in_the_cloud_is_far_away(url):
    journal = open_journal(url)
    assert isinstance(journal, RemoteJournal)
    # A call gives up before the platform ends it.
    assert journal._store.retry_config["retry_timeout"] <= timedelta(seconds=20)
    assert journal._store.retry_config["max_retries"] <= 3


def test_nothing_goes_in_clear_to_a_store_unless_that_is_said(s3, monkeypatch):
    by_variables(monkeypatch, s3)
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(JournalError):
        open_journal(f"s3://{BUCKET}").read("pending/abc")


class TestFolder:
    def test_the_folder_is_made_and_may_have_spaces_and_accents(self, tmp_path):
        folder = tmp_path / "le journal" / "été"
        open_journal(folder.as_uri()).create("pending/abc", b"x")

        assert (folder / "pending" / "abc").read_bytes() == b"x"

    def test_it_is_still_there_when_the_journal_is_opened_again(self, tmp_path):
        open_journal(tmp_path.as_uri()).create("pending/abc", b"x")

        assert open_journal(tmp_path.as_uri()).keys("pending/") == ["pending/abc"]

    @pytest.mark.parametrize("exists", [False, True], ids=["new", "exists"])
    def test_creating_returns_when_a_power_cut_can_take_nothing(
        self, tmp_path, monkeypatch, exists
    ):
        journal = open_journal(tmp_path.as_uri())
        if exists:
            # Whoever made it may have been stopped before its name was safe.
            journal.create("pending/abc", b"x")
            journal = open_journal(tmp_path.as_uri())
        synced = []
        monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number)))

        journal.create("pending/abc", b"x")

        made = [] if exists else [tmp_path / "pending" / "abc"]
        for path in (*made, tmp_path / "pending", tmp_path):
            assert any(os.path.samestat(path.stat(), done) for done in synced), path

    @pytest.mark.parametrize(("act", "key"), [("create", "def"), ("replace", "abc")])
    def test_what_is_written_and_its_name_are_made_safe_and_the_folders_own_name_once(
        self, tmp_path, monkeypatch, act, key
    ):
        journal = open_journal(tmp_path.as_uri())
        journal.create("pending/abc", b"x")
        synced = []
        monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_ino))

        getattr(journal, act)(f"pending/{key}", b"y")

        pending = tmp_path / "pending"
        assert synced == [(pending / key).stat().st_ino, pending.stat().st_ino]
        assert {file.name for file in pending.iterdir()} == {"abc", key}

    def test_nothing_unfinished_stays_whether_it_was_created_was_there_or_failed(
        self, tmp_path, monkeypatch
    ):
        """What is personal in it would outlive its deletion."""
        journal = open_journal(tmp_path.as_uri())
        assert journal.create("pending/abc", b"x")
        assert not journal.create("pending/abc", b"y")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(JournalError):
            journal.create("pending/def", b"x")
        assert [file.name for file in (tmp_path / "pending").iterdir()] == ["abc"]

    def test_what_a_killed_process_left_unfinished_is_cleared_away_later(self, tmp_path):
        (tmp_path / "pending").mkdir()
        for name, age in (("abc#12000000001", 3600), ("def#13000000001", 0)):
            left = tmp_path / "pending" / name
            left.write_bytes(b"half")
            os.utime(left, (left.stat().st_mtime - age,) * 2)

        journal = open_journal(tmp_path.as_uri())

        assert journal.keys("pending/") == []
        assert [file.name for file in (tmp_path / "pending").iterdir()] == ["def#13000000001"]
        assert journal.create("pending/abc", b"x")

    def test_a_disk_that_cannot_make_it_safe_is_an_error(self, tmp_path, monkeypatch):
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)

        with pytest.raises(JournalError, match=r"Le journal ne répond pas \(OSError\)\."):
            open_journal(tmp_path.as_uri()).create("pending/abc", b"x")

    def test_a_file_in_the_way_of_the_folder_is_an_error(self, tmp_path):
        (tmp_path / "journal").write_text("")

        with pytest.raises(JournalError):
            open_journal((tmp_path / "journal").as_uri())


CALLS: dict[str, Callable[[ObjectJournal], object]] = {
    "create": lambda journal: journal.create("pending/secret", b"x"),
    "read": lambda journal: journal.read("pending/secret"),
    "keys": lambda journal: journal.keys("pending/"),
    "delete": lambda journal: journal.delete("pending/secret"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_store_that_does_not_answer_is_an_error_without_names(call, closed_port):
    with pytest.raises(JournalError) as caught:
        call(ObjectJournal(bucket(f"http://127.0.0.1:{closed_port}")))

    assert str(caught.value).startswith("Le journal ne répond pas (")
    assert "secret" not in str(caught.value)
    assert BUCKET not in str(caught.value)


@pytest.mark.parametrize("call", ["create", "keys"])
def test_a_bucket_that_does_not_exist_is_an_error_not_an_empty_journal(s3, call):
    with pytest.raises(JournalError):
        CALLS[call](ObjectJournal(bucket(s3, name="autre-seau")))


@pytest.mark.parametrize("url", ["ftp://example.org/x", "journal", "carrier-pigeon://x"])
def test_an_address_that_names_no_store_is_an_error(url):
    with pytest.raises(JournalError):
        open_journal(url)


class TestLegible:
    def test_what_an_object_says_is_read(self):
        journal = open_journal("memory:///")
        journal.create("settled/1", b'{"a": 1}')
        assert read_legible(journal, "settled/1", json.loads) == {"a": 1}

    def test_there_may_be_no_object(self, capsys):
        assert read_legible(open_journal("memory:///"), "settled/1", json.loads) is None
        assert capsys.readouterr().out == ""

    def test_an_illegible_one_is_logged_by_its_key_and_nothing_stops(self, capsys):
        journal = open_journal("memory:///")
        journal.create("settled/1", b"{")
        assert read_legible(journal, "settled/1", json.loads) is None
        logged = json.loads(capsys.readouterr().out)
        assert logged["severity"] == "ERROR"
        assert "L'objet settled/1 du journal est illisible" in logged["message"]

    def test_a_mistake_of_ours_is_not_taken_for_one(self):
        with pytest.raises(ZeroDivisionError):
            parse_legible("settled/1", b"", lambda _: 1 / 0)
