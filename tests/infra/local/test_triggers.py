import base64
import json
from queue import Empty, Queue

import pytest

from infra.local import triggers
from infra.local.triggers import Triggers, push_body


@pytest.fixture
def posts(tmp_path, monkeypatch):
    monkeypatch.setattr(triggers, "LOOK", 0.01)
    (tmp_path / "pending").mkdir()
    posts: Queue = Queue()
    running = Triggers(tmp_path, lambda path, body: posts.put((path, body)))
    running.start()
    yield posts
    running.stop()


def test_a_new_entry_calls_route_as_the_cloud_does(posts, tmp_path):
    (tmp_path / "pending" / "abc").write_text("{}")
    path, body = posts.get(timeout=10)
    assert path == "/route"
    assert body["message"]["attributes"]["eventType"] == "OBJECT_FINALIZE"
    assert body["message"]["attributes"]["objectId"] == "pending/abc"
    described = json.loads(base64.b64decode(body["message"]["data"]))
    assert (described["kind"], described["name"]) == ("storage#object", "pending/abc")


def test_each_entry_is_told_once(posts, tmp_path):
    (tmp_path / "pending" / "a").write_text("{}")
    posts.get(timeout=10)
    (tmp_path / "pending" / "b").write_text("{}")
    assert posts.get(timeout=10)[1]["message"]["attributes"]["objectId"] == "pending/b"
    with pytest.raises(Empty):
        posts.get(timeout=0.1)


def test_a_sweep_comes_again_and_again(tmp_path):
    posts: Queue = Queue()
    running = Triggers(tmp_path, lambda path, _: posts.put(path), sweep=0.01)
    running.start()
    assert [posts.get(timeout=10) for _ in range(3)] == ["/route?sweep=true"] * 3
    running.stop()


def test_only_sweeps_come_where_notifications_are_lost(tmp_path):
    (tmp_path / "pending").mkdir()
    (tmp_path / "pending" / "abc").write_text("{}")
    posts: Queue = Queue()
    running = Triggers(tmp_path, lambda path, _: posts.put(path), sweep=0.01, notify=False)
    running.start()
    assert {posts.get(timeout=10) for _ in range(3)} == {"/route?sweep=true"}
    running.stop()


def test_two_notifications_have_two_ids():
    assert (
        push_body("pending/a")["message"]["messageId"]
        != (push_body("pending/a")["message"]["messageId"])
    )
