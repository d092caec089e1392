"""Chromium itself opens HTML reports: it asks for nothing, complains of nothing, filters, turns dark, prints; and what
assistive technology is told has roles and names.

    VETSET=build/release/vetset python3 tests/judges/report_judge.py [--pictures DIR]     keep screenshots there
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import chromium

ROOT = pathlib.Path(__file__).resolve().parents[2]
VETSET = str(pathlib.Path(os.environ.get("VETSET", ROOT / "build/release/vetset")).resolve())
DATA = pathlib.Path(os.environ.get("VETSET_DATA", ROOT.parent / "shared/data"))
REAL = {"bccd": [], "chess-coco": ["--pixels"], "rice-pest": ["--pixels"]}
MOST_BYTES = 5_000_000
NAMED = {"button", "link", "combobox", "searchbox", "textbox", "image", "img", "heading", "region", "article", "navigation",
         "checkbox", "dialog", "table"}
HOSTILE = "cat</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


def report(source, out, *flags):
    done = subprocess.run([VETSET, "check", source.name, "--no-cache", "--report", out, *flags], cwd=source.parent,
                          capture_output=True, text=True)
    assert done.returncode in (0, 1), (source, done.stderr)
    assert os.path.getsize(out) < MOST_BYTES, (source, os.path.getsize(out))
    return out


def hostile(folder):
    """A small COCO set whose names attack a page."""
    folder.mkdir()
    name = HOSTILE.replace("/", "∕").replace('"', "'")
    boxes = [{"id": n, "image_id": 1, "category_id": 1, "bbox": [90, 10, 40, 10 * (n % 2)], "area": 400 * (n % 2), "iscrowd": 0}
             for n in range(1, 260)]

    (folder / "instances.json").write_text(json.dumps({
        "images": [{"id": 1, "file_name": name + ".jpg", "width": 100, "height": 80}],
        "categories": [{"id": 1, "name": HOSTILE}, {"id": 2, "name": "\u202egpj.exe"}], "annotations": boxes}))
    return folder


def contrast(browser):
    """The least contrast of text that is seen against the nearest background that is painted (WCAG 2.2, 1.4.3)."""
    return browser.value("""(() => {
      const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length === 3 ? [...m, 1] : m; };
      const lum = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                          .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
      const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
      const ground = (e) => {
        const layers = [];
        for (let at = e; at; at = at.parentElement) {
          const c = parse(getComputedStyle(at).backgroundColor);
          if (c[3] > 0) layers.push(c);
          if (c[3] === 1) break;
        }
        return layers.reverse().reduce((under, c) => over(c, under), [255, 255, 255, 1]);
      };
      let least = [99, ''];
      for (const e of document.querySelectorAll('main *, header *, footer *')) {
        if (e.closest('svg') || !e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
        const a = lum(over(parse(getComputedStyle(e).color), ground(e))), b = lum(ground(e));
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 120)];
      }
      return least;
    })()""")


def look(browser, name, path, pictures):
    for scheme in ("light", "dark"):
        browser.media(scheme)
        browser.size(1280)
        browser.open(path.as_uri())
        least, where = contrast(browser)
        assert least >= 4.5, f"{name}, {scheme}: contrast {least:.2f} at {where}"
        if pictures:
            browser.picture(pictures / f"{name}-{scheme}.png")
    assert browser.requests() == [], (name, browser.requests())
    assert browser.complaints() == [], (name, browser.complaints())

    # Landmarks, headings in order, and a name for everything that has a role.
    roles = browser.tree()
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert sum(role == landmark for role, _ in roles) == 1, (name, landmark)
    nameless = [role for role, text in roles if role in NAMED and not text.strip()]
    assert nameless == [], (name, nameless)
    levels = browser.value("[...document.querySelectorAll('h1,h2,h3,h4')].filter((h) => h.checkVisibility()).map((h) => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1, (name, levels[:5])
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:])), (name, levels)
    assert browser.value("document.documentElement.lang") == "en"
    assert browser.value("new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size === document.querySelectorAll('[id]').length"), name
    dead = browser.value("[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id))")
    assert dead == [], (name, dead)

    # Nothing is wider than the window, from a telephone to a desk.
    for width in (360, 768, 1280):
        browser.size(width)
        wide = browser.value("document.documentElement.scrollWidth")
        assert wide <= width, (name, width, wide)
        if pictures and width == 360:
            browser.picture(pictures / f"{name}-narrow.png")
    browser.size(1280)


def use(browser, name):
    """The keyboard's way, the search, the filters, the theme."""
    browser.value("scrollTo(0, 0)")
    browser.press("Tab")
    assert browser.value("document.activeElement.className") == "skip", name
    browser.press("Enter", text="\r")
    assert browser.value("document.activeElement.id") == "main", name

    ground = "getComputedStyle(document.body).backgroundColor"
    browser.media("light")
    browser.value("document.querySelector('#theme').click()")
    light = browser.value(ground)
    browser.value("document.querySelector('#theme').click()")
    assert browser.value(ground) != light and browser.value("document.documentElement.dataset.theme") == "dark", name
    browser.value("document.querySelector('#theme').click()")
    assert browser.value("document.documentElement.dataset.theme") is None and browser.value(ground) == light, name

    if not browser.value("!!document.querySelector('#search')"):
        return 0
    listed = browser.value("JSON.parse(document.querySelector('#data').textContent).rows.length")
    cards = "[...document.querySelectorAll('.rule')].filter((c) => !c.hidden).length"
    told = "document.querySelector('#told').value"
    rows = "document.querySelectorAll('#list tbody tr').length"
    every = browser.value(cards)
    assert browser.value(rows) == min(listed, 100), (name, browser.value(rows), listed)
    code = browser.value("document.querySelector('.rule').id.slice(5)")

    browser.press("/", code="Slash")
    assert browser.value("document.activeElement.id") == "search", name
    for letter in code:
        browser.press(letter, text=letter)
    browser.value("new Promise((done) => setTimeout(done, 250))")
    assert browser.value(cards) >= 1 and "match" in browser.value(told), (name, browser.value(told))
    if every > 1:
        assert browser.value(cards) < every, (name, code)
    codes = browser.value("[...new Set([...document.querySelectorAll('#list tbody tr td:nth-child(2) a')].map((a) => a.textContent))]")
    assert code in codes, (name, codes)
    browser.press("Escape")
    assert browser.value(cards) == every and browser.value("document.querySelector('#search').value") == "", name

    for level, word in ((2, "error"), (1, "warning"), (0, "note")):
        browser.value(f"document.querySelector('[data-level=\"{level}\"]').click()")
        shown = browser.value("[...new Set([...document.querySelectorAll('#list tbody .pill')].map((p) => p.textContent))]")
        assert shown in ([word], []), (name, word, shown)
        browser.value(f"document.querySelector('[data-level=\"{level}\"]').click()")
    browser.value("document.querySelector('#search').value = 'no such thing'; document.querySelector('#search').dispatchEvent(new Event('input'))")
    browser.value("new Promise((done) => setTimeout(done, 250))")
    assert browser.value(cards) == 0 and not browser.value("document.querySelector('#no-match').hidden"), name
    browser.value("document.querySelector('#clear').click()")
    assert browser.value(cards) == every, name
    if browser.value("!!document.querySelector('[data-list]')"):
        browser.value("document.querySelector('[data-list]').click()")
        assert browser.value("document.querySelector('#by-rule').value") != "" and browser.value(cards) == 1, name
    if listed > 100:
        browser.value("document.querySelector('#clear').click(); document.querySelector('#more').click()")
        assert browser.value(rows) == min(listed, 200), name
    assert browser.complaints() == [] and browser.requests() == [], (name, browser.complaints())
    return listed


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pictures", type=pathlib.Path)
    chosen = arguments.parse_args()
    if chromium.program() is None:
        print("skipped 1: Chromium")
        return 0
    if chosen.pictures:
        chosen.pictures.mkdir(parents=True, exist_ok=True)
    there = {name: flags for name, flags in REAL.items() if (DATA / name).exists()}
    if len(there) < len(REAL):
        print(f"skipped {len(REAL) - len(there)}: VETSET_DATA")
    with tempfile.TemporaryDirectory() as folder, chromium.Browser() as browser:
        folder = pathlib.Path(folder)
        sets = {"street": (ROOT / "samples/street", ["--pixels"]), "hostile": (hostile(folder / "hostile"), [])}
        sets |= {name: (DATA / name, flags) for name, flags in there.items()}
        for name, (source, flags) in sets.items():
            path = pathlib.Path(report(source, str(folder / f"{name}.html"), *flags))
            for secret in (str(ROOT), str(DATA), str(folder)):
                assert secret not in path.read_text(), (name, secret)
            look(browser, name, path, chosen.pictures)
            listed = use(browser, name)
            assert browser.value("document.title") != "taken", name
            browser.media("light", "print")
            pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", browser.pdf()))
            assert pages >= 2, (name, pages)
            print(f"ok  {name:12} {path.stat().st_size / 1e6:5.2f} MB, {listed} findings listed, {pages} pages on paper", flush=True)
            if chosen.pictures:
                shutil.copy(path, chosen.pictures)
                (chosen.pictures / f"{name}.pdf").write_bytes(browser.pdf())
        path = pathlib.Path(report(ROOT / "samples/street", str(folder / "bare.html"), "--no-pictures"))
        browser.media("light")
        browser.open(path.as_uri())
        assert browser.value("document.images.length") == 0 and browser.complaints() == []
        print("ok  without pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
