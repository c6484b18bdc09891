// PGlite behind PostgreSQL's wire protocol, for tests: node pglite.mjs FOLDER_OF_PGLITE; prints its port.
// What a server does at connecting PGlite leaves out, so that it is done here: one client at a time, in a fresh session,
// as the role that it named. COPY goes in as one piece, because PGlite cannot wait for more of it.
import { createServer } from 'node:net'
import { pathToFileURL } from 'node:url'

const { PGlite } = await import(pathToFileURL(process.argv[2] + '/dist/index.js').href)
const db = await PGlite.create()
const BEFORE_STARTUP = [80877103, 80877104]
const CANCEL = 80877102
const COPY_IN = /^COPY .* FROM STDIN/i
const COPY_IN_RESPONSE = Buffer.from([0x47, 0, 0, 0, 19, 1, 0, 6, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])

const session = async (packet) => {
  const fields = packet.subarray(8).toString().split('\0')
  const given = Object.fromEntries(fields.map((name, at) => [name, fields[at + 1]]).filter((_, at) => at % 2 === 0))
  const role = given.user === 'admin' ? 'postgres' : given.user
  for (const one of ['ROLLBACK', 'SET SESSION AUTHORIZATION postgres', 'DISCARD ALL']) await db.exec(one)
  await db.query("SELECT set_config('session_authorization', $1, false)", [role])
}

const serve = async (socket) => {
  let held = Buffer.alloc(0), batch = [], copying = false, started = false
  const run = async (strip) => {
    const said = Buffer.from(await db.execProtocolRaw(new Uint8Array(Buffer.concat(batch))))
    batch = []
    socket.write(strip && said[0] === 0x47 ? said.subarray(1 + said.readInt32BE(1)) : said)
  }
  for await (const data of socket) {
    held = Buffer.concat([held, data])
    for (;;) {
      const at = started ? 1 : 0
      if (held.length < at + 4 || held.length < at + held.readInt32BE(at)) break
      const message = held.subarray(0, at + held.readInt32BE(at))
      held = held.subarray(message.length)
      if (!started) {
        const code = message.readInt32BE(4)
        if (code === CANCEL) return
        if (BEFORE_STARTUP.includes(code)) { socket.write('N'); continue }
        await session(message)
        started = true
        batch.push(message)
        await run()
        continue
      }
      const kind = String.fromCharCode(message[0])
      if (kind === 'X') return
      batch.push(message)
      if (kind === 'Q' && COPY_IN.test(message.subarray(5).toString())) {
        copying = true
        socket.write(COPY_IN_RESPONSE)
      } else if (copying ? 'cf'.includes(kind) : 'QS'.includes(kind)) {
        await run(copying)
        copying = false
      }
    }
  }
}

let last = Promise.resolve()
const server = createServer((socket) => {
  socket.on('error', () => {})
  last = last.then(() => serve(socket)).catch(() => {}).then(() => socket.end())
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
