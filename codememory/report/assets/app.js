// Which view is shown: the part of the address behind #, so that a link leads there and the browser's back works.

const TITLES = { overview: "Overview", sessions: "Sessions", memories: "Memories", summaries: "Summaries", search: "Search" };
const main = document.getElementById("main");
const overview = document.getElementById("overview-view");
const view = document.getElementById("view");
const query = document.getElementById("query");
let shownHash = null;
const scrolled = new Map();

function routeOf(hash) {
  const [path, parameters] = (hash.replace(/^#/, "") || "overview").split("?");
  const words = path.split("/").map((word) => {
    try {
      return decodeURIComponent(word);
    } catch {
      return word;
    }
  });
  return { name: words[0], words: words.slice(1), parameters: new URLSearchParams(parameters || "") };
}

async function contentOf(route) {
  const [first, ...rest] = route.words;
  if (route.name === "sessions") return sessionsView(route.parameters);
  if (route.name === "memories") return memoriesView(route.parameters);
  if (route.name === "summaries") return summariesView(route.parameters);
  if (route.name === "search") return searchView(route.parameters.get("q") || "");
  if (route.name === "node") {
    const node = found(known.nodes, first || "");
    return node ? nodeView(node) : missing("memory", first);
  }
  if (route.name === "session") {
    const session = found(known.sessions, first || "");
    return session ? sessionParts(session, rest) : missing("session", first);
  }
  if (route.name === "message") {
    const place = first ? await placeOfMessage(first) : -1;
    if (place < 0) return missing("message", first);
    const chunk = await chunkOf(place);
    return timelineOf(place, chunk, found(chunk.byId, first).id);
  }
  return missing("page", route.name);
}

async function sessionParts(session, [part = "", wanted]) {
  const place = known.places.get(session.id);
  const chunk = await chunkOf(place);
  if (part === "summaries") {
    const tree = summaryTree(session, chunk, wanted);
    tree.show = () => {
      const row = wanted && [...tree.querySelectorAll("[data-summary]")].find((one) => one.dataset.summary.startsWith(wanted));
      if (row) row.scrollIntoView({ block: "center" });
    };
    return [...sessionHead(session, part), partial(session), tree];
  }
  if (part === "memories") {
    const nodes = known.nodesOf.get(session.id) || [];
    return [...sessionHead(session, part), nodes.length ? growing(nodes, nodeRow, { class: "rows" }) : h("p", { class: "empty" }, "Nothing was remembered from this session.")];
  }
  return timelineOf(place, chunk, null);
}

const timelineOf = (place, chunk, wanted) => [...sessionHead(index.sessions[place], ""), sessionView(place, chunk, wanted)];

const unreadable = (error) => [h("h1", {}, "This part of the file cannot be read"), h("p", { class: "notice" }, `${error.message}. Write the page anew with `, h("code", {}, "codememory view"), ".")];

function missing(what, id) {
  return [h("h1", {}, "Not in this file"), h("p", {}, `This file holds no ${what} `, h("code", {}, id || ""), ". It may have been left out, or have come in later. ", h("a", { href: "#overview" }, "Back to the overview"))];
}

async function show() {
  const hash = location.hash;
  const route = routeOf(hash);
  if (shownHash !== null) scrolled.set(shownHash, scrollY);
  searching += 1;
  const content = route.name === "overview" ? null : (await contentOf(route).catch(unreadable)).flat().filter(Boolean);
  if (location.hash !== hash) return;
  const first = shownHash === null;
  shownHash = hash;
  overview.hidden = content !== null;
  view.hidden = content === null;
  view.replaceChildren(...(content || []));
  const section = { session: "sessions", message: "sessions", node: "memories", summary: "summaries" }[route.name] || route.name;
  for (const tab of document.querySelectorAll("header nav a")) {
    if (tab.hash === `#${section}`) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const heading = view.querySelector("h1");
  document.title = `${content && heading ? oneLine(heading.textContent, 60) : TITLES.overview} · CodeMemory`;
  if (route.name === "search" || document.activeElement !== query) query.value = route.parameters.get("q") || "";
  scrollTo(0, scrolled.get(hash) || 0);
  for (const part of content || []) if (part.show) part.show();
  if (!first && document.activeElement === document.body) main.focus({ preventScroll: true });
  main.dataset.ready = hash || "#overview";
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  button.textContent = { auto: "Auto", light: "Light", dark: "Dark" }[theme];
  button.setAttribute("aria-label", `Colours: ${theme}. Change`);
  try {
    localStorage.setItem("codememory-theme", theme);
  } catch {
    // A page opened from a file may keep nothing.
  }
}

document.getElementById("theme").addEventListener("click", () => {
  const order = ["auto", "light", "dark"];
  setTheme(order[(order.indexOf(document.documentElement.dataset.theme) + 1) % order.length]);
});

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

let typing = 0;
function search(commit) {
  clearTimeout(typing);
  const words = query.value.trim();
  if (!words) return;
  const hash = `#search?${new URLSearchParams({ q: words })}`;
  if (hash === location.hash) return;
  if (commit || !location.hash.startsWith("#search")) location.hash = hash;
  else {
    history.replaceState(null, "", hash);
    show();
  }
}
query.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, 250);
});
document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search(true);
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.activeElement === query) {
    query.value = "";
    query.blur();
    if (location.hash.startsWith("#search")) history.back();
    return;
  }
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea");
  if (busy) return;
  if (event.key === "/") {
    event.preventDefault();
    query.focus();
    query.select();
  }
  const list = event.target.closest("ol, ul.tree");
  if (list && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const stops = [...list.querySelectorAll("summary, a.row")].filter((one) => one.checkVisibility());
    const next = stops[stops.indexOf(event.target.closest("summary, a.row")) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next && stops.includes(event.target.closest("summary, a.row"))) {
      event.preventDefault();
      next.focus();
    }
  }
});

setTheme(document.documentElement.dataset.theme || "auto");
open().then(() => {
  addEventListener("hashchange", show);
  return show();
}).catch((error) => {
  view.hidden = false;
  view.replaceChildren(...unreadable(error));
});
