// Memories: the list with its filters, and one memory with all that it rests on.

const KINDS = { failure: "failure", fix_attempt: "fix attempt", decision: "decision", constraint: "constraint", task: "task", summary: "summary" };
const STATUSES = { active: "in force", resolved: "resolved", superseded: "replaced", stale: "stale" };
const ORIGINS = {
  model: "marked by the model", user: "marked by the user", extracted: "recognised in what was said or done", client: "told by the client",
};
const TRUST = { stated: "stated", observed: "seen in a tool's output", quarantined: "quarantined: never said to the model" };
const SHORT = 14;

const kindTag = (node) => h("span", { class: `kind ${node.kind}` }, KINDS[node.kind] || node.kind);

function statusTag(node) {
  if (node.kind === "failure") {
    const words = { fixed: ["fixed", "good"], back: ["back again", "bad"], open: ["open", "bad"], gone: [node.status, "dim"] }[node.verdict.state];
    return h("span", { class: `tag ${words[1]}` }, words[0]);
  }
  if (node.attempt) {
    const tones = { succeeded: "good", partial: "warn", failed: "bad" };
    return h("span", { class: `tag ${tones[node.attempt.outcome] || "dim"}` }, node.attempt.outcome);
  }
  return h("span", { class: `tag ${node.status === "active" ? "good" : "dim"}` }, node.kind === "task" && node.status === "active" ? "open" : node.kind === "task" && node.status === "resolved" ? "done" : STATUSES[node.status] || node.status);
}

function nodeLink(id) {
  const node = known.nodes.get(id);
  if (!node) return h("span", { class: "dim" }, id ? `${id.slice(0, SHORT)}, not in this file` : "a memory that is not in this file");
  return h("a", { href: link("node", node.id) }, oneLine(node.content, 200));
}

const filesOf = (node) => node.tags.filter(([kind]) => kind === "file" || kind === "glob").map(([, value]) => value);

function nodeRow(node) {
  return h("li", {}, h("a", { class: "row", href: link("node", node.id) },
    h("span", { class: "badges" }, kindTag(node), statusTag(node)),
    h("span", { class: "what" }, oneLine(node.content, 300)),
    h("span", { class: "aside dim" }, [time(node.updated_at), filesOf(node).slice(0, 2).join(", "), node.said.length && `told ${number(node.said.length)}×`]
      .filter(Boolean).flatMap((one, place) => (place ? [" · ", one] : [one])))));
}

function choice(name, label, options, parameters, view) {
  const select = h("select", { name, onchange: () => {
    const next = new URLSearchParams(parameters);
    if (select.value) next.set(name, select.value);
    else next.delete(name);
    location.hash = `${view}${next.size ? `?${next}` : ""}`;
  } }, options.map(([value, text]) => h("option", { value, selected: (parameters.get(name) || "") === value }, text)));
  return h("label", {}, h("span", {}, label), select);
}

const projectChoices = () => [["", "all projects"], ...index.projects.map((one) => [one.root, `${one.name || folder(one.root)} (${one.root})`])];

const AGES = [["", "any time"], ["1", "last day"], ["7", "last 7 days"], ["30", "last 30 days"], ["90", "last 90 days"]];
const DAY_MS = 86400000;

function memoriesView(parameters) {
  const wanted = (name) => parameters.get(name) || "";
  const since = wanted("days") ? index.at - Number(wanted("days")) * DAY_MS : 0;
  const words = wanted("words").toLowerCase();
  const fits = (node, besides = "") =>
    (besides === "kind" || !wanted("kind") || node.kind === wanted("kind")) &&
    (besides === "status" || !wanted("status") || node.status === wanted("status")) &&
    (!wanted("project") || node.project === wanted("project")) && node.updated_at >= since &&
    (!wanted("file") || filesOf(node).some((file) => file.toLowerCase().includes(wanted("file").toLowerCase()))) &&
    (!words || textOf([node.content, node.details, node.tags]).join(" ").toLowerCase().includes(words));
  const shown = index.nodes.filter((node) => fits(node));
  const counts = (name, values) => Object.entries(values).map(([value, text]) => [value, `${text} (${number(index.nodes.filter((node) => fits(node, name) && node[name] === value).length)})`]);
  const field = (name, label, hint) => {
    const input = h("input", { type: "search", name, value: wanted(name), placeholder: hint, onchange: () => {
      const next = new URLSearchParams(parameters);
      if (input.value.trim()) next.set(name, input.value.trim());
      else next.delete(name);
      location.hash = `memories${next.size ? `?${next}` : ""}`;
    } });
    return h("label", {}, h("span", {}, label), input);
  };
  return [h("h1", {}, "Memories"),
    h("div", { class: "filters" },
      choice("kind", "Kind", [["", "all kinds"], ...counts("kind", KINDS)], parameters, "memories"),
      choice("status", "Status", [["", "any status"], ...counts("status", { active: "active", resolved: "resolved", superseded: "superseded", stale: "stale" })], parameters, "memories"),
      choice("project", "Project", projectChoices(), parameters, "memories"),
      choice("days", "Changed", AGES, parameters, "memories"),
      field("file", "File", "part of a path"), field("words", "Words", "in the memory"),
      h("span", { class: "dim", role: "status" }, counted(shown.length, "memory", "memories"),
        parameters.size ? [" · ", h("a", { href: "#memories" }, "show all")] : "")),
    shown.length ? growing(shown, nodeRow, { class: "rows" }) : h("p", { class: "empty" }, index.nodes.length ? "No memory fits these filters." : "Nothing is remembered yet.")];
}

