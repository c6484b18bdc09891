// Search: every text in the file, memories first, then summaries and messages, session by session.

const HITS_MAX = 300;
const AROUND = 110;
let searching = 0;

// Words all have to be there; words in quotes stand together.
function needlesOf(query) {
  return [...query.matchAll(/"([^"]+)"|(\S+)/g)].map((match) => (match[1] || match[2]).toLowerCase());
}

function snippet(text, needles) {
  const low = text.toLowerCase();
  const at = Math.max(0, Math.min(...needles.map((needle) => low.indexOf(needle)).filter((place) => place >= 0)));
  const start = Math.max(0, at - AROUND);
  const part = text.slice(start, at + AROUND * 2).replace(/\s+/g, " ");
  return [start ? "…" : "", ...marked(part, needles)];
}

function marked(text, needles) {
  const low = text.toLowerCase();
  if (low.length !== text.length) return [text];
  const pieces = [];
  let done = 0;
  while (done < text.length) {
    let next = -1, size = 0;
    for (const needle of needles) {
      const place = low.indexOf(needle, done);
      if (place >= 0 && (next < 0 || place < next)) [next, size] = [place, needle.length];
    }
    if (next < 0) break;
    pieces.push(text.slice(done, next), h("mark", {}, text.slice(next, next + size)));
    done = next + size;
  }
  return [...pieces, text.slice(done)];
}

const texts = new WeakMap();

function lowered(message) {
  if (!texts.has(message)) texts.set(message, textOf([message.blocks, message.extra]).join("\n"));
  return texts.get(message);
}

function searchView(query) {
  const mine = ++searching;
  const needles = needlesOf(query);
  const state = h("p", { class: "facts", role: "status" });
  const list = h("ol", { class: "rows hits" });
  if (!needles.length) return [h("h1", {}, "Search"), h("p", { class: "empty" }, "Type words; words in quotes stand together. Everything in this file is searched.")];
  const matches = (text) => {
    const low = text.toLowerCase();
    return needles.every((needle) => low.includes(needle));
  };
  let hits = 0;
  const hit = (href, label, at, text, where) => {
    hits += 1;
    if (hits > HITS_MAX) return;
    list.append(h("li", {}, h("a", { class: "row", href }, h("span", { class: "badges" }, label), h("span", { class: "what" }, snippet(text, needles)), h("span", { class: "aside dim" }, where, where ? " · " : "", time(at)))));
  };
  const tell = (done) => {
    const all = index.sessions.length;
    const shown = hits > HITS_MAX ? ` (the first ${number(HITS_MAX)} are shown)` : "";
    state.textContent = `${counted(hits, "hit")}${shown} in ${counted(index.nodes.length, "memory", "memories")} and ${done < all ? `${number(done)} of ` : ""}${counted(all, "session")}${done < all ? "…" : "."}${leftOut() ? " Not everything is in this file." : ""}`;
  };
  const run = async () => {
    for (const node of index.nodes) {
      const text = textOf([node.content, node.details, node.tags.map(([, value]) => value), node.id]).join("\n");
      if (matches(text)) hit(link("node", node.id), kindTag(node), node.updated_at, text, statusTag(node));
    }
    let rested = performance.now();
    for (let place = 0; place < index.sessions.length; place += 1) {
      const chunk = await chunkOf(place);
      if (mine !== searching) return;
      const session = index.sessions[place];
      for (const one of chunk.summaries) if (matches(one.text)) hit(`${link("session", session.id)}/summaries/${one.id}`, h("span", { class: "kind summary" }, "summary"), one.at, one.text, session.title.slice(0, 60));
      for (const message of chunk.messages) {
        const text = lowered(message);
        if (matches(text)) hit(link("message", message.id), h("span", { class: "kind" }, message.kind), message.at, text, session.title.slice(0, 60));
      }
      if (performance.now() - rested > 30) {
        tell(place);
        await new Promise((resolve) => setTimeout(resolve));
        rested = performance.now();
      }
    }
    tell(index.sessions.length);
    list.dataset.done = "yes";
    if (!hits) list.replaceWith(h("p", { class: "empty", "data-done": "yes" }, `Nothing in this file holds ${needles.length > 1 ? "all of these words" : "this"}. `, leftOut() ? "Not everything is in the file: " : "", leftOut() ? h("code", {}, `codememory grep ${query}`) : ""));
  };
  tell(0);
  run();
  return [h("h1", {}, "Search: ", query), state, list];
}

const leftOut = () => Object.values(index.left_out).some((count) => count);
