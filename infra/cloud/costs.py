"""What the system costs on Google Cloud: `python -m infra.cloud.costs` writes docs/scale.md.

Nobody has measured a bill. The sums are computed from list prices, which are parameters, and from
what a request causes, by the code and its schedules. Free allowances count as far as Google gives
them to each billing account and month.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from infra.cloud.rights import CALLS

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
SIZES = (400, 10_000, 1_000_000)  # requests a year
_MONTHS = 12
_MINUTES = 60 * 24 * 365 / _MONTHS  # in a month
_GIB = 2**30


@dataclass(frozen=True)
class Prices:
    """List prices in euros, without tax, as remembered for europe-west9; see `SOURCE`.

    `free_…` is what costs nothing in a month.
    """

    cpu_second: float = 0.0000264
    gib_second: float = 0.0000028
    free_cpu_seconds: float = 180_000
    free_gib_seconds: float = 360_000
    million_calls: float = 0.40
    free_calls: float = 2_000_000
    thousand_writes: float = 0.005  # of objects: create, list
    thousand_reads: float = 0.0004
    gib_month: float = 0.023
    job: float = 0.10  # of Cloud Scheduler
    free_jobs: int = 3
    secret: float = 0.06  # an active version
    free_secrets: int = 6
    image_gib_month: float = 0.10
    free_image_gib: float = 0.5
    log_gib: float = 0.50
    free_log_gib: float = 50
    thousand_mails: float = 0.10  # Amazon SES; a relay of one's own costs nothing more


SOURCE = (
    "Google's and Amazon's public price lists, dollars taken as euros, written down on 2026-11-29 "
    "without a look at the lists themselves: compare them with the calculators before you count on "
    "a sum"
)


@dataclass(frozen=True)
class Usage:
    """What a year's requests cause in a month, on average."""

    requests: float
    seconds_a_request: float = 0.3  # of intake, with pages and challenges that lead to nothing
    calls_a_request: float = 12  # pages, scripts, challenge, submission
    seconds_a_sweep: float = 1.5
    seconds_a_drain: float = 2.0
    writes_a_request: float = 14  # create-only objects and lists, until the tombstone is purged
    reads_a_request: float = 20
    mails_a_request: float = 1.5
    kept_kib: float = 12  # of journal for each request of two months


SWEEPS = _MINUTES / 5
# A sweep lists eight folders. Cloud Storage counts a list as a write.
LISTS_A_SWEEP = 8
SECRETS = 3
IMAGE_GIB = 0.4


def monthly(requests_a_year: int, prices: Prices = Prices()) -> dict[str, float]:
    """Euros a month for so many requests a year, by what they are for."""
    usage = Usage(requests_a_year / _MONTHS)
    drains = min(usage.requests, _MINUTES)  # a drain files all that waits
    busy = (
        usage.requests * usage.seconds_a_request
        + drains * usage.seconds_a_drain
        + SWEEPS * usage.seconds_a_sweep
    )
    calls = usage.requests * usage.calls_a_request + drains + SWEEPS
    writes = usage.requests * usage.writes_a_request + SWEEPS * LISTS_A_SWEEP
    reads = usage.requests * usage.reads_a_request
    kept = usage.requests * 2 * usage.kept_kib / 2**20
    logs = calls * 1_500 / _GIB
    return {
        "functions": _over(busy, prices.free_cpu_seconds) * prices.cpu_second
        + _over(busy / 2, prices.free_gib_seconds) * prices.gib_second
        + _over(calls, prices.free_calls) / 1e6 * prices.million_calls,
        "journal": writes / 1e3 * prices.thousand_writes
        + reads / 1e3 * prices.thousand_reads
        + kept * prices.gib_month,
        "schedule": max(0, len(CALLS) - prices.free_jobs) * prices.job,
        "secrets": max(0, SECRETS - prices.free_secrets) * prices.secret,
        "image": _over(IMAGE_GIB * 10, prices.free_image_gib) * prices.image_gib_month,
        "logs": _over(logs, prices.free_log_gib) * prices.log_gib,
        "mails": usage.requests * usage.mails_a_request / 1e3 * prices.thousand_mails,
    }


def _over(amount: float, free: float) -> float:
    return max(0.0, amount - free)


# The first limit that each size meets, and what is done then.
LIMITS = {
    400: ("None. The journal's lists by sweeps are most of the bill.", "Nothing."),
    10_000: (
        (
            "The sheet: 10 million cells in a spreadsheet are 200,000 rows of 50 columns. People "
            "will feel it earlier; nobody has measured when."
        ),
        (
            "Once a year, move what is closed to a spreadsheet of that year: copy the file, then "
            "delete those rows in the shared one. A row that was deleted never comes back."
        ),
    ),
    1_000_000: (
        (
            "The sheet again: a year does not fit in one. Google's 60 writes a minute for each "
            "user, 500 rows at a time, are far away."
        ),
        (
            "A stack for each département. Within one: one journal, many sheets, `route` sharded "
            "by spreadsheet, each with its own fence; intake stays as it is."
        ),
    ),
}


def page(prices: Prices = Prices()) -> str:
    """docs/scale.md."""
    sums = {size: monthly(size, prices) for size in SIZES}
    kinds = list(sums[SIZES[0]])
    header = "".join(f" {size:,} |" for size in SIZES)
    lines = [
        f"| {kind} |" + "".join(f" {sums[size][kind]:.2f} |" for size in SIZES) for kind in kinds
    ]
    total = "".join(f" **{sum(sums[size].values()):.2f}** |" for size in SIZES)
    limits = "\n".join(
        f"| {size:,} | {limit} | {remedy} |" for size, (limit, remedy) in LIMITS.items()
    )
    without = monthly(SIZES[0], replace(prices, free_cpu_seconds=0, free_gib_seconds=0))
    return f"""# How far it goes, and what it costs

**Computed, not measured**: no bill was seen. `python -m infra.cloud.costs` writes this page; prices
and what a request causes are parameters there. Prices: {SOURCE}.

## Euros a month, by requests a year

| |{header}
|---|{"---:|" * len(SIZES)}
{chr(10).join(lines)}
| **together** |{total}

Where another project of the same billing account uses up the free allowance of processor time, the
smallest size costs {sum(without.values()):.2f}.

## The first limit, and what is done then

| requests a year | the first limit | what is done |
|---:|---|---|
{limits}

What holds at a fair, two hundred requests in an afternoon, is measured in
[benchmarks.md](benchmarks.md).
"""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"written: {PAGE.name}")
