"""The database schema, as one constant.

Times are integer UTC milliseconds. A payload column has a codec column beside it (see `codec`).
Keys named `uid` or `key` are 16 bytes and globally unique, so stores of two machines can be merged;
integer keys are local to one file. Integer keys of messages and nodes grow with arrival: "newest" is "largest".
"""

APPLICATION_ID = 0x434D454D
"""`CMEM`: tells our file from any other SQLite database."""

SCHEMA_MAJOR = 1
"""A program stays silent on a file of a newer major version."""

SCHEMA_MINOR = 1
"""Additive changes only; an older program keeps working on a newer minor version."""

VERSION_STEP = 1000
"""`user_version` is `major * VERSION_STEP + minor`."""

FIRST_VERSION = 1000
"""What `SCHEMA` makes; `migrations.STEPS` lead from there to the current version, for a new file as for an old one."""

SCHEMA = """
-- one row per project: a repository (with all its worktrees) or, without git, a working directory
CREATE TABLE project (
    project_id INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    root       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- one row per name a project is known by; kind is repository (git common directory), folder, remote or commit
CREATE TABLE project_alias (
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    project_id INTEGER NOT NULL REFERENCES project,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

-- one row per session of the client
CREATE TABLE session (
    session_id  INTEGER PRIMARY KEY,
    client_id   TEXT NOT NULL UNIQUE,           -- the client's own session id
    project_id  INTEGER NOT NULL REFERENCES project,
    started_at  INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    place_next  INTEGER NOT NULL DEFAULT 0,     -- the place the next message gets
    boundaries  INTEGER NOT NULL DEFAULT 0,     -- compactions seen in the transcript
    compactions INTEGER NOT NULL DEFAULT 0,     -- compactions announced by hooks; the epoch is the larger of the two
    compacted_at INTEGER NOT NULL DEFAULT 0,    -- time of the last one
    open_tokens INTEGER NOT NULL DEFAULT 0,     -- tokens of M and L messages under no leaf
    packet_at   INTEGER NOT NULL DEFAULT 0,     -- when a packet was printed after a compaction, 0 once it is settled
    packet_seen_at INTEGER NOT NULL DEFAULT 0   -- time of the client's latest record of a SessionStart injection
) STRICT;

-- serves: sessions of a project, newest first
CREATE INDEX session_by_project ON session (project_id, last_at);

-- one row per transcript file: how far it is ingested, and by what a rewrite is noticed
CREATE TABLE transcript (
    transcript_id INTEGER PRIMARY KEY,
    path          TEXT NOT NULL UNIQUE,
    session_id    INTEGER REFERENCES session,   -- the session its name or its first line tells
    agent         TEXT NOT NULL DEFAULT '',     -- the subagent it belongs to; '' is the main thread
    byte_offset   INTEGER NOT NULL DEFAULT 0,   -- the cursor: bytes consumed
    inode         INTEGER NOT NULL DEFAULT 0,
    modified_at   INTEGER NOT NULL DEFAULT 0,   -- nanoseconds, as the file system tells
    fingerprint   BLOB NOT NULL DEFAULT x'',    -- hash of the bytes before the cursor
    rewrites      INTEGER NOT NULL DEFAULT 0,   -- how often it was found rewritten
    rereading     INTEGER NOT NULL DEFAULT 0,   -- 1 while a rewritten file is read again: its newest content wins
    lines         INTEGER NOT NULL DEFAULT 0,
    broken_lines  INTEGER NOT NULL DEFAULT 0,
    other_lines   INTEGER NOT NULL DEFAULT 0,   -- lines of types that are no conversation
    last_at       INTEGER NOT NULL DEFAULT 0    -- time of the last line that had one
) STRICT;

-- one row per conversation line, whatever the number of files and sessions that hold a copy
CREATE TABLE message (
    message_id    INTEGER PRIMARY KEY,
    key           BLOB NOT NULL UNIQUE,         -- the uuid's bytes, or a hash of session, uuid and content
    uuid          TEXT,                         -- as written, where the key does not tell it
    session_id    INTEGER NOT NULL REFERENCES session,
    agent         TEXT NOT NULL DEFAULT '',
    role          TEXT NOT NULL,
    kind          TEXT NOT NULL,                -- prompt, reply, call, result, task, meta, summary
    tier          TEXT NOT NULL,                -- S, M, L, N
    tags          TEXT NOT NULL DEFAULT '',     -- of the scoring, joined by spaces
    tokens        INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    transcript_id INTEGER NOT NULL REFERENCES transcript,
    line_offset   INTEGER NOT NULL,
    line_bytes    INTEGER NOT NULL,
    blocks_codec  INTEGER NOT NULL,
    blocks        BLOB NOT NULL,                -- message.content, verbatim after redaction
    extra_codec   INTEGER NOT NULL DEFAULT 0,
    extra         BLOB                          -- what toolUseResult says beyond the result
) STRICT;

-- one row per message of a session; a fork or a resumed copy adds rows here and none to message
CREATE TABLE membership (
    session_id INTEGER NOT NULL REFERENCES session,
    place      INTEGER NOT NULL,                -- order of arrival in the session
    thread     TEXT NOT NULL,                   -- '' is the main thread, else the subagent's id
    message_id INTEGER NOT NULL REFERENCES message,
    leaf_id    INTEGER REFERENCES summary,      -- the one leaf it is under, none in the fresh tail
    PRIMARY KEY (session_id, place)
) STRICT, WITHOUT ROWID;

-- serves: what is not compacted yet, in order
CREATE INDEX membership_open ON membership (session_id, thread, place) WHERE leaf_id IS NULL;
-- serves: the messages under a leaf
CREATE INDEX membership_by_leaf ON membership (leaf_id) WHERE leaf_id IS NOT NULL;

-- serves: is this message in this session already, and which sessions hold it
CREATE UNIQUE INDEX membership_by_message ON membership (message_id, session_id);

-- full text over messages; rowid is message_id, the text itself is in message.blocks
CREATE VIRTUAL TABLE message_index USING fts5(
    prose, detail, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2'
);

-- one row per tool call: what was asked and how it ended; written by a hook or by ingest, whichever comes first
CREATE TABLE tool_call (
    session_id        INTEGER NOT NULL REFERENCES session,
    tool_use_id       TEXT NOT NULL,
    agent             TEXT NOT NULL DEFAULT '',
    tool              TEXT NOT NULL,
    command           TEXT,                     -- as typed, of a shell tool
    command_key       TEXT,                     -- normalised, to tell "the same command"
    file              TEXT,                     -- relative to the project's root where it is inside
    edit              TEXT,                     -- the change, as lines with - and +
    target            TEXT,                     -- what an exploration looked at
    outcome           TEXT NOT NULL DEFAULT 'running',  -- running, ok, failed, refused, interrupted
    exit_code         INTEGER,
    called_at         INTEGER NOT NULL,
    ended_at          INTEGER,
    message_id        INTEGER REFERENCES message,       -- the line of the call, once ingested
    result_message_id INTEGER REFERENCES message,
    PRIMARY KEY (session_id, tool_use_id)
) STRICT, WITHOUT ROWID;

-- serves: the latest calls of a session
CREATE INDEX tool_call_by_session ON tool_call (session_id, called_at);
-- serves: the last runs of one command in a session
CREATE INDEX tool_call_by_command ON tool_call (session_id, command_key, called_at) WHERE command_key IS NOT NULL;
-- serves: repeated exploration of one target
CREATE INDEX tool_call_by_target ON tool_call (session_id, target, called_at) WHERE target IS NOT NULL;

-- one row per task handed to a subagent; SubagentStart claims the oldest of its type
CREATE TABLE delegation (
    session_id  INTEGER NOT NULL REFERENCES session,
    tool_use_id TEXT NOT NULL,
    agent_type  TEXT NOT NULL,
    prompt      TEXT NOT NULL,
    asked_at    INTEGER NOT NULL,
    agent       TEXT,                           -- the subagent that claimed it
    PRIMARY KEY (session_id, tool_use_id)
) STRICT, WITHOUT ROWID;

-- serves: the oldest unclaimed task of a type
CREATE INDEX delegation_unclaimed ON delegation (session_id, agent_type, asked_at) WHERE agent IS NULL;

-- one row per memory node
CREATE TABLE node (
    node_id     INTEGER PRIMARY KEY,
    uid         BLOB NOT NULL UNIQUE,           -- deterministic from its origin: writing twice is writing once
    kind        TEXT NOT NULL,                  -- task, constraint, decision, failure, fix_attempt, summary
    status      TEXT NOT NULL,                  -- active, resolved, superseded, stale
    project_id  INTEGER NOT NULL REFERENCES project,
    session_id  INTEGER REFERENCES session,
    content     TEXT NOT NULL,
    details     TEXT NOT NULL DEFAULT '{}',     -- JSON: rationale, details, alternatives_rejected, acceptance_criteria
    confidence  REAL NOT NULL,                  -- 0 to 1
    origin      TEXT NOT NULL,                  -- model, user, extracted, client
    trust       TEXT NOT NULL,                  -- stated, observed (came from tool output), quarantined
    branch      TEXT NOT NULL DEFAULT '',
    head        TEXT NOT NULL DEFAULT '',       -- commit
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

-- serves: the brief and lists: nodes of a project by kind and status, newest first
CREATE INDEX node_by_project ON node (project_id, kind, status, updated_at);

-- full text over nodes; rowid is node_id
CREATE VIRTUAL TABLE node_index USING fts5(
    content, tags, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2'
);
-- one row per tag of a node; kind is file, glob, command, symbol, signature, check, topic or package
CREATE TABLE node_tag (
    project_id INTEGER NOT NULL REFERENCES project,
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    node_id    INTEGER NOT NULL REFERENCES node,
    weight     REAL NOT NULL DEFAULT 1.0,
    PRIMARY KEY (project_id, kind, value, node_id)
) STRICT, WITHOUT ROWID;

-- serves: the tags of a node
CREATE INDEX node_tag_by_node ON node_tag (node_id);

-- one row per link between two nodes
CREATE TABLE relation (
    node_id    INTEGER NOT NULL REFERENCES node,
    kind       TEXT NOT NULL,                   -- supersedes, resolves, attemptedFixFor, causedBy, derivedFromSummary,
    other_id   INTEGER NOT NULL REFERENCES node, -- evidenceOf, conflictsWith, relatedTo
    created_at INTEGER NOT NULL,
    PRIMARY KEY (node_id, kind, other_id)
) STRICT, WITHOUT ROWID;

-- serves: what points at a node
CREATE INDEX relation_by_other ON relation (other_id, kind);

-- one row per step in a node's life; appended to, never changed
CREATE TABLE node_event (
    event_id   INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE,
    node_id    INTEGER NOT NULL REFERENCES node,
    verb       TEXT NOT NULL,                   -- created, resolved, reopened, superseded, staled, passed
    at         INTEGER NOT NULL,
    actor      TEXT NOT NULL,                   -- as node.origin
    detail     TEXT NOT NULL DEFAULT '{}'
) STRICT;

-- serves: the life of a node
CREATE INDEX node_event_by_node ON node_event (node_id, at);

-- one row per message or tool call a node rests on
CREATE TABLE evidence (
    node_id     INTEGER NOT NULL REFERENCES node,
    source      TEXT NOT NULL,                  -- a message's id or a tool use id
    PRIMARY KEY (node_id, source)
) STRICT, WITHOUT ROWID;

-- one row per failure node: what makes it recognisable
CREATE TABLE failure (
    node_id    INTEGER PRIMARY KEY REFERENCES node,
    project_id INTEGER NOT NULL REFERENCES project,
    signature  TEXT NOT NULL,
    type       TEXT NOT NULL,
    symbol     TEXT,
    occurrences INTEGER NOT NULL DEFAULT 0,
    first_at   INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,
    passed_at  INTEGER NOT NULL DEFAULT 0,      -- when the same check last passed
    contents   TEXT NOT NULL DEFAULT '{}',      -- file → git blob hash when it last happened, where a hook saw it
    UNIQUE (project_id, signature)
) STRICT;

-- one row per time a failure happened
CREATE TABLE occurrence (
    session_id  INTEGER NOT NULL REFERENCES session,
    tool_use_id TEXT NOT NULL,
    ordinal     INTEGER NOT NULL,               -- several failures of one call are numbered
    node_id     INTEGER NOT NULL REFERENCES node,
    at          INTEGER NOT NULL,
    branch      TEXT NOT NULL DEFAULT '',
    head        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (session_id, tool_use_id, ordinal)
) STRICT, WITHOUT ROWID;

-- serves: when and where a failure happened, newest last
CREATE INDEX occurrence_by_node ON occurrence (node_id, at);

-- one row per fix attempt: edits or commands, then the check that told what they did
CREATE TABLE attempt (
    node_id           INTEGER PRIMARY KEY REFERENCES node,
    failure_id        INTEGER NOT NULL REFERENCES node,
    session_id        INTEGER NOT NULL REFERENCES session,
    outcome           TEXT NOT NULL,            -- succeeded, failed, partial
    check_tool_use_id TEXT NOT NULL,            -- the call that checked
    ended_at          INTEGER NOT NULL
) STRICT;

-- serves: what was tried against a failure, newest last
CREATE INDEX attempt_by_failure ON attempt (failure_id, ended_at);

-- one row per change of a node's status that is too uncertain to make alone
CREATE TABLE pending_update (
    pending_id INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE,
    node_id    INTEGER NOT NULL REFERENCES node,
    status     TEXT NOT NULL,                   -- the status proposed
    reason     TEXT NOT NULL,
    evidence   TEXT NOT NULL,                   -- a message's id or a tool use id
    created_at INTEGER NOT NULL,
    state      TEXT NOT NULL DEFAULT 'open',    -- open, applied, dismissed
    decided_at INTEGER
) STRICT;

-- serves: what waits for a decision
CREATE INDEX pending_update_open ON pending_update (created_at) WHERE state = 'open';

-- one row per time the guard spoke up; whether it was right is read from how the command then ended
CREATE TABLE guard_act (
    session_id  INTEGER NOT NULL REFERENCES session,
    tool_use_id TEXT NOT NULL,                  -- the call it spoke up against
    command_key TEXT NOT NULL,
    node_id     INTEGER NOT NULL REFERENCES node,
    mode        TEXT NOT NULL,                  -- warn, ask, deny
    at          INTEGER NOT NULL,
    PRIMARY KEY (session_id, tool_use_id)
) STRICT, WITHOUT ROWID;

-- serves: was this command denied in this session before
CREATE INDEX guard_act_by_command ON guard_act (session_id, command_key, at);

-- one row per summary of a span of messages or of other summaries
CREATE TABLE summary (
    summary_id INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE,
    session_id INTEGER NOT NULL REFERENCES session,
    thread     TEXT NOT NULL DEFAULT '',
    kind       TEXT NOT NULL,                   -- leaf, condensed
    method     TEXT NOT NULL,                   -- extractive, model, client
    depth      INTEGER NOT NULL,
    parent_id  INTEGER REFERENCES summary,      -- the condensed summary over it
    first_place INTEGER NOT NULL,               -- of the messages it covers
    last_place INTEGER NOT NULL,
    source_tokens INTEGER NOT NULL,             -- of what it was made from: messages, or summaries
    tokens     INTEGER NOT NULL,
    text_codec INTEGER NOT NULL,
    text       BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- serves: summaries of a session, in order, and those without a parent
CREATE INDEX summary_by_session ON summary (session_id, thread, method, depth, first_place);
-- serves: the children of a summary
CREATE INDEX summary_by_parent ON summary (parent_id) WHERE parent_id IS NOT NULL;

-- one row per call of a model, written before it begins; the newest CALLS_MAX are kept
CREATE TABLE model_call (
    call_id       INTEGER PRIMARY KEY,
    session_id    INTEGER REFERENCES session,   -- the session it is made for, none for a question of a person
    purpose       TEXT NOT NULL,                -- refine, judge, plan, answer
    target        BLOB,                         -- uid of the summary it is to improve
    model         TEXT NOT NULL,
    begun_at      INTEGER NOT NULL,
    ended_at      INTEGER,
    outcome       TEXT NOT NULL DEFAULT 'running',  -- running, ok, rejected (what it said is of no use), failed
    input_tokens  INTEGER NOT NULL DEFAULT 0,   -- as the client tells; estimated from the prompt until then
    output_tokens INTEGER NOT NULL DEFAULT 0,
    reason        TEXT NOT NULL DEFAULT ''      -- why it was rejected or failed
) STRICT;

-- serves: the calls of the last hour, and the latest ones for the breaker
CREATE INDEX model_call_by_time ON model_call (begun_at);
-- serves: the calls made for a session
CREATE INDEX model_call_by_session ON model_call (session_id) WHERE session_id IS NOT NULL;
-- serves: how often it was tried to improve this summary
CREATE INDEX model_call_by_target ON model_call (target) WHERE target IS NOT NULL;

-- one row per reason for which a limit refused calls of a model
CREATE TABLE model_refusal (
    reason  TEXT PRIMARY KEY,                   -- hour, session, breaker
    count   INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;

-- one row per memory said to the model; written before the text is printed
CREATE TABLE injection (
    session_id INTEGER NOT NULL REFERENCES session,
    thread     TEXT NOT NULL,                   -- a subagent's context is its own
    epoch      INTEGER NOT NULL,                -- compactions of the client so far
    node_id    INTEGER NOT NULL,                -- minus the message's id where a message was quoted
    event      TEXT NOT NULL,
    at         INTEGER NOT NULL,
    tokens     INTEGER NOT NULL,
    PRIMARY KEY (session_id, thread, epoch, node_id)
) STRICT, WITHOUT ROWID;

-- serves: when a node was said
CREATE INDEX injection_by_node ON injection (node_id, at);

-- one row per hook event and duration class: how often, and how many of them failed
CREATE TABLE hook_counter (
    event   TEXT NOT NULL,
    bucket  INTEGER NOT NULL,                   -- see store.counters
    count   INTEGER NOT NULL,
    errors  INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (event, bucket)
) STRICT, WITHOUT ROWID;

-- one row per thing that went wrong, for doctor; the newest PROBLEMS_MAX are kept
CREATE TABLE problem (
    problem_id INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    place      TEXT NOT NULL,                   -- the hook event or command
    sentence   TEXT NOT NULL
) STRICT;
"""

