// A session's timeline: what was asked, done, failed, repaired, and what the model was told.

const SORTS = [
  ["prompt", "Prompts"], ["reply", "Replies"], ["edit", "Edits"], ["command", "Commands"], ["failure", "Failures"],
  ["told", "Told the model"], ["tool", "Other tools"], ["event", "Compactions, subagents"],
];

const EVENTS = {
  SessionStart: "as the session started", UserPromptSubmit: "with the user's prompt", PreToolUse: "before a tool ran",
  PostToolUse: "after a tool ran", PostToolUseFailure: "after a tool failed", SubagentStart: "as a subagent started",
  PreCompact: "before a compaction",
};
const moment = (event) => EVENTS[event] || `at ${event}`;

function sessionView(place, chunk, wanted) {
  const session = index.sessions[place];
  const entries = entriesOf(session, chunk);
  const hidden = new Set();
  const host = h("div");
  const counts = Object.fromEntries(SORTS.map(([sort]) => [sort, entries.filter((one) => one.sorts.has(sort)).length]));
  const draw = (until) => {
    const shown = entries.filter((one) => [...one.sorts].some((sort) => !hidden.has(sort)));
    let day = "";
    const list = growing(shown, (one) => {
      const its = one.at ? DAY.format(new Date(one.at)) : day;
      const row = entryRow(one, chunk, its !== day ? its : null);
      day = its;
      return row;
    }, { class: "timeline" });
    host.replaceChildren(shown.length ? list : h("p", { class: "empty" }, entries.length ? "Nothing of the chosen kinds." : "No message of this session is in the file."));
    if (until) list.reveal(shown.indexOf(until) + 20);
  };
  const toggles = SORTS.filter(([sort]) => counts[sort]).map(([sort, label]) =>
    h("button", { class: "chip", type: "button", "aria-pressed": "true", onclick: (event) => {
      const off = !hidden.delete(sort);
      if (off) hidden.add(sort);
      event.currentTarget.setAttribute("aria-pressed", String(!off));
      draw();
    } }, label, " ", h("span", { class: "count" }, number(counts[sort]))));
  const target = wanted && entries.find((one) => one.messages.some((message) => message.id === wanted));
  draw(target);
  const part = h("div", {}, partial(session), h("div", { class: "filters", role: "group", "aria-label": "Kinds shown" }, toggles), host);
  part.show = () => target && target.row && reveal(target.row, wanted);
  return part;
}

function reveal(row, wanted) {
  const details = row.querySelector("details");
  if (details) {
    details.open = true;
    details.fill();
  }
  const at = [...row.querySelectorAll("[data-message]")].find((one) => one.dataset.message === wanted) || row;
  at.classList.add("wanted");
  at.scrollIntoView({ block: "center" });
  const head = row.querySelector("summary");
  if (head) head.focus({ preventScroll: true });
}

function partial(session) {
  const left = session.messages - session.kept;
  if (!left) return null;
  return h("p", { class: "notice" }, `${counted(left, "message")} of ${number(session.messages)} of this session ${left === 1 ? "is" : "are"} not in the file; those that memories rest on are. All of them: `,
    h("code", {}, `codememory view --session ${session.id}`), " or ", h("code", {}, `codememory expand ${session.id}`));
}

function entriesOf(session, chunk) {
  const told = groupedTold(known.toldIn.get(session.id) || []);
  const entries = [];
  const threads = new Set([""]);
  let next = 0;
  for (const message of chunk.messages) {
    while (next < told.length && message.at && told[next].at <= message.at) entries.push(told[next++]);
    if (!threads.has(message.thread)) {
      threads.add(message.thread);
      entries.push(agentEntry(session, message));
    }
    entries.push(...entriesOfMessage(message, chunk, session));
  }
  return [...entries, ...told.slice(next)];
}

function groupedTold(told) {
  const groups = new Map();
  for (const one of told) add(groups, `${one.at} ${one.event} ${one.thread}`, one);
  return [...groups.values()].map((group) => ({
    sort: "told", sorts: new Set(["told"]), at: group[0].at, told: group, messages: [], thread: group[0].thread,
    text: `Told ${moment(group[0].event)}: ${oneLine(group[0].node ? group[0].node.content : "a quoted message", 140)}${group.length > 1 ? ` and ${number(group.length - 1)} more` : ""}`,
  }));
}

function agentEntry(session, message) {
  const agent = (known.agentsIn.get(session.id) || []).find((one) => one.agent && message.thread.includes(one.agent));
  return { sort: "event", sorts: new Set(["event"]), at: message.at, messages: [], thread: message.thread, text: `Subagent started${agent ? `: ${agent.type}` : ""}`, icon: "agent" };
}

