"use strict";
// Search and filter of findings, light and dark, copying of commands. All else works without it.
(() => {
  const root = document.documentElement;
  const find = (selector, of = document) => of.querySelector(selector);
  const all = (selector, of = document) => [...of.querySelectorAll(selector)];
  root.classList.add("js");

  // Light, dark, or as the system has it; remembered where the browser lets files remember.
  const themes = ["system", "light", "dark"];
  const kept = { get: () => { try { return localStorage.getItem("vetset-theme"); } catch { return null; } },
                 set: (name) => { try { localStorage.setItem("vetset-theme", name); } catch { /* not allowed */ } } };
  const theme = find("#theme");
  const show_theme = (name) => {
    if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
    theme.textContent = "Theme: " + name;
  };
  let chosen = themes.includes(kept.get()) ? kept.get() : "system";
  show_theme(chosen);
  theme.addEventListener("click", () => {
    chosen = themes[(themes.indexOf(chosen) + 1) % themes.length];
    kept.set(chosen);
    show_theme(chosen);
  });

  // Copying. A page that was opened from a disk may have no clipboard: then the text is selected.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const code = find("code", button.parentElement);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });

  // Where the reader is.
  const links = new Map(all(".top nav a").map((a) => [a.hash.slice(1), a]));
  const sections = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const at = sections.filter((s) => s.getBoundingClientRect().top < 140).pop() || sections[0];
    for (const [id, a] of links) {
      if (at && id === at.id) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
    }
  };
  let marking = false;
  addEventListener("scroll", () => {
    if (marking) return;
    marking = true;
    requestAnimationFrame(() => { marking = false; mark(); });
  }, { passive: true });
  mark();

  // On paper everything is open.
  const closed = [];
  addEventListener("beforeprint", () => all("details.print:not([open])").forEach((d) => { d.open = true; closed.push(d); }));
  addEventListener("afterprint", () => closed.splice(0).forEach((d) => { d.open = false; }));

  const other = find("#other-labels");
  if (other) other.addEventListener("click", () => {
    const on = other.getAttribute("aria-pressed") !== "true";
    other.setAttribute("aria-pressed", String(on));
    document.body.classList.toggle("plain-marks", !on);
  });

  // Findings: rows are [rule, severity, evidence, place, image, class, message, fix].
  const search = find("#search");
  if (!search) return;
  const data = JSON.parse(find("#data").textContent);
  const severities = ["note", "warning", "error"];
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const text_of = (n) => (n < 0 ? "" : data.texts[n]);
  const hay = data.rows.map((r) => {
    const rule = data.rules[r[0]];
    return fold([rule.code, rule.name, rule.title, text_of(r[3]), text_of(r[4]), r[5], r[6], r[7]].join("\n"));
  });
  const body = find("#list tbody"), told = find("#told"), more = find("#more");
  const by_rule = find("#by-rule"), by_evidence = find("#by-evidence");
  const levels = all("#levels button");
  const step = 100;
  let matches = [], shown = 0;

  const cell = (row, content, kind) => {
    const td = row.insertCell();
    if (kind) td.className = kind;
    td.append(content);
    return td;
  };
  const element = (name, text, kind) => {
    const e = document.createElement(name);
    e.textContent = text;
    if (kind) e.className = kind;
    return e;
  };
  const add_rows = () => {
    for (const n of matches.slice(shown, shown + step)) {
      const [rule, severity, , place, image, type, message, fix] = data.rows[n];
      const row = body.insertRow();
      cell(row, element("span", severities[severity], "pill " + severities[severity]));
      const name = document.createElement("a");
      name.href = "#rule-" + data.rules[rule].code;
      name.textContent = data.rules[rule].code;
      const code = cell(row, name);
      if (data.rules[rule].name) code.append(document.createElement("br"), element("small", data.rules[rule].name));
      const where = cell(row, element("code", text_of(place) || (type ? "classes" : "the dataset")));
      if (image >= 0 && text_of(image) !== text_of(place))
        where.append(document.createElement("br"), element("small", text_of(image)));
      const what = cell(row, message);
      if (fix) what.append(document.createElement("br"), element("small", "To mend it: " + fix));
    }
    shown = Math.min(shown + step, matches.length);
    more.hidden = shown >= matches.length;
    more.textContent = "Show " + Math.min(step, matches.length - shown) + " more of " + (matches.length - shown);
  };
  const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const filter = () => {
    const asked = fold(search.value).split(/\s+/).filter(Boolean);
    const on = new Set(levels.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => +b.dataset.level));
    const evidence = by_evidence.value, rule = by_rule.value;
    matches = [];
    const counts = new Array(data.rules.length).fill(0);
    data.rows.forEach((r, n) => {
      if (on.size && !on.has(r[1])) return;
      if (evidence !== "" && +evidence !== r[2]) return;
      if (rule !== "" && data.rules[r[0]].code !== rule) return;
      if (!asked.every((word) => hay[n].includes(word))) return;
      matches.push(n);
      counts[r[0]] += 1;
    });
    const whole = !asked.length && !on.size && evidence === "" && rule === "";
    data.rules.forEach((r, k) => {
      const card = document.getElementById("rule-" + r.code);
      if (card) card.hidden = !whole && counts[k] === 0;
    });
    body.textContent = "";
    shown = 0;
    add_rows();
    const listed = data.rows.length, every = data.count;
    told.value = (whole ? number(listed) + (listed < every ? " of " + number(every) : "") + " findings"
                        : number(matches.length) + " of " + number(listed) + " findings match") +
                 (listed < every && whole ? " are listed here; the program lists the rest" : "");
    find("#clear").hidden = whole;
    find("#no-match").hidden = matches.length > 0;
  };
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  levels.forEach((b) => b.addEventListener("click", () => {
    b.setAttribute("aria-pressed", String(b.getAttribute("aria-pressed") !== "true"));
    filter();
  }));
  by_rule.addEventListener("change", filter);
  by_evidence.addEventListener("change", filter);
  more.addEventListener("click", () => {
    const first = body.rows.length;
    add_rows();
    const link = body.rows[first] && find("a", body.rows[first]);
    if (link) link.focus({ preventScroll: true });
  });
  const clear = () => {
    search.value = by_rule.value = by_evidence.value = "";
    levels.forEach((b) => b.setAttribute("aria-pressed", "false"));
    filter();
  };
  find("#clear").addEventListener("click", () => { clear(); search.focus(); });
  document.addEventListener("click", (event) => {
    const list = event.target.closest("[data-list]");
    if (list) {
      clear();
      by_rule.value = list.dataset.list;
      filter();
      find("#every").scrollIntoView();
      find("#every").focus({ preventScroll: true });
    }
    // A link to a rule whose section is filtered away brings it back.
    const link = event.target.closest("a[href^='#rule-']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (target && target.hidden) clear();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      clear();
    }
  });
  filter();
})();
