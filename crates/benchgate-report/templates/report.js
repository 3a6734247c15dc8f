
// Sort, filter, search, theme and links to a view. The page is whole without this; whatever is to be worked with is made here.
// Outside text is only ever read from the page and written as text, and what stands in the address is looked up, never run.
(() => {
"use strict";
const first = (what, where = document) => where.querySelector(what);
const all = (what, where = document) => [...where.querySelectorAll(what)];
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// So many rows are in the table at once; more come on request. A table of thousands takes seconds to lay out.
const ROWS = 200;
const COLUMNS = ["verdict", "id", "base", "candidate", "effect", "lower", "visible", "pairs"];
const IS_TEXT = ["verdict", "id"];
const THEMES = ["auto", "light", "dark"];

const table = first("table.series");
const rows = table ? all("tbody tr", table).map(read) : [];
const verdicts = [...new Set(rows.map(row => row.verdict))];
const metrics = [...new Set(rows.map(row => row.metric))];
const sections = all("details.bench, details.rest").map(element => {
  const anchor = first(".body", element).id;
  return {element, anchor, mark: anchor.slice(-8), stoodOpen: element.open, isBench: element.classList.contains("bench")};
});
const isFolded = Boolean(table) && table.classList.contains("folded");

function read(element, place) {
  const link = first("th a", element);
  const {verdict, metric, values} = element.dataset;
  const [base, candidate, effect, lower, visible, pairs] = values.split(" ").map(text => text === "-" ? NaN : Number(text));
  const id = link.textContent;
  return {
    element, place, id, verdict, metric, base, candidate, effect, lower, visible, pairs,
    anchor: link.hash.slice(1), isQuiet: element.classList.contains("still"), text: `${id} ${metric} ${verdict}`.toLowerCase(),
  };
}

// The view, all of which stands in the address: what is not there is as it was at first.
const initial = () => ({
  search: "", verdicts: new Set(), metric: "", sort: "verdict", all: false, rows: ROWS, theme: "auto", fold: "", turned: new Set(), at: "",
});
let view = initial();

function write() {
  const said = new URLSearchParams();
  const say = (name, value) => { if (value) said.set(name, value); };
  say("search", view.search);
  say("verdict", verdicts.filter(verdict => view.verdicts.has(verdict)).join(","));
  say("metric", view.metric);
  say("sort", view.sort === "verdict" ? "" : view.sort);
  say("all", view.all ? "1" : "");
  say("rows", view.rows > ROWS ? String(view.rows) : "");
  say("theme", view.theme === "auto" ? "" : view.theme);
  say("fold", view.fold);
  say("turned", [...view.turned].sort().join(","));
  if (said.toString() === "") return view.at;
  say("at", view.at);
  return said.toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
}

function parse(fragment) {
  const found = initial();
  if (!fragment.includes("=")) return {...found, at: decode(fragment)};
  const said = new URLSearchParams(fragment);
  const list = name => (said.get(name) || "").split(",");
  const one = (name, known, otherwise) => known.includes(said.get(name)) ? said.get(name) : otherwise;
  found.search = said.get("search") || "";
  found.verdicts = new Set(list("verdict").filter(verdict => verdicts.includes(verdict)));
  found.metric = one("metric", metrics, "");
  found.sort = one("sort", COLUMNS.flatMap(column => [column, `-${column}`]), "verdict");
  found.all = isFolded && said.get("all") === "1";
  found.rows = Math.max(ROWS, Math.floor(Number(said.get("rows"))) || 0);
  found.theme = one("theme", THEMES, "auto");
  found.fold = one("fold", ["open", "shut"], "");
  const marks = new Set(sections.map(section => section.mark));
  found.turned = new Set(list("turned").filter(mark => marks.has(mark)));
  found.at = said.get("at") || "";
  return found;
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// A step is what the back button takes back; typing and unfolding are not.
function change(how, isStep = true) {
  how(view);
  const fragment = `#${write()}`;
  if (fragment !== (location.hash || "#")) history[isStep ? "pushState" : "replaceState"](null, "", fragment);
  show();
}

function follow() {
  const before = view.at;
  view = parse(location.hash.slice(1));
  show();
  if (view.at && view.at !== before) reveal();
}

// What the view is about: by a click it is changed, by the address it is shown.
function goTo(anchor) {
  change(view => { view.at = anchor; });
  reveal();
}

function reveal() {
  const target = document.getElementById(view.at);
  if (!target) return;
  target.scrollIntoView();
  // Where the keyboard goes on from here, as after any link.
  if (target.tabIndex < 0) target.tabIndex = -1;
  target.focus({preventScroll: true});
}

const controls = [];
let chosen = rows;

function show() {
  chosen = sorted(rows.filter(isWanted));
  if (table) {
    // The row that the address asks for is there, however far down.
    const at = chosen.findIndex(row => row.element.id && row.element.id === view.at);
    first("tbody", table).replaceChildren(...chosen.slice(0, Math.max(view.rows, at + 1)).map(row => row.element));
  }
  const anchors = isFiltered() ? new Set(chosen.map(row => row.anchor)) : null;
  for (const section of sections) {
    section.element.hidden = section.isBench && Boolean(anchors) && !anchors.has(section.anchor) && section.anchor !== view.at;
    section.element.open = isOpen(section);
  }
  paint();
  for (const control of controls) control();
}

const isFiltered = () => Boolean(view.search.trim() || view.verdicts.size || view.metric);

function isWanted(row) {
  if (row.element.id && row.element.id === view.at) return true;
  if (!isFiltered()) return view.all || !isFolded || !row.isQuiet;
  const words = view.search.toLowerCase().split(/\s+/);
  return (!view.verdicts.size || view.verdicts.has(row.verdict)) && (!view.metric || row.metric === view.metric)
    && words.every(word => row.text.includes(word));
}

function sorted(some) {
  const isDown = view.sort.startsWith("-");
  const column = isDown ? view.sort.slice(1) : view.sort;
  const sign = isDown ? -1 : 1;
  const byPlace = (a, b) => a.place - b.place;
  if (column === "verdict") return some.sort((a, b) => sign * byPlace(a, b));
  const compare = column === "id"
    ? (a, b) => sign * (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
    : (a, b) => {
      // Nanoseconds and bytes are not larger or smaller than each other, and what was not measured comes last either way.
      const byMetric = column === "base" || column === "candidate" ? metrics.indexOf(a.metric) - metrics.indexOf(b.metric) : 0;
      const [x, y] = [a[column], b[column]];
      return byMetric || Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || (x === y || Number.isNaN(x) ? 0 : sign * (x < y ? -1 : 1));
    };
  return some.sort((a, b) => compare(a, b) || byPlace(a, b));
}

function isOpen(section) {
  if (section.anchor === view.at) return true;
  const stands = view.fold && section.isBench ? view.fold === "open" : section.stoodOpen;
  return stands !== view.turned.has(section.mark);
}

// The dark rules of the style sheet apply by the system's choice, or always, or never.
const dark = [...document.styleSheets[0].cssRules].find(rule => rule.media && rule.media.mediaText.includes("prefers-color-scheme"));
const systems = dark ? dark.media.mediaText : "";

function paint() {
  if (dark) dark.media.mediaText = {auto: systems, light: "not all", dark: "all"}[view.theme];
  document.documentElement.style.colorScheme = view.theme === "auto" ? "" : view.theme;
}

// Controls. Each shows the view again whenever it changes.
function button(text, press, refresh = () => {}) {
  const made = make("button", {type: "button", textContent: text});
  made.addEventListener("click", press);
  controls.push(() => refresh(made));
  return made;
}

function select(label, options, read, choose) {
  const made = make("select", {ariaLabel: label}, ...options.map(([value, textContent]) => make("option", {value, textContent})));
  made.addEventListener("change", () => change(view => choose(view, made.value)));
  controls.push(() => { made.value = read(); });
  return made;
}

function searchField() {
  const field = make("input", {type: "search", placeholder: "search (press /)", ariaLabel: "Search benchmarks", id: "search"});
  field.addEventListener("input", () => {
    const isStep = !field.value !== !view.search;
    change(view => { view.search = field.value; view.rows = ROWS; }, isStep);
  });
  controls.push(() => { if (field.value !== view.search) field.value = view.search; });
  document.addEventListener("keydown", event => {
    const isTyping = event.target.closest && event.target.closest("input, select, textarea");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    event.preventDefault();
    field.focus();
  });
  return field;
}

function verdictButton(verdict) {
  const counted = rows.filter(row => row.verdict === verdict);
  const chip = first(".chip", counted[0].element).cloneNode(true);
  const made = button("", () => change(view => {
    if (!view.verdicts.delete(verdict)) view.verdicts.add(verdict);
    view.rows = ROWS;
  }), made => { made.ariaPressed = String(view.verdicts.has(verdict)); });
  made.className = chip.className;
  made.dataset.verdict = verdict;
  made.append(...chip.childNodes, ` ${counted.length}`);
  return made;
}

function copyButton(text, address) {
  const made = button(text, async () => {
    try {
      await navigator.clipboard.writeText(address());
      made.textContent = "copied";
    } catch {
      made.textContent = "not permitted to copy: take it from the address bar";
    }
    said.textContent = made.textContent;
  });
  made.addEventListener("blur", () => { made.textContent = text; });
  return made;
}

const said = make("p", {className: "unseen", role: "status"});
const here = fragment => `${location.href.split("#")[0]}#${fragment}`;

function tools() {
  const region = first("#series .scroll");
  const count = make("span", {className: "count", role: "status"});
  controls.push(() => {
    const there = first("tbody", table).rows.length;
    count.textContent = `${there} of ${rows.length} rows`;
  });
  const some = metrics.map(metric => [metric, metric]);
  const bar = make("div", {className: "tools"},
    searchField(),
    make("span", {className: "group", role: "group", ariaLabel: "Verdicts shown"}, ...verdicts.map(verdictButton)),
    select("Metric", [["", "all metrics"], ...some], () => view.metric, (view, metric) => { view.metric = metric; view.rows = ROWS; }));
  const names = {verdict: "worst first", id: "benchmark", lower: "lower end of interval", visible: "could see"};
  const orders = COLUMNS.map(column => [natural(column), names[column] || column]);
  const order = select("Sort by", orders, () => view.sort, (view, sort) => { view.sort = sort; });
  order.className = "narrow";
  bar.append(order, count,
    button("clear", () => change(view => Object.assign(view, {...initial(), theme: view.theme, fold: view.fold, turned: view.turned})),
      made => { made.hidden = !isFiltered() && view.sort === "verdict"; }),
    copyButton("copy link", () => here(write())));
  region.before(bar);
  const more = button("", () => change(view => { view.rows += 5 * ROWS; }), made => {
    const left = chosen.length - first("tbody", table).rows.length;
    made.hidden = left <= 0;
    made.textContent = `show more rows: ${left} are left`;
  });
  more.className = "more";
  region.after(more);
}

// Numbers are looked through from the largest.
const natural = column => IS_TEXT.includes(column) ? column : `-${column}`;

function heads() {
  for (const head of all("thead th[data-sort]", table)) {
    const column = head.dataset.sort;
    const other = natural(column) === column ? `-${column}` : column;
    const made = button("", () => change(view => { view.sort = view.sort === natural(column) ? other : natural(column); }), () => {
      if (view.sort.replace("-", "") === column) head.ariaSort = view.sort === column ? "ascending" : "descending";
      else head.removeAttribute("aria-sort");
    });
    if (column === "lower") {
      // The axis stays an image of its own; the button stands between its ends.
      made.textContent = "interval";
      head.prepend(made);
      continue;
    }
    made.append(...head.childNodes);
    head.replaceChildren(made);
  }
}

function quietRows() {
  const box = first("#show-quiet");
  if (!box) return;
  // From here on it is the view that leaves rows out, not the style sheet.
  table.classList.remove("folded");
  first("#series .tools").append(box.closest("p"));
  box.addEventListener("change", () => change(view => { view.all = box.checked; }));
  controls.push(() => {
    box.checked = view.all;
    box.closest("p").hidden = isFiltered();
  });
}

function folding() {
  if (!sections.length) return;
  const fold = how => () => change(view => { view.fold = how; view.turned.clear(); if (how === "shut") view.at = ""; });
  first("#benchmarks-title").after(make("div", {className: "tools"}, button("expand all", fold("open")), button("collapse all", fold("shut"))));
  document.addEventListener("toggle", event => {
    const section = sections.find(section => section.element === event.target);
    if (!section || section.element.open === isOpen(section)) return; // it was the script
    change(view => {
      if (view.at === section.anchor) view.at = "";
      if (section.element.open !== isOpen(section) && !view.turned.delete(section.mark)) view.turned.add(section.mark);
    }, false);
  }, true);
  for (const section of sections.filter(section => section.isBench)) {
    first(".permalink", section.element).append(" ", copyButton("copy it", () => here(section.anchor)));
  }
}

function links() {
  document.addEventListener("click", event => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(decode(link.hash.slice(1)));
  });
}

const theme = select("Theme", THEMES.map(theme => [theme, `${theme} theme`]), () => view.theme, (view, theme) => { view.theme = theme; });
first(".bar nav").append(theme);
document.body.append(said);
if (table) {
  tools();
  heads();
  quietRows();
}
folding();
links();
addEventListener("popstate", follow);
addEventListener("hashchange", follow);
follow();
})();