function entriesOfMessage(message, chunk, session) {
  const base = { at: message.at, messages: [message], thread: message.thread };
  const uses = blocksOf(message).filter((block) => block && block.type === "tool_use");
  if (uses.length) return uses.map((block) => callEntry(block, message, chunk, base, session));
  const spoken = oneLine(blocksOf(message).filter((block) => block && block.type === "text").map((block) => plain(block.text)).join("\n"));
  const text = spoken || oneLine(textOf(message.blocks).join(" "));
  if (message.kind === "result") {
    const orphan = blocksOf(message).filter((block) => block && block.type === "tool_result" && !chunk.asked.has(block.tool_use_id));
    return orphan.length ? [{ ...base, sort: "tool", sorts: new Set(["tool"]), text: text || "A result", icon: "tool" }] : [];
  }
  if (message.kind === "summary") return [{ ...base, sort: "event", sorts: new Set(["event"]), text: `Compacted; the client's summary: ${text}`, icon: "compact" }];
  const own = message.kind === "task" || (message.kind === "prompt" && message.tier !== "N");  // not a command of the client's own
  const sort = own ? "prompt" : message.kind === "reply" ? "reply" : "tool";
  if (!text) return [];
  return [{ ...base, sort, sorts: new Set([sort]), text, dim: sort === "tool" || !spoken, notes: notesOn(message.id, null) }];
}

function callEntry(block, message, chunk, base, session) {
  const call = (message.calls || []).find((one) => one.id === block.id);
  const result = chunk.results.get(block.id);
  const input = block.input && typeof block.input === "object" ? block.input : {};
  const sort = input.command !== undefined ? "command" : call && call.edit ? "edit" : "tool";
  const failures = known.failuresOf.get(block.id) || [];
  const what = plain(input.command ?? input.file_path ?? input.notebook_path ?? input.pattern ?? input.prompt ?? input.url ?? input.query ?? "") || textOf(input).join(" ");
  return {
    ...base, sort, sorts: new Set(failures.length ? [sort, "failure"] : [sort]), icon: sort, tool: plain(block.name), text: oneLine(what.startsWith(`${session.project}/`) ? what.slice(session.project.length + 1) : what), mono: true,
    outcome: outcomeOf(sort, call, result), failures, call: block.id, notes: notesOn(null, block.id),
    messages: result ? [message, result.message] : [message],
  };
}

function outcomeOf(sort, call, result) {
  if (call && call.outcome === "running") return result ? null : { text: "no result", tone: "dim" };
  if (call && call.exit) return { text: `exit ${call.exit}`, tone: "bad" };
  if (call && call.outcome !== "ok") return { text: call.outcome, tone: call.outcome === "failed" ? "bad" : "warn" };
  if (result && result.block.is_error) return { text: "error", tone: "bad" };
  if (!result && !call) return { text: "no result", tone: "dim" };
  return sort === "command" ? { text: "exit 0", tone: "good" } : null;
}

// What was remembered from this, and what this check told of a fix.
function notesOn(messageId, callId) {
  const notes = [];
  const resting = (callId ? known.restingOnCall.get(callId) : known.restingOnMessage.get(messageId)) || [];
  for (const node of resting) notes.push({ node, text: `Remembered as a ${KINDS[node.kind] || node.kind}: ` });
  for (const attempt of (callId && known.attemptsOf.get(callId)) || []) {
    const failure = known.nodes.get(attempt.attempt.failure);
    if (!failure) continue;
    const words = { succeeded: "This passed, so this failure counts as fixed: ", failed: "A fix was tried; this failed again: ", partial: "After a change this error is gone, another is there: " };
    notes.push({ node: failure, text: words[attempt.attempt.outcome] || "A fix was tried: ", tone: attempt.attempt.outcome === "succeeded" ? "good" : "bad" });
  }
  return notes;
}