function nodeView(node) {
  const part = (title, ...content) => h("section", { class: "part" }, h("h2", {}, title), ...content);
  const evidence = evidenceBeside(node);
  const details = Object.entries(node.details).filter(([name, value]) => NAMES[name] && textOf(value).join("").trim());
  return [
    h("p", { class: "crumbs" }, h("a", { href: "#memories" }, "Memories"), " / ", h("a", { href: `#memories?kind=${node.kind}` }, KINDS[node.kind] || node.kind)),
    h("p", { class: "badges" }, kindTag(node), statusTag(node)),
    h("h1", { class: node.kind === "failure" ? "mono" : "" }, node.content),
    h("p", { class: "facts" }, h("span", { class: "id" }, node.id.slice(0, SHORT)), ` · ${folder(node.project)} · written `, time(node.created_at),
      node.updated_at > node.created_at ? [" · changed ", time(node.updated_at)] : "", node.branch ? ` · branch ${node.branch}` : ""),
    node.kind === "failure" ? failureParts(node, part) : null,
    node.attempt ? attemptParts(node, part) : null,
    details.length ? part("What it says", h("dl", {}, details.map(([name, value]) => [h("dt", {}, NAMES[name]), h("dd", {}, saying(name, value))]))) : null,
    replacing(node, part),
    part("Where it comes from", h("p", {}, `${ORIGINS[node.origin] || node.origin}, ${TRUST[node.trust] || node.trust}, ${Math.round(node.confidence * 100)}% sure`,
      node.session ? [", in the session ", sessionLink(node.session)] : ""),
    evidence.length ? h("ul", {}, evidence.slice(0, EVIDENCE_MAX).map(evidenceOf)) : h("p", { class: "dim" }, node.evidence.length ? "What it rests on is listed above." : "No message is kept as its evidence."),
    evidence.length > EVIDENCE_MAX ? h("p", { class: "dim" }, `and ${number(evidence.length - EVIDENCE_MAX)} more`) : null),
    part("Said to the model", saidOf(node)),
    node.tags.length ? part("Found by", h("ul", { class: "tags" }, node.tags.map(([kind, value]) => h("li", {}, h("span", { class: "dim" }, kind), " ", h("code", {}, value))))) : null,
    node.kind === "failure" ? null : part("Its life", h("ol", { class: "life" }, node.lifecycle.map(stepOf))),
    h("p", { class: "dim" }, "On the command line: ", h("code", {}, `codememory describe ${node.id.slice(0, SHORT)}`), ", ", h("code", {}, `codememory why ${node.id.slice(0, SHORT)}`)),
  ];
}

const EVIDENCE_MAX = 12;

// What a memory rests on, apart from the calls that stand above already and from their messages.
function evidenceBeside(node) {
  const above = new Set([...(node.occurrences || []).map((one) => one.call), ...(node.attempts || []).map((one) => one.call), node.attempt && node.attempt.check]);
  const calls = [...above, ...node.evidence.map((one) => one.call)].map((id) => index.calls[id]).filter(Boolean);
  const theirs = new Set(calls.flatMap((call) => [call.message, call.result]));
  return node.evidence.filter((one) => (one.call ? !above.has(one.call) : !theirs.has(one.message)));
}

const NAMES = {
  rationale: "Why", details: "Details", alternatives_rejected: "Rejected", acceptance_criteria: "Done when", command: "Command", lines: "Error", file: "File", type: "Type", commands: "Commands", check: "Check",
};

function saying(name, value) {
  if (Array.isArray(value)) return name === "lines" ? verbatim(value.map(plain).join("\n")) : h("ul", {}, value.map((one) => h("li", {}, plain(one))));
  return ["command", "file", "check"].includes(name) ? h("code", {}, plain(value)) : plain(value);
}

