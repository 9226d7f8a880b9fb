"""A strict local stand-in for the Google Sheets API, so that the real client runs unchanged.

A call goes `server` → `app` (routes, checks against Google's `discovery` document) → `methods` or
`drive` → `store` (one change at a time) → `batch` with the `kinds` of request, or `cellvalues`.
These change a `spreadsheet`, whose cells are in a `grid`; `render` shows it through `masks`.
Between `app` and `methods` there may be a gate that lets calls go wrong (`misbehaviour`), and
`people` edit what is in the store by hand.

What is not implemented is refused with 501 and its name. These things are accepted and differ from
Google's, and a test that relies on them proves nothing:

- formulas are kept and not computed, and do not follow rows that move;
- protections and data validation are kept, and stop nobody;
- the criteria of filter views are kept, and hide nothing;
- conditional formats do not travel with copied cells;
- where Google's wording of an error is not known, the sentence is ours.
"""
