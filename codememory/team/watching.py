"""Show a colleague's news as they come: a thread waits at the server, and each push there rings for an exchange."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic, sleep, time

import apsw

from codememory.errors import TeamError
from codememory.store import foreign
from codememory.store import team as store
from codememory.team import child_sync
from codememory.team.server import connecting, log

POLL_SECONDS = 60.0
"""Between two exchanges that nothing rang for: behind a pooler nothing does, and own news wait for nobody's."""

REST_SECONDS, REST_SHARE = 1.0, 9.0
"""Between two exchanges that something rang for: at least this, and so many times what one took."""

AGAIN_SECONDS, AGAIN_SECONDS_MAX = 1.0, 300.0
"""Before another try to reach the server, doubled each time."""

SHOWN_MAX = 20

Told = tuple[str, str, str, str, bytes]


class Bell:
    """What rings when somebody pushes to a project that is shared; nobody waits for the server but its thread."""

    def __init__(self, channels: list[str]) -> None:
        self.channels, self.rung = channels, Event()
        Thread(target=self._listen, name="codememory team", daemon=True).start()

    def _listen(self) -> None:
        pause = AGAIN_SECONDS
        while True:
            try:
                with connecting.connected(limited=False) as server:
                    for name in self.channels:
                        log.listen(server, name)
                    pause = AGAIN_SECONDS
                    self.rung.set()  # for what was pushed while nobody listened
                    for _ in server.notifies():
                        self.rung.set()
            except (TeamError, OSError):
                pass
            sleep(pause)
            pause = min(2 * pause, AGAIN_SECONDS_MAX)


class Colleagues:
    """The others of the teams that projects are shared with, as long as somebody watches.

    `show` is called with what they did and how much more there is of it, `complain` with what goes wrong, once.
    """

    def __init__(
        self, connection: apsw.Connection, show: Callable[[list[Told], bool], None], complain: Callable[[str], None]
    ) -> None:
        self.connection, self.show, self.complain = connection, show, complain
        self.bell = Bell([log.channel(one.shared) for one in store.joined(connection)])
        self.seen = foreign.latest_step(connection)
        self.rest_until, self.poll_at, self.trouble = 0.0, 0.0, ""

    def wait(self, seconds: float) -> None:
        """Let time pass; exchange as soon as somebody has pushed, and now and then without."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if self.rest_until - monotonic() > 0:
                sleep(min(left, self.rest_until - monotonic()))
            elif self.bell.rung.wait(min(left, max(0.0, self.poll_at - monotonic()))):
                self._exchange()
            elif monotonic() >= self.poll_at:
                self.poll_at = monotonic() + POLL_SECONDS
                if time() * 1000 >= child_sync.paused_until(self.connection):
                    self._exchange()

    def _exchange(self) -> None:
        self.bell.rung.clear()
        self.seen = min(self.seen, foreign.latest_step(self.connection))
        began = monotonic()
        child_sync.exchange(self.connection, os.getcwd())
        took = monotonic() - began
        self.rest_until = monotonic() + max(REST_SECONDS, REST_SHARE * took)
        self.poll_at = monotonic() + POLL_SECONDS
        trouble = store.server(self.connection)[3]
        if trouble != self.trouble and trouble:
            self.complain(trouble)
        self.trouble = trouble
        told = foreign.steps_after(self.connection, self.seen, SHOWN_MAX + 1)
        self.seen = foreign.latest_step(self.connection)
        if told:
            self.show(told[:SHOWN_MAX], len(told) > SHOWN_MAX)