function sessionLink(id) {
  const session = known.sessions.get(id);
  return session ? h("a", { href: link("session", id) }, session.title ? `“${oneLine(session.title, 60)}”` : id) : h("span", { class: "dim" }, id || "unknown");
}

function evidenceOf(one) {
  if (one.call) return h("li", {}, callLine(index.calls[one.call]));
  if (one.message) return h("li", {}, one.text ? [h("q", {}, oneLine(one.text, 200)), " "] : null, h("a", { href: link("message", one.message) }, "open the message"));
  return h("li", { class: "dim" }, `${one.source}, which is not in this file`);
}

function callLine(call, dated = true) {
  if (!call) return h("span", { class: "dim" }, "a call that is not in this file");
  const target = call.result || call.message;
  const tone = call.outcome === "ok" ? "good" : call.outcome === "failed" ? "bad" : "dim";
  return [h("span", { class: "dim" }, call.edit ? "edited" : call.tool === "Bash" ? "ran" : call.tool), " ", h("code", {}, oneLine(call.what, 300) || call.tool), " ",
    h("span", { class: `tag ${tone}` }, call.exit === null ? call.outcome : `exit ${call.exit}`), " ", dated ? [time(call.at), " "] : null,
    target ? h("a", { href: link("message", target) }, "open the message") : h("span", { class: "dim" }, "its message is not in the transcript")];
}

// Why a failure stands where it stands: the verdict first, then everything that happened, in order.
function failureParts(node, part) {
  const fix = node.verdict.by && known.nodes.get(node.verdict.by);
  const tone = { fixed: "good", back: "bad", open: "bad", gone: "dim" }[node.verdict.state];
  const title = { fixed: "Why it is considered fixed", back: "Why it is open again", open: "Where it stands", gone: "Where it stands" }[node.verdict.state];
  const attempt = fix && node.attempts.find((one) => one.id === fix.id);
  const met = attempt && node.occurrences.find((one) => one.call && one.at <= attempt.at);
  const proof = [
    met ? h("li", {}, h("strong", {}, "The failure: "), callLine(index.calls[met.call])) : null,
    fix ? h("li", {}, h("strong", {}, "The change: "), h("a", { href: link("node", fix.id) }, fix.content), changesOf(fix)) : null,
    attempt && attempt.outcome === "succeeded" ? h("li", {}, h("strong", {}, "The proof: "), callLine(index.calls[attempt.call])) : null,
    !attempt && node.verdict.call ? h("li", {}, h("strong", {}, "The check: "), callLine(index.calls[node.verdict.call])) : null,
    node.verdict.state === "back" && node.occurrences.length && node.occurrences[0].call ? h("li", {}, h("strong", {}, "And then: "), callLine(index.calls[node.occurrences[0].call])) : null,
    node.verdict.message ? h("li", {}, h("strong", {}, "The user's words: "), h("a", { href: link("message", node.verdict.message) }, "open the message")) : null,
  ].filter(Boolean);
  return [
    h("section", { class: `verdict ${tone}` }, h("h2", {}, title), h("p", {}, node.verdict.sentence), proof.length ? h("ul", {}, proof) : null),
    part("What happened", h("ol", { class: "chain" }, chainOf(node)),
      node.failure.occurrences > node.occurrences.length ? h("p", { class: "dim" }, `It happened ${counted(node.failure.occurrences, "time")}; the latest ${number(node.occurrences.length)} are shown.`) : null),
  ];
}

function chainOf(node) {
  const complete = node.failure.occurrences <= node.occurrences.length;
  const steps = [...node.occurrences].reverse().map((one, place) => ({ at: one.at, order: 0, tone: "bad", title: place === 0 && complete ? "It failed for the first time" : "It failed again", body: one.call ? callLine(index.calls[one.call], false) : h("span", {}, "in ", sessionLink(one.session)) }));
  for (const one of node.attempts) {
    const words = { succeeded: ["Changed, and the check passed", "good"], failed: ["Changed, and it failed again", "warn"], partial: ["Changed; this error was gone, but another was there", "warn"] }[one.outcome] || ["Changed", "dim"];
    const held = known.nodes.get(one.id);
    steps.push({ at: one.at, order: -1, tone: words[1], title: words[0], body: [h("a", { href: link("node", one.id) }, held ? held.content : oneLine(one.summary)), 
      held && one.id !== node.verdict.by ? changesOf(held) : null, h("p", {}, "Checked by: ", callLine(index.calls[one.call], false))] });
  }
  for (const step of node.lifecycle) {
    if (step.verb === "created" || (step.verb === "resolved" && step.detail.by) || step.verb === "reopened") continue;
    const call = step.detail.call ? callLine(index.calls[step.detail.call], false) : null;
    steps.push({ at: step.at, order: 1, tone: step.verb === "resolved" || step.verb === "passed" ? "good" : "dim", title: step.verb === "passed" ? "Its check passed, with no change in between" : stepTitle(step), body: call || step.detail.reason || "" });
  }
  steps.sort((one, other) => one.at - other.at || one.order - other.order);
  return steps.map((step) => h("li", { class: step.tone }, h("p", {}, h("strong", {}, step.title), " ", time(step.at)), h("div", {}, step.body)));
}

