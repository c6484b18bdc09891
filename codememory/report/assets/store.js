// What the file holds: the index at once, each session's messages when they are asked for.

const WHOLE = { messages: [], summaries: [] };
let index = null;
const chunks = new Map();
const known = {
  nodes: new Map(), sessions: new Map(), places: new Map(), failuresOf: new Map(), attemptsOf: new Map(),
  restingOnCall: new Map(), restingOnMessage: new Map(), toldIn: new Map(), agentsIn: new Map(), nodesOf: new Map(),
};

function add(map, key, value) {
  if (map.has(key)) map.get(key).push(value);
  else map.set(key, [value]);
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let place = 0; place < raw.length; place += 1) bytes[place] = raw.charCodeAt(place);
  return bytes;
}

async function read(id) {
  const script = document.getElementById(id);
  if (!script) return null;
  if (script.type === "application/json") return JSON.parse(script.textContent);
  const stream = new Blob([bytesOf(script.textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

async function open() {
  index = await read("index");
  index.sessions.forEach((session, place) => {
    known.sessions.set(session.id, session);
    known.places.set(session.id, place);
  });
  for (const node of index.nodes) {
    known.nodes.set(node.id, node);
    if (node.session) add(known.nodesOf, node.session, node);
    for (const one of node.occurrences || []) if (one.call) add(known.failuresOf, one.call, node);
    if (node.attempt) add(known.attemptsOf, node.attempt.check, node);
    else if (node.kind !== "failure") {
      for (const one of node.evidence) {
        if (one.call) add(known.restingOnCall, one.call, node);
        if (one.message) add(known.restingOnMessage, one.message, node);
      }
    }
    for (const one of node.said) add(known.toldIn, one.session, { ...one, node });
  }
  for (const quote of index.quoted) for (const one of quote.said) add(known.toldIn, one.session, { ...one, message: quote.message });
  for (const told of known.toldIn.values()) told.sort((one, other) => one.at - other.at);
  for (const agent of index.agents) add(known.agentsIn, agent.session, agent);
}

// Returns the session's {messages, summaries}, with messages by id, results by call, and the calls asked for.
async function chunkOf(place) {
  if (!chunks.has(place)) chunks.set(place, read(`s${place}`).then((found) => prepared(found || WHOLE)));
  return chunks.get(place);
}

function prepared(found) {
  const chunk = { messages: found.messages, summaries: found.summaries, byId: new Map(), results: new Map(), asked: new Set() };
  for (const message of chunk.messages) {
    chunk.byId.set(message.id, message);
    for (const block of blocksOf(message)) {
      if (block && block.type === "tool_result" && block.tool_use_id) chunk.results.set(block.tool_use_id, { message, block });
      if (block && block.type === "tool_use") chunk.asked.add(block.id);
    }
  }
  return chunk;
}

const blocksOf = (message) => (Array.isArray(message.blocks) ? message.blocks : []);

// Returns the one whose id begins with what is wanted, or is the beginning of it: ids are shown short in places.
function found(map, wanted) {
  if (map.has(wanted)) return map.get(wanted);
  if (wanted.length < ID_CHARS_MIN) return null;
  for (const [id, one] of map) if (id.startsWith(wanted) || wanted.startsWith(id)) return one;
  return null;
}

const ID_CHARS_MIN = 8;

async function placeOfMessage(wanted) {
  for (let place = 0; place < index.sessions.length; place += 1) {
    if (found((await chunkOf(place)).byId, wanted)) return place;
  }
  return -1;
}

// The text of a stored value, for a search: every text in it, a shortened one's beginning and end.
function textOf(value, parts = []) {
  if (typeof value === "string") parts.push(value);
  else if (Array.isArray(value)) for (const one of value) textOf(one, parts);
  else if (value && typeof value === "object") {
    if (isCut(value)) parts.push(value.cut[0], value.cut[1]);
    else for (const [name, one] of Object.entries(value)) if (!DULL.has(name)) textOf(one, parts);
  }
  return parts;
}

const DULL = new Set(["type", "id", "tool_use_id"]);
const isCut = (value) => value !== null && typeof value === "object" && Array.isArray(value.cut) && value.cut.length === 3;
