"""What people and robots may send to break something, each with a name.

`TEXTS` are answers that are taken, `TIDIED` those that are taken and tidied first (docs of
`submission.validate`), `REFUSED` those that no field takes; `BODIES` are whole calls that are
refused.
"""

import gzip
import json
from dataclasses import dataclass, field

from tests.support import ANA

TEXTS = {
    # Formulas, where a sheet or a spreadsheet program opens an export.
    "formula": '=HYPERLINK("http://example.org";"clic")',
    "formula with a space before": "a =1+1",
    "formula of a call": "@SUM(A1:A9)",
    "formula of a sign": "-2+3+cmd|' /C calc'!A0",
    "formula in full width": "＝1＋1a",
    "formula, escaped once": "'=1+a1",
    "import": '=IMPORTXML("https://example.org","//a")',
    # What looks like a value of another type.
    "phone": "+33612345678 a",
    "leading zeros": "0046a",
    "huge number": "9" * 79 + "a",
    "exponent": "1e400",
    "date": "1 mai 2026",
    "boolean": "TRUE",
    "error": "#REF!",
    "nothing": "null",
    "not a number": "NaN",
    # HTML.
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "vector image": "<svg/onload=alert(1)>",
    "attribute, double quotes": '"><script>alert(1)</script>',
    "attribute, single quotes": "' onfocus=alert(1) autofocus x='",
    "end of textarea": "</textarea><script>alert(1)</script>",
    "end of title and style": "</title></style><img src=x onerror=alert(1)>",
    "comment": "<!--><img src=x onerror=alert(1)>--> ]]> <![CDATA[",
    "link": "javascript:alert(1)//https://example.org",
    "entities": "Martin & Fils &amp; &lt;b&gt; &#0; &nbsp;",
    "mail markup": "</mj-text><mj-raw><script>alert(1)</script></mj-raw>",
    "frame": '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    # Other languages.
    "template": "{{ 7*7 }} {% raw %} {# #} ${7*7} #{7} <%= 7 %>",
    "format": "%s %(x)s %n {0} {x.__class__} $x",
    "sql": "Robert'); DROP TABLE demandes;--",
    "path": "../../../../etc/passwd",
    "path, encoded": "..%2f..%2fpending%2fx%00",
    "shell": "$(touch /tmp/x) `id` ; rm -rf / | cat && true",
    "header": "Bcc: a@example.org Subject: x =?utf-8?q?=0ABcc:?=",
    "pattern": "(a+)+$ [^\\] \\1 .*",
    "replacement token": "Attribution en cours \\U0001f600 \\n $&",
    "backslashes": 'C:\\n\\x00 \\u0000 "',
    "quotes": 'L\'« été » "ici" & là `x` “y”',
    # Unicode.
    "emoji": "a😀👩‍👩‍👧‍👦🏳️‍🌈",
    "many combining marks": "Z" + "\u0335" * 20 + "\u0316" * 20 + "\u035b" * 20,
    "line separators": "a\u2028b\u2029c",
    "no-break space": "De\u00a0La\u202fTour",
    "no characters": "a\uffffb\ufdd0c",
    "beyond the first plane": "𝕬𝖓𝖆 𠮷野 𓀀",
    "fullwidth script": "＜script＞alert(1)＜/script＞",
    "turkish": "İstanbul ı ß ﬁ",
    "longest": "W" * 80,
}
TIDIED = {
    "combining": ("Zoe\u0301 Ge\u0301ne\u0301rale", "Zoé Générale"),
    "spaces around": ("  \u00a0 Ana \u3000 ", "Ana"),
    "zero width around": ("\u200b\ufeffAna\u200b", "Ana"),
    "right to left": ("abc\u202edef\u202c ghi", "abcdef ghi"),
    "right to left, left open": ("abc\u202edef", "abcdef"),
    "isolates": ("Zoé \u2067مرحبا\u2069 Zoé", "Zoé مرحبا Zoé"),
    "zero width": ("a\u200bb\u200cc\u2060d\ufeffe", "ab\u200ccde"),
    "soft hyphen": ("Saint\u00adCéré", "SaintCéré"),
    "tag characters": ("a\U000e0041\U000e0042b", "ab"),
    "right to left around": ("\u202eAna\u202c", "Ana"),
    "ångström sign": ("\u212b", "\u00c5"),
}
REFUSED = {
    "nul": "a\x00b",
    "escape": "a\x1b[31mb",
    "tabulator": "a\tb",
    "bell": "a\x07b",
    "delete": "a\x7fb",
    "next line": "a\x85b",
    "header injection": "a\r\nBcc: b@example.org",
    "line feed": "a\nb",
    "carriage return": "a\rb",
    "half a pair": "a\ud800b",
    "too long": "a" * 81,
    "nothing but spaces": "   ",
    "nothing to see": "\u200b\u202e\ufeff",
    "a filler": "\u3164",
    "no letter": "+33612345678",
    "emoji alone": "😀👩\u200d👧",
}


@dataclass(frozen=True)
class Body:
    """A call that is refused with a status, in a sentence that holds `says`."""

    body: bytes
    status: int
    says: str
    content_type: str | None = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


_FORM = "application/x-www-form-urlencoded"
_GOOD = json.dumps(ANA).encode()

_BOUNDED = b'--x\r\nContent-Disposition: form-data; name="first_name"\r\n\r\nAna\r\n--x--\r\n'
_PERSON = b"first_name=Ana&last_name=Martin&email=ana@example.org&projects.0.type=other"


