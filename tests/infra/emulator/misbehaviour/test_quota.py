import pytest

from infra.emulator.errors import ApiError
from infra.emulator.misbehaviour.quota import REAL, Limits, Quota, Window


def test_a_window_slides():
    window = Window()
    for second in (0.0, 30.0, 59.0):
        window.add(second)
    assert [window.count(now) for now in (59.9, 60.0, 89.9, 90.0, 119.0)] == [3, 2, 2, 1, 0]


def refusals(quota, calls):
    count = 0
    for user, now, write in calls:
        try:
            quota.admit(user, now, write=write)
        except ApiError:
            count += 1
    return count


def test_the_real_quota_is_60_a_user_and_300_a_project():
    assert Limits(60, 300) == REAL
    assert refusals(Quota(), [("a", 0, True)] * 70) == 10
    assert refusals(Quota(), [("a", 0, True)] * 60 + [("b", 0, True)] * 60) == 0
    assert refusals(Quota(), [(f"user {n % 6}", 0, False) for n in range(360)]) == 60


def test_reads_and_writes_are_counted_apart():
    quota = Quota(Limits(user=1), Limits(user=1))
    assert refusals(quota, [("a", 0, True), ("a", 0, False)]) == 0
    assert refusals(quota, [("a", 0, True), ("a", 0, False)]) == 2


def test_what_is_refused_uses_nothing_up():
    quota = Quota(writes=Limits(user=1, project=2))
    assert refusals(quota, [("a", 0, True), ("a", 30, True), ("a", 60, True)]) == 1
    assert refusals(quota, [("b", 60, True)]) == 0
    assert refusals(quota, [("c", 60, True)]) == 1


def test_without_limits_everything_passes():
    assert refusals(Quota(Limits(), Limits()), [("a", 0, True)] * 1000) == 0


@pytest.mark.parametrize(
    ("limits", "limit", "name"),
    [
        (Limits(user=0), "Read requests per minute per user", "ReadRequestsPerMinutePerUser"),
        (Limits(project=0), "Read requests per minute", "ReadRequestsPerMinutePerProject"),
    ],
)
def test_the_refusal_is_googles(limits, limit, name):
    with pytest.raises(ApiError) as caught:
        Quota(reads=limits).admit("a", 0, write=False)
    error = caught.value.body()["error"]
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"] == (
        f"Quota exceeded for quota metric 'Read requests' and limit '{limit}' of service "
        "'sheets.googleapis.com' for consumer 'project_number:46'."
    )
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "domain": "googleapis.com",
            "metadata": {
                "quota_limit": name,
                "quota_metric": "sheets.googleapis.com/read_requests",
            },
        }
    ]
