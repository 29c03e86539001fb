"""Five hundred strings that want to be more than text."""

from __future__ import annotations

from itertools import cycle, islice

_HACK = "globalThis.hacked=1"
_CORES = (
    f"<script>{_HACK}</script>", f"</script><script>{_HACK}</script>", f"<img src=x onerror={_HACK}>",
    f"<svg onload={_HACK}>", f"<svg><script>{_HACK}</script></svg>", f"<iframe srcdoc='<script>{_HACK}</script>'>",
    f"<a href=javascript:{_HACK}>x</a>", f"<body onload={_HACK}>", "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example/>", f"<math><mi xlink:href=javascript:{_HACK}>", "<form action=//evil.example>",
    "</title><h1>gone", "</pre></code></main>", "</td></tr></table>", "</svg></a>", "<!-- ", "-->", "<![CDATA[", "]]>",
    "<plaintext>", "<noscript>", "<template>", "<textarea>", "<object data=x>", "<embed src=x>", "<video src=x>",
    f"<details open ontoggle={_HACK}>", f'" onmouseover="{_HACK}', f"' autofocus onfocus='{_HACK}",
    f"` onclick=`{_HACK}",
    '">', "'>", "\\\">", "\\u003cscript\\u003e", "\\x3cscript\\x3e", "&lt;b&gt;", "&#60;b&#62;", "&amp;", "&nbsp;", "&",
    "{{ 7 * 7 }}", "{% raw %}", "{# x #}", "{{ config.items() }}", "{{ ''.__class__.__mro__ }}", "${7*7}", "#{7*7}",
    "<%= 7 * 7 %>", "{%- endraw -%}", "[[x]]", "{{", "}}", "%}", "{%", "%(x)s", "%s%n", "{0}", "{x!r}", "$(id)", "`id`",
    "'; DROP TABLE users; --", "/* ", " */", "-- ", '"; ', "\\", "\\\\'", "\\n", "__proto__", "constructor", "toString",
    "javascript:alert(1)", "data:text/html,<script>x</script>", "file:///etc/passwd", "//evil.example", "../../../etc",
    "\u202edesrever", "\u2066isolate\u2069", "\u200bzero", "\u200f\u200e", "\ufeffbom", "\u0085next",
    "\u2028line\u2029",
    "\x00nul", "\x1b[31mred", "\x07bell", "\x7fdel", "\x9bcsi", "\ud800", "\udfff", "\uffff", "\U000e0041tag", "\u00a0",
    "مرحبا بالعالم", "שלום <b>", "🧨" * 20, "e\u0301" * 30, "Z\u0351\u034d\u0310a\u0321\u0339lgo", "ﬁ", "İ", "ß",
    "=1+1", "@SUM(1)", "+1", "-1", "NaN", "null", "undefined", "true", "##[error]x", "::error::x", "0", " ", "\t", "\n",
)  # fmt: skip
_AROUND = ("{}", "a{}b", "{}{}", '"{}"', "'{}'")


def hostile_strings() -> list[str]:
    """Five hundred different ones; the last are long."""
    made = [around.replace("{}", core) for around in _AROUND for core in _CORES]
    long = ["<b>" * 3000, "x" * 20_000, "\u202e" * 2000, '"' * 5000, "<script>" + "a" * 9000]
    found = list(dict.fromkeys([*made, *long]))
    if len(found) > 500:
        found = [*found[:495], *long]
    assert len(set(found)) == 500
    return found


def spread(count: int) -> list[str]:
    """So many of them, each as often as any other."""
    return list(islice(cycle(hostile_strings()), count))
