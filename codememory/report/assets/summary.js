// The summaries as a tree: sessions, summaries over summaries, summaries over messages, messages.

function summaryTree(session, chunk, wanted) {
  if (session.summaries && !chunk.summaries.length) {
    return h("p", { class: "empty" }, "The summaries of this session are not in the file: ", h("code", {}, `codememory view --session ${session.id}`));
  }
  const last = chunk.messages.length ? Math.max(session.messages - 1, chunk.messages[chunk.messages.length - 1].seq) : session.messages - 1;
  const children = new Map();
  chunk.summaries.forEach((one, place) => add(children, one.parent === null ? "root" : one.parent, place));
  const roots = (children.get("root") || []);
  const open = new Set();
  for (let place = chunk.summaries.findIndex((one) => wanted && one.id.startsWith(wanted)); place >= 0 && !open.has(place); place = chunk.summaries[place].parent ?? -1) open.add(place);
  const covered = (place) => {
    const one = chunk.summaries[place];
    if (one.method === "client") return chunk.messages.filter((message) => message.thread === "" && message.seq >= one.first && message.seq <= one.last);
    return chunk.messages.filter((message) => message.leaf === place);
  };
  const branch = (place) => {
    const one = chunk.summaries[place];
    const under = children.get(place) || [];
    const row = opening({ class: "branch" }, summaryHead(one, last), () => [
      h("pre", { class: "said" }, referring(one.text, chunk)),
      h("p", { class: "dim" }, one.id, " · ", time(one.at)),
      under.length ? h("ul", { class: "tree" }, under.map((child) => h("li", {}, branch(child)))) : messageList(covered(place), chunk, session),
    ]);
    if (open.has(place)) {
      row.open = true;
      row.fill();
    }
    row.dataset.summary = one.id;
    return row;
  };
  const tail = chunk.messages.filter((message) => message.leaf === null);
  return h("div", {},
    session.compacted ? h("p", { class: "facts" }, `${number(session.compacted)} of ${counted(session.messages, "message")} are under summaries, ${number(session.messages - session.compacted)} are not compacted.`) : null,
    roots.length ? h("ul", { class: "tree top" }, roots.map((place) => h("li", {}, branch(place)))) : h("p", { class: "empty" }, "This session has no summary: it is short, or it was never compacted."),
    tail.length ? opening({ class: "branch" }, h("span", { class: "line" }, h("span", { class: "what" }, "Not compacted"), h("span", { class: "aside dim" }, counted(session.messages - session.compacted, "message"))), () => messageList(tail, chunk, session)) : null);
}

// A summary's text, in which what it rests on is a link: [8 digits of a message].
function referring(text, chunk) {
  return text.split(/\[([0-9a-f]{8,32})\]/).map((part, place) => {
    const message = place % 2 ? found(chunk.byId, `msg_${part}`) : null;
    return message ? ["[", h("a", { href: link("message", message.id) }, part), "]"] : place % 2 ? `[${part}]` : part;
  });
}

function summaryHead(one, last) {
  const ways = { extractive: "", model: "by a model", client: "the client's own" };
  const lines = one.text.split("\n").map((line) => line.replace(/^[#\-* ]+/, "").trim()).filter((line) => line);
  const first = lines.slice(0, 3).join(" ");
  return h("span", { class: "line" }, h("span", { class: `depth depth-${Math.min(one.depth, 3)}` }, one.kind === "leaf" ? "leaf" : `level ${one.depth}`),
    h("span", { class: "what" }, oneLine(first, 200)),
    h("span", { class: "aside dim" }, ways[one.method] ? `${ways[one.method]} · ` : "", `messages ${number(one.first)}–${number(one.last)} · ${number(one.source_tokens)} → ${counted(one.tokens, "token")}`),
    coverage(one.first, one.last, last));
}

function coverage(first, last, whole) {
  const width = 100, size = Math.max(1, whole + 1);
  return svg("svg", { class: "coverage", viewBox: `0 0 ${width} 4`, preserveAspectRatio: "none", role: "img", "aria-label": `messages ${first} to ${last} of ${whole + 1}` },
    svg("rect", { class: "all", width, height: 4 }),
    svg("rect", { class: "part", x: (first / size) * width, width: Math.max(0.7, ((last - first + 1) / size) * width), height: 4 }));
}

function messageList(messages, chunk, session) {
  if (!messages.length) return h("p", { class: "dim" }, "Its messages are not in the file: ", h("code", {}, `codememory view --session ${session.id}`));
  return growing(messages, (message) => h("li", { class: `entry ${message.kind}` }, opening({},
    h("span", { class: "line" }, h("span", { class: "at" }, time(message.at, CLOCK)), h("span", { class: "tool" }, ROLES[message.kind] || message.role), h("span", { class: "what" }, oneLine(textOf(message.blocks).join(" ")))),
    () => [wholeMessage(message)])), { class: "timeline" });
}

function summariesView(parameters) {
  const sessions = index.sessions.filter((one) => one.summaries && (!parameters.get("project") || one.project === parameters.get("project")));
  const total = (name) => sessions.reduce((sum, one) => sum + one[name], 0);
  return [h("h1", {}, "Summaries"),
    h("p", { class: "facts" }, `${counted(total("summaries"), "summary", "summaries")} over ${counted(total("compacted"), "message")} of ${counted(sessions.length, "session")}. Open one down to the messages it is made from.`),
    h("div", { class: "filters" }, choice("project", "Project", projectChoices(), parameters, "summaries")),
    sessions.length ? growing(sessions, (session) => {
      const row = opening({ class: "branch" }, h("span", { class: "line" }, h("span", { class: "depth" }, "session"), h("span", { class: "what" }, session.title || session.id),
        h("span", { class: "aside dim" }, `${counted(session.summaries, "summary", "summaries")} · ${number(session.compacted)} of ${counted(session.messages, "message")}`), coverage(0, session.compacted - 1, session.messages - 1)),
      () => {
        const host = h("div", { class: "dim" }, "Reading…");
        chunkOf(known.places.get(session.id)).then((chunk) => host.replaceChildren(summaryTree(session, chunk)));
        return host;
      });
      return h("li", {}, row);
    }, { class: "tree top" }) : h("p", { class: "empty" }, "There is no summary yet: ", h("code", {}, "codememory compact --all"), " makes them, and so does a session that grows long.")];
}
