import pytest

from functions.shared.access import Access, compare
from functions.shared.sheets.memory import MemoryWorkbook
from sheets_schema.tab import format_row, tab


def rows(key, *people):
    columns = tab(key).columns
    cells = [format_row(tab(key), person) for person in people]
    titles = [column.title for column in columns]
    return [titles, *([line.get(column.key) for column in columns] for line in cells)]


READING = MemoryWorkbook(
    {
        "referents": rows(
            "referents",
            {"name": "Ana Roux", "email": "Ana.Roux@example.org", "active": True},
            {"name": "Bob Cros", "email": "bob@example.org", "active": False},
            {"name": "Sans adresse", "active": True},
        ),
        "coordination": rows("coordination", {"name": "Chloé Vay", "email": "chloe@example.org"}),
    }
).read({"referents": "all", "coordination": "all", "system": "all"})


def user(address, role="writer", **more):
    return {"type": "user", "role": role, "emailAddress": address, **more}


ANA, CHLOE = user("ana.roux@example.org"), user("chloe@example.org")
BOB = user("bob@example.org")


def test_nothing_is_to_be_put_right_when_just_the_two_tabs_have_access():
    service = user("route@accueil.iam.gserviceaccount.com")
    owner = user("mairie@example.org", "owner")
    operator = user("It@example.org")
    gone = user("", "reader", deleted=True)

    access = compare([ANA, CHLOE, service, owner, operator, gone], READING, ["it@example.org"])

    assert access.is_as_wanted
    assert list(access.sentences()) == []
    assert access.owners == ("mairie@example.org",)
    assert access.services == ("route@accueil.iam.gserviceaccount.com",)
    assert access.count == 4


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([ANA, CHLOE, user("x@example.org")], {"strangers": ("x@example.org",)}),
        ([ANA, CHLOE, BOB], {"leavers": ("bob@example.org",)}),
        ([ANA], {"missing": ("chloe@example.org",)}),
        ([ANA, user("chloe@example.org", "commenter")], {"readers": ("chloe@example.org",)}),
        (
            [ANA, CHLOE, {"type": "anyone", "role": "reader"}],
            {"public": ("qui a le lien, sans compte",)},
        ),
        (
            [ANA, CHLOE, {"type": "domain", "role": "reader", "domain": "example.org"}],
            {"public": ("tous les comptes de example.org",)},
        ),
        (
            [ANA, CHLOE, {"type": "nouveau"}],
            {"public": ("un partage que ce programme ne connaît pas",)},
        ),
    ],
)
def test_each_fault_is_seen_and_no_other(permissions, expected):
    access = compare(permissions, READING)

    faults = ("strangers", "leavers", "public", "missing", "readers")
    assert {name: who for name in faults if (who := getattr(access, name))} == expected
    (sentence,) = access.sentences()
    assert all(who in sentence for who in next(iter(expected.values())))


def test_through_a_group_people_may_have_access_that_is_not_seen():
    group = {"type": "group", "role": "writer", "emailAddress": "equipe@example.org"}

    access = compare([ANA, group], READING)

    assert access.groups == ("equipe@example.org",)
    assert access.missing == ("chloe@example.org",)
    assert "sauf par un groupe peut-être" in next(access.sentences())


def test_a_person_who_left_and_still_coordinates_is_no_leaver():
    both = MemoryWorkbook(
        {
            "referents": rows(
                "referents", {"name": "Bob", "email": "bob@example.org", "active": False}
            ),
            "coordination": rows("coordination", {"name": "Bob", "email": "bob@example.org"}),
        }
    ).read({"referents": "all", "coordination": "all", "system": "all"})

    assert compare([BOB], both) == Access(count=1)
