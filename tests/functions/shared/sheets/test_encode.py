from functions.shared.sheets.encode import append_rows


def test_cells_are_put_under_their_columns_with_typed_values():
    append, *_ = append_rows(
        "to_check", [{"subject": "=1+1", "noted_at": 1.5}], {"subject": 3, "noted_at": 1}, 7
    )
    cells = append["appendCells"]["rows"][0]["values"]
    assert cells == [
        {},
        {"userEnteredValue": {"numberValue": 1.5}},
        {},
        {"userEnteredValue": {"stringValue": "=1+1"}},
    ]