function entryRow(entry, chunk, day) {
  const head = h("span", { class: "line" },
    h("span", { class: "at" }, entry.at ? time(entry.at, CLOCK) : ""),
    icon(entry.icon || entry.sort),
    entry.tool ? h("span", { class: "tool" }, entry.tool) : null,
    h("span", { class: entry.mono ? "what mono" : "what" }, entry.text),
    entry.outcome ? h("span", { class: `tag ${entry.outcome.tone}` }, entry.outcome.text) : null);
  const notes = [...(entry.failures || []).map((node) => failureNote(node, entry)), ...(entry.notes || []).map((note) =>
    h("p", { class: `note ${note.tone || ""}` }, note.text, h("a", { href: link("node", note.node.id) }, oneLine(note.node.content, 160))))];
  const classes = `entry ${entry.sort}${entry.thread ? " aside" : ""}${entry.dim ? " faint" : ""}${entry.failures && entry.failures.length ? " failing" : ""}`;
  const body = entry.told ? () => toldList(entry.told) : () => entry.messages.map(wholeMessage);
  const row = entry.told || entry.messages.length ? opening({}, head, body) : h("div", { class: "bare" }, head);
  entry.row = h("li", { class: classes }, row, notes.length ? h("div", { class: "notes" }, notes) : null);
  if (!day) return entry.row;
  const both = document.createDocumentFragment();
  both.append(h("li", { class: "day" }, h("h3", {}, day)), entry.row);
  return both;
}

function failureNote(node, entry) {
  const fix = (node.attempts || []).filter((one) => one.outcome === "succeeded" && one.at >= (entry.at || 0)).pop();
  return h("p", { class: "note bad" }, "Failure: ", h("a", { href: link("node", node.id) }, oneLine(node.content, 160)),
    fix ? h("span", { class: "good" }, " Fixed later: ", fix.call && index.calls[fix.call] && index.calls[fix.call].message
      ? h("a", { href: link("message", index.calls[fix.call].message) }, oneLine(fix.summary || "see the attempt", 90)) : oneLine(fix.summary || "", 90)) : null);
}

function toldList(told) {
  return h("ul", { class: "told" }, told.map((one) => h("li", {},
    one.node ? [kindTag(one.node), " ", h("a", { href: link("node", one.node.id) }, one.node.content)]
      : ["a quoted message: ", h("a", { href: link("message", one.message) }, one.message)],
    h("span", { class: "dim" }, ` ${counted(one.tokens, "token")}`))));
}

function sessionHead(session, part) {
  const made = (known.nodesOf.get(session.id) || []).length;
  const tab = (name, label) => h("a", { href: `${link("session", session.id)}${name ? `/${name}` : ""}`, "aria-current": part === name ? "page" : null }, label);
  return [
    h("p", { class: "crumbs" }, h("a", { href: "#sessions" }, "Sessions"), " / ", folder(session.project)),
    h("h1", {}, session.title || h("span", { class: "dim" }, "A session without a prompt")),
    h("p", { class: "facts" }, time(session.started_at), ` · ${span(session.last_at - session.started_at)} · ${counted(session.messages, "message")} · ${counted(session.prompts, "prompt")} · ${counted(session.edits, "edit")} · ${counted(session.commands, "command")} · ${counted(session.failed, "failed call")}`,
      session.compactions ? ` · ${counted(session.compactions, "compaction")}` : "", session.agents ? ` · ${counted(session.agents, "subagent")}` : ""),
    h("p", { class: "facts" }, h("span", { class: "id" }, session.id), " ", h("span", { class: "dim" }, session.project)),
    h("nav", { class: "tabs", "aria-label": "Parts of the session" }, tab("", "Timeline"), tab("summaries", `Summaries ${number(session.summaries)}`), tab("memories", `Memories ${number(made)}`)),
  ];
}

// The list of sessions.
function sessionRow(session) {
  const bits = [counted(session.messages, "message"), session.edits && counted(session.edits, "edit"), session.commands && counted(session.commands, "command")].filter(Boolean);
  return h("li", {}, h("a", { class: "row", href: link("session", session.id) },
    h("span", { class: "at" }, time(session.last_at)),
    h("span", { class: "what" }, session.title || h("span", { class: "dim" }, "no prompt")),
    h("span", { class: "aside dim" }, `${folder(session.project)} · ${bits.join(" · ")}`,
      session.failed ? h("span", { class: "tag bad" }, `${number(session.failed)} failed`) : null,
      session.kept < session.messages ? h("span", { class: "tag dim" }, session.kept ? "in part" : "listed only") : null)));
}

function sessionsView(parameters) {
  const sessions = index.sessions.filter((one) => !parameters.get("project") || one.project === parameters.get("project"));
  return [h("h1", {}, "Sessions"),
    h("div", { class: "filters" }, choice("project", "Project", projectChoices(), parameters, "sessions"),
      h("span", { class: "dim", role: "status" }, counted(sessions.length, "session"))),
    sessions.length ? growing(sessions, sessionRow, { class: "rows" }) : h("p", { class: "empty" }, "No session is in this view. Sessions come in through the hooks, or with ", h("code", {}, "codememory backfill"), ".")];
}
