// Elements are made here and nowhere else, always from text: nothing stored is ever parsed as markup.

function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, properties, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function icon(name) {
  return svg("svg", { class: `icon icon-${name}`, "aria-hidden": "true", viewBox: "0 0 16 16" }, svg("use", { href: `#i-${name}` }));
}

const LANGUAGE = "en-GB";
const DAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const MINUTE = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const NUMBER = new Intl.NumberFormat(LANGUAGE);

function time(at, format = MINUTE) {
  if (!at) return h("span", { class: "dim" }, "unknown time");
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return h("span", { class: "dim" }, "unknown time");
  return h("time", { datetime: moment.toISOString(), title: moment.toISOString() }, format.format(moment));
}

function span(milliseconds) {
  const minutes = Math.round(milliseconds / 60000);
  if (minutes < 1) return "under a minute";
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

const number = (value) => NUMBER.format(value);
const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
const link = (kind, id) => `#${kind}/${encodeURIComponent(id)}`;
const folder = (path) => (path || "").split("/").filter(Boolean).pop() || path || "";

function oneLine(text, limit = 240) {
  const line = text.slice(0, limit * 3).replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

// A list that grows as it is scrolled: ten thousand entries cost what is looked at.
const LIST_BATCH = 80;

function growing(items, render, properties) {
  const list = h("ol", properties);
  const more = h("li", { class: "more", "aria-hidden": "true" });
  let shown = 0;
  list.reveal = (count) => {
    const upto = Math.min(items.length, count);
    const batch = document.createDocumentFragment();
    for (; shown < upto; shown += 1) batch.append(render(items[shown], shown));
    more.before(batch);
    if (shown >= items.length) more.remove();
  };
  list.append(more);
  list.reveal(LIST_BATCH);
  const watcher = new IntersectionObserver(
    (seen) => {
      if (!list.isConnected) watcher.disconnect();
      else if (seen.some((one) => one.isIntersecting)) {
        list.reveal(shown + LIST_BATCH);
        watcher.unobserve(more);
        if (shown < items.length) watcher.observe(more);
      }
    },
    { rootMargin: "1200px" },
  );
  requestAnimationFrame(() => watcher.observe(more));
  addEventListener("beforeprint", () => list.isConnected && list.reveal(PRINTED_MAX), { once: true });
  return list;
}

const PRINTED_MAX = 2000;

// A row that opens: its body is made when it is opened for the first time.
function opening(properties, head, body) {
  const details = h("details", properties, h("summary", { onclick: () => details.fill() }, head));
  let made = false;
  details.fill = () => {
    if (!made) details.append(h("div", { class: "body" }, body()));
    made = true;
  };
  details.addEventListener("toggle", () => details.open && details.fill());
  return details;
}