def _with(**fields: object) -> bytes:
    return json.dumps(ANA | fields).encode()


def _raw(text: str) -> bytes:
    """A request whose `household` is written as it stands."""
    return _GOOD[:-1] + f', "household": {{"adults": {text}}}}}'.encode()


BODIES = {
    "nothing": Body(b"", 400, "JSON"),
    "half": Body(_GOOD[:40], 400, "JSON"),
    "two values": Body(_GOOD + _GOOD, 400, "JSON"),
    "not utf-8": Body(b'{"first_name": "Zo\xe9"}', 400, "UTF-8"),
    "wrong charset": Body(
        '{"first_name": "Zoé"}'.encode("latin-1"),
        400,
        "UTF-8",
        "application/json; charset=iso-8859-1",
    ),
    "utf-16": Body(json.dumps(ANA).encode("utf-16"), 400, "UTF-8"),
    "overlong utf-8": Body(b'{"first_name": "\xc0\xbcscript"}', 400, "UTF-8"),
    "a key twice": Body(b'{"first_name": "A", "first_name": "B"}', 400, "deux fois"),
    "a key twice, inside": Body(
        _GOOD[:-1] + b', "origin": {"city": "A", "city": "B"}}', 400, "deux fois"
    ),
    "not a number": Body(_raw("NaN"), 400, "NaN"),
    "infinity": Body(_raw("-Infinity"), 400, "Infinity"),
    "too large a float": Body(_raw("1e999"), 422, "corriger"),
    "too large an integer": Body(_raw("9" * 20_000), 400, "trop grand"),
    "large integer": Body(_raw("9" * 4000), 422, "corriger"),
    "deep list": Body(b"[" * 30_000, 400, "imbriqué"),
    "deep object": Body(b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 400, "imbriqué"),
    "nine levels": Body(_with(message=[[[[[[[[1]]]]]]]]), 400, "imbriqué"),
    "no object": Body(b"[1, 2]", 422, "corriger"),
    "null": Body(b"null", 422, "corriger"),
    "text": Body(b'"=1+1"', 422, "corriger"),
    "objects for text": Body(_with(last_name={"$ne": ""}), 422, "corriger"),
    "many items": Body(_with(needs=["housing"] * 2500), 400, "valeurs"),
    "many keys": Body(_with(**{f"k{n}": 1 for n in range(2000)}), 400, "valeurs"),
    "prototype": Body(_with(__proto__={"admin": True}), 422, "corriger"),
    "reference": Body(_with(**{"$ref": "file:///etc/passwd"}), 422, "corriger"),
    "nul in a key": Body(_with(**{"a\x00b": 1}), 422, "corriger"),
    "hostile key": Body(_with(**{"<script>alert(1)</script>": 1}), 422, "corriger"),
    "key is no text": Body(_with(idempotency_key=["a"]), 400, "idempotency_key"),
    "key is too long": Body(_with(idempotency_key="k" * 256), 400, "idempotency_key"),
    "email with a header": Body(_with(email="a@example.org\r\nBcc: b@x.fr"), 422, "corriger"),
    "email with html": Body(_with(email='"><script>"@example.org'), 422, "corriger"),
    "phone with a command": Body(_with(phone="0612345678;id"), 422, "corriger"),
    "source with a path": Body(_with(source="../x"), 422, "corriger"),
    "oversized": Body(_with(message="a" * 33_000), 413, "32 Kio"),
    "gzip bomb": Body(
        gzip.compress(b"0" * 30_000_000),
        415,
        "compression",
        headers={"Content-Encoding": "gzip"},
    ),
    "gzip": Body(gzip.compress(_GOOD), 415, "compression", headers={"Content-Encoding": "gzip"}),
    "brotli, it says": Body(_GOOD, 415, "compression", headers={"Content-Encoding": "br"}),
    "gzip, secretly": Body(gzip.compress(_GOOD), 400, "UTF-8"),
    "gzipped form": Body(
        gzip.compress(_PERSON), 415, "compression", _FORM, {"Content-Encoding": "gzip"}
    ),
    "multipart": Body(_BOUNDED, 415, "application/json", "multipart/form-data; boundary=x"),
    "plain text": Body(_GOOD, 415, "application/json", "text/plain"),
    "xml": Body(
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        415,
        "application/json",
        "application/xml",
    ),
    "no type": Body(_GOOD, 415, "application/json", None),
    "form, not utf-8": Body(_PERSON + b"&message=%ff%fe", 400, "pas lisible", _FORM),
    "form, bytes not utf-8": Body(_PERSON + b"&message=\xff", 400, "pas lisible", _FORM),
    "form of many fields": Body(b"&".join([b"a=1"] * 5000), 400, "pas lisible", _FORM),
    "form with a long name": Body(_PERSON + b"&" + b"a" * 5000 + b"=1", 400, "60", _FORM),
    "form with a deep name": Body(_PERSON + b"&" + b"a." * 25 + b"a=1", 422, "n'existe pas", _FORM),
    "form with brackets": Body(_PERSON + b"&projects[[[=1", 422, "n'existe pas", _FORM),
    "form with a far index": Body(_PERSON + b"&projects.999.type=other", 422, "existe pas", _FORM),
    "form with two answers": Body(_PERSON + b"&last_name=Martine", 422, "une seule", _FORM),
    "oversized form": Body(_PERSON + b"&message=" + b"a" * 33_000, 413, "32 Kio", _FORM),
}