function changesOf(attempt) {
  const hunks = Array.isArray(attempt.details.hunks) ? attempt.details.hunks : [];
  const commands = Array.isArray(attempt.details.commands) ? attempt.details.commands : [];
  return [hunks.map((one) => h("div", { class: "hunk" }, h("p", { class: "file" }, plain(one.file), one.rewrite ? " (written anew)" : ""), change(one.edit))),
    commands.map((one) => h("pre", { class: "command" }, "$ ", plain(one)))];
}

function attemptParts(node, part) {
  return [
    part("Against the failure", h("p", {}, nodeLink(node.attempt.failure))),
    part("What was changed", changesOf(node), h("p", {}, h("strong", {}, "Checked by: "), callLine(index.calls[node.attempt.check]))),
  ];
}

// The chain of what replaced what, the newest first.
function replacing(node, part) {
  const links = (direction) => node.relations.filter(([kind, way]) => kind === "supersedes" && way === direction).map(([, , id]) => id);
  const others = node.relations.filter(([kind]) => !["supersedes", "attemptedFixFor", "resolves"].includes(kind));
  const older = links("out"), newer = links("in");
  return [
    newer.length ? part("Replaced by", h("ul", {}, newer.map((id) => h("li", {}, nodeLink(id))))) : null,
    older.length ? part("What it replaced", h("ul", { class: "older" }, older.map((id) => olderOf(id, new Set([node.id]))))) : null,
    others.length ? part("Linked with", h("ul", {}, others.map(([kind, way, id]) => h("li", {}, h("span", { class: "dim" }, `${RELATIONS[kind] || kind}${way === "in" ? " (from)" : ""} `), nodeLink(id))))) : null,
  ];
}

const RELATIONS = { causedBy: "caused by", derivedFromSummary: "derived from", evidenceOf: "evidence of", conflictsWith: "conflicts with", relatedTo: "related to" };

function olderOf(id, seen) {
  const node = known.nodes.get(id);
  const before = node && !seen.has(id) ? node.relations.filter(([kind, way]) => kind === "supersedes" && way === "out").map(([, , one]) => one) : [];
  return h("li", {}, nodeLink(id), node && node.details.rationale ? h("p", { class: "dim" }, "because ", plain(node.details.rationale)) : null,
    before.length ? h("ul", {}, before.map((one) => olderOf(one, new Set([...seen, id])))) : null);
}

function stepTitle(step) {
  const verbs = { created: "Written", resolved: "Resolved", reopened: "Opened again", superseded: "Replaced", staled: "Went stale", passed: "Its check passed", judged: "Judged" };
  return `${verbs[step.verb] || step.verb} (${ORIGINS[step.actor] ? step.actor.replace("extracted", "by itself") : step.actor})`;
}

const stepOf = (step) => h("li", {}, h("p", {}, h("strong", {}, stepTitle(step)), " ", time(step.at)), step.detail.reason ? h("div", {}, plain(step.detail.reason)) : null, step.detail.by ? h("div", {}, nodeLink(step.detail.by)) : null);

// A failure is said with its remedy: then the ledger has the attempt.
function saidOf(node) {
  const said = [...node.said, ...(node.attempts || []).flatMap((one) => known.nodes.get(one.id)?.said || [])].sort((one, other) => one.at - other.at);
  if (!said.length) return h("p", { class: "dim" }, node.trust === "quarantined" ? "Never: it is quarantined." : "Never so far: no prompt, file, command or error has met it.");
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "When it was said" }, h("table", {}, h("thead", {}, h("tr", {}, ["When", "Why then", "Session", "What was done next"].map((one) => h("th", { scope: "col" }, one)))),
    h("tbody", {}, said.map((one) => h("tr", {}, h("td", {}, time(one.at)), h("td", {}, moment(one.event), one.thread ? " of a subagent" : "", one.confirmed ? h("span", { class: "tag good", title: "The client wrote down that it gave this to the model." }, "delivered") : null), h("td", {}, sessionLink(one.session)), h("td", {}, one.next ? h("code", {}, oneLine(one.next, 160)) : h("span", { class: "dim" }, "nothing")))))));
}
