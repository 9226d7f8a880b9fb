from dataclasses import replace

import pytest

from infra.cloud.costs import LIMITS, PAGE, SIZES, Prices, monthly, page


def test_the_page_is_what_the_script_writes():
    assert PAGE.read_text("utf-8") == page()


def test_more_requests_never_cost_less():
    sums = [sum(monthly(size).values()) for size in SIZES]
    assert sums == sorted(sums)
    assert all(cost >= 0 for size in SIZES for cost in monthly(size).values())


@pytest.mark.parametrize(
    ("price", "kind"),
    [
        ("cpu_second", "functions"),
        ("thousand_writes", "journal"),
        ("thousand_mails", "mails"),
        ("image_gib_month", "image"),
    ],
)
def test_a_price_is_a_parameter(price, kind):
    dear = replace(Prices(), **{price: getattr(Prices(), price) * 10})
    before, after = monthly(10_000_000), monthly(10_000_000, dear)  # beyond what is free
    assert after[kind] > before[kind]
    assert {name: cost for name, cost in after.items() if name != kind} == {
        name: cost for name, cost in before.items() if name != kind
    }


def test_there_is_a_limit_for_each_size():
    assert tuple(LIMITS) == SIZES
