"""The pages behind the links of mails in a real browser."""

import pytest

from tests.e2e.accessibility import faults
from tests.functions.intake.test_own_page import Applicant
from tests.functions.intake.test_replying import LOT, Reader


@pytest.mark.parametrize("choice", ["own_page", "not_mine", "opt_out"])
def test_axe_finds_nothing_on_the_pages_light_or_dark(choice, page, web):
    reader = Applicant() if choice == "own_page" else Reader()
    address, fields = {
        "own_page": lambda links: (links.own_page(LOT), {"wish": "phone", "text": "12"}),
        "not_mine": lambda links: (links.answer(LOT, choice), {}),
        "opt_out": lambda links: (links.monday(choice), {}),
    }[choice](reader.links)
    for answer in (reader.call("GET", address), reader.call("POST", address, fields)):
        page.set_viewport_size({"width": 320, "height": 700})
        page.set_content(answer.body)
        assert faults(page, web) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