ADDED_1_1 = """
-- one row per path that got another name, a file or a whole folder, relative to the project's root
CREATE TABLE rename (
    project_id INTEGER NOT NULL REFERENCES project,
    old        TEXT NOT NULL,
    new        TEXT NOT NULL,
    at         INTEGER NOT NULL,                -- the newest time, where it happened again
    source     TEXT NOT NULL,                   -- a commit, the tool use id of the command, '' for what is staged
    PRIMARY KEY (project_id, old, new)
) STRICT, WITHOUT ROWID;

-- serves: the latest renames of a project, and which to let go
CREATE INDEX rename_by_time ON rename (project_id, at);

-- one row per work tree: how far git was asked for renames
CREATE TABLE rename_scan (
    project_id INTEGER NOT NULL REFERENCES project,
    root       TEXT NOT NULL,
    head       TEXT NOT NULL,                   -- commit
    index_at   INTEGER NOT NULL,                -- nanoseconds: when what is staged last changed
    PRIMARY KEY (project_id, root)
) STRICT, WITHOUT ROWID;

-- one row per memory said that the client itself recorded as given to the model
CREATE TABLE delivery (
    session_id INTEGER NOT NULL REFERENCES session,
    thread     TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    node_id    INTEGER NOT NULL,                -- as in injection
    at         INTEGER NOT NULL,                -- of the client's record
    times      INTEGER NOT NULL,                -- records of it in this epoch; more than one is a repeat
    PRIMARY KEY (session_id, thread, epoch, node_id)
) STRICT, WITHOUT ROWID;

-- one row per memory or session that was forgotten, or session that was pruned: what is as old does not come back
CREATE TABLE tombstone (
    kind TEXT NOT NULL,                         -- node, session; pruned (a session, in this file only)
    key  BLOB NOT NULL,                         -- a node's uid, or a hash of a session's id: nothing of the text
    at   INTEGER NOT NULL,                      -- what is of this time or before stays away
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- one row per further uid of a memory: two stores met one failure while its project had another uid in each
CREATE TABLE node_alias (
    uid     BLOB NOT NULL PRIMARY KEY,
    node_id INTEGER NOT NULL REFERENCES node
) STRICT, WITHOUT ROWID;

-- one row per regular upkeep: when it last came to its end, and where one that was stopped goes on
CREATE TABLE upkeep (
    name     TEXT NOT NULL PRIMARY KEY,         -- prune, erase
    ended_at INTEGER NOT NULL,
    position INTEGER NOT NULL                   -- 0: nothing is left over
) STRICT, WITHOUT ROWID;

-- serves: what rests on a message or a tool call
CREATE INDEX evidence_by_source ON evidence (source);

-- serves: the calls on a file, in all sessions
CREATE INDEX tool_call_by_file ON tool_call (file) WHERE file IS NOT NULL;

-- serves: what one session stated
CREATE INDEX node_by_session ON node (session_id, created_at) WHERE session_id IS NOT NULL;

-- serves: the transcripts of a session
CREATE INDEX transcript_by_session ON transcript (session_id);

-- one row per transcript line too long for a hook: `backfill` takes it in
CREATE TABLE long_line (
    transcript_id INTEGER NOT NULL REFERENCES transcript,
    line_offset   INTEGER NOT NULL,
    line_bytes    INTEGER NOT NULL,             -- so far, until its end is found
    ended         INTEGER NOT NULL,
    PRIMARY KEY (transcript_id, line_offset)
) STRICT, WITHOUT ROWID;

-- one row per project that is shared with a team
CREATE TABLE team_project (
    project_id INTEGER PRIMARY KEY REFERENCES project,
    shared     BLOB NOT NULL UNIQUE,            -- its id on the server
    name       TEXT NOT NULL,                   -- its name there
    team       TEXT NOT NULL,
    author     TEXT NOT NULL,                   -- the role that this store writes as
    machine    BLOB NOT NULL,                   -- this store's own id in the log
    pushed     INTEGER NOT NULL DEFAULT 0,      -- own events that the server has
    collected  INTEGER NOT NULL DEFAULT 0,      -- the last node_event looked at
    token      TEXT NOT NULL DEFAULT ''         -- the server's state when it was last read to its end
) STRICT;

-- one row per machine of a shared project: how far its events are known here
CREATE TABLE team_machine (
    project_id INTEGER NOT NULL REFERENCES project,
    machine    BLOB NOT NULL,
    author     TEXT NOT NULL,
    last       INTEGER NOT NULL,
    PRIMARY KEY (project_id, machine)
) STRICT, WITHOUT ROWID;

-- one row per event of a shared project, own and others'; appended to, only what was withdrawn is emptied
CREATE TABLE team_event (
    project_id INTEGER NOT NULL REFERENCES project,
    machine    BLOB NOT NULL,
    number     INTEGER NOT NULL,                -- of this machine, from 1 on without a gap
    stamp      INTEGER NOT NULL,                -- hybrid logical clock, see team.clock
    author     TEXT NOT NULL,
    kind       TEXT NOT NULL,                   -- statement, step, relation, gone
    node       BLOB NOT NULL,                   -- the memory's id in the team
    other      BLOB NOT NULL,                   -- the second memory or the step that it names, x'' for none
    payload    TEXT NOT NULL,                   -- JSON, see team.events
    PRIMARY KEY (project_id, machine, number)
) STRICT, WITHOUT ROWID;

-- serves: everything said of a memory
CREATE INDEX team_event_by_node ON team_event (node);
-- serves: what waits for a memory that was not known yet
CREATE INDEX team_event_by_other ON team_event (other) WHERE other <> x'';
-- serves: the latest stamp
CREATE INDEX team_event_by_stamp ON team_event (project_id, stamp);

-- one row per memory that is kept from every team
CREATE TABLE team_private (
    uid BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- one row per author or memory of a team that is trusted here
CREATE TABLE team_trust (
    project_id INTEGER NOT NULL REFERENCES project,
    kind       TEXT NOT NULL,                   -- author, memory
    value      TEXT NOT NULL,                   -- a role, or a memory's id in the team as digits
    PRIMARY KEY (project_id, kind, value)
) STRICT, WITHOUT ROWID;

-- one row per server, of which there is one: how it last answered
CREATE TABLE team_server (
    server_id INTEGER PRIMARY KEY CHECK (server_id = 1),
    tried_at  INTEGER NOT NULL,
    done_at   INTEGER NOT NULL,                 -- when it last went well, 0 for never
    failures  INTEGER NOT NULL,                 -- in a row
    sentence  TEXT NOT NULL                     -- what went wrong, '' for nothing
) STRICT;
"""
"""What version 1.1 adds."""
