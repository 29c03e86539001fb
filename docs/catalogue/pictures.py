"""Takes the pictures of this folder: `python docs/catalogue/pictures.py SITE`, of a catalogue with records.

fpc run --as-of 2013-10-20    # and some later days, so that there is a history
fpc catalog
python docs/catalogue/pictures.py .fpc/catalogue
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import sync_playwright

_HERE: Final = Path(__file__).parent
_CHROMIUM: Final = "/usr/bin/chromium"
_Colours = Literal["light", "dark"]
#: Each picture: its name, the page, what is scrolled to, the width, the height, the colours, and what is typed.
_PICTURES: Final[tuple[tuple[str, str, str, int, int, _Colours, str], ...]] = (
    ("feature", "features/user_orders.orders_prev_7d.html", "h1", 1280, 900, "light", ""),
    ("values", "features/user_orders.amount_avg_30d.html", "#values", 1280, 900, "dark", ""),
    ("search", "index.html", "h1", 1280, 620, "light", "late share"),
    ("phone", "features/user_orders.last_status.html", "h1", 390, 844, "dark", ""),
)


def take(site: Path) -> None:
    """Take every picture of the site."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        for name, path, at, width, height, colours, typed in _PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=colours)
            page.goto((site.resolve() / path).as_uri())
            page.wait_for_load_state("networkidle")
            page.evaluate("document.fonts.ready")
            if page.locator(".graph").count():
                page.locator("svg.lineage").wait_for()
            if typed:
                page.locator("#search").press_sequentially(typed)
                page.locator("#found [role=option]").first.wait_for()
            if at != "h1":
                page.locator(at).evaluate("place => place.scrollIntoView()")
            page.screenshot(path=_HERE / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
