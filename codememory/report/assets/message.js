// One message, verbatim: every block of it, long texts with what was left out of them.

function verbatim(text, properties = {}, message = null) {
  if (!isCut(text)) return h("pre", properties, typeof text === "string" ? text : JSON.stringify(text, null, 2));
  const [head, tail, left] = text.cut;
  return h(
    "div",
    {},
    head && h("pre", properties, head),
    left > 0 && h("p", { class: "cut" }, `${counted(left, "character")} left out here. `,
      message && h("span", {}, "All of it: ", h("code", {}, `codememory expand ${message.id} --token-budget 0`))),
    tail && h("pre", properties, tail),
  );
}

const plain = (text) => (isCut(text) ? `${text.cut[0]} … ${text.cut[1]}` : typeof text === "string" ? text : text === undefined || text === null ? "" : JSON.stringify(text));

function diff(before, after) {
  const lines = (text, sign) => plain(text).split("\n").map((line) => h("span", { class: sign === "-" ? "gone" : "new" }, `${sign} ${line}\n`));
  return h("pre", { class: "diff" }, before ? lines(before, "-") : null, after ? lines(after, "+") : null);
}

// A change as the store keeps it: lines with - and +.
function change(text) {
  return h("pre", { class: "diff" }, plain(text).split("\n").map((line) =>
    h("span", { class: line.startsWith("-") ? "gone" : line.startsWith("+") ? "new" : "" }, `${line}\n`)));
}

function inputOf(block, message) {
  const input = block.input && typeof block.input === "object" ? block.input : {};
  if (input.command !== undefined) {
    return [h("pre", { class: "command" }, "$ ", plain(input.command)), input.description ? h("p", { class: "dim" }, plain(input.description)) : null];
  }
  if (input.old_string !== undefined) return [h("p", { class: "file" }, plain(input.file_path)), diff(input.old_string, input.new_string)];
  if (Array.isArray(input.edits)) {
    return [h("p", { class: "file" }, plain(input.file_path)), input.edits.map((one) => diff(one && one.old_string, one && one.new_string))];
  }
  return Object.entries(input).map(([name, value]) => h("div", { class: "field" }, h("span", { class: "dim" }, name), verbatim(value, {}, message)));
}

function blockOf(block, message) {
  if (!block || typeof block !== "object") return verbatim(String(block));
  if (block.type === "text") return verbatim(block.text, { class: "said" }, message);
  if (block.type === "thinking") return block.thinking === "" ? null : h("div", {}, h("p", { class: "label" }, "thought"), verbatim(block.thinking, { class: "said thought" }, message));
  if (block.type === "tool_use") return h("div", {}, h("p", { class: "label" }, plain(block.name)), inputOf(block, message));
  if (block.type === "tool_result") {
    const content = Array.isArray(block.content) ? block.content : [{ type: "text", text: block.content }];
    return h("div", { class: block.is_error ? "result failed" : "result" }, h("p", { class: "label" }, block.is_error ? "result, an error" : "result"),
      content.map((one) => (one && one.type === "text" ? verbatim(one.text === undefined ? "" : one.text, {}, message) : blockOf(one, message))));
  }
  if (block.type === "image") return h("p", { class: "cut" }, "An image, not kept in this file.");
  return verbatim(block, {}, message);
}

const ROLES = { prompt: "the user", task: "the task of a subagent", reply: "the model", call: "the model", result: "the tool", meta: "the client", summary: "the client's summary" };

function wholeMessage(message) {
  const shown = blocksOf(message).map((block) => blockOf(block, message));
  return h(
    "article",
    { class: `message ${message.kind}`, "data-message": message.id },
    h("header", {}, h("strong", {}, ROLES[message.kind] || message.role), " ", time(message.at), " ",
      h("span", { class: "dim" }, counted(message.tokens, "token")), " ", h("a", { class: "id", href: link("message", message.id) }, message.id)),
    shown.length ? shown : h("p", { class: "dim" }, "An empty message."),
    message.extra ? h("div", {}, h("p", { class: "label" }, "what the client added"), verbatim(message.extra, {}, message)) : null,
  );
}
