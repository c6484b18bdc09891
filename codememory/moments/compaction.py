"""PostCompact: the client's own summary is kept as a summary of what it covers."""

from __future__ import annotations

from codememory import config, redact, wire
from codememory.store import summaries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment


def keep_summary(moment: Moment) -> None:
    """Store the summary the client wrote; one text is one summary, however often it is told."""
    text = moment.text("compact_summary")
    if not text.strip():
        return
    if config.setting("REDACT"):
        text = redact.redacted(text)
    client_id = moment.payload["session_id"]
    summaries.add_client(
        moment.connection, moment.session.session_id, client_id, moment.thread, wire.storable(text), moment.now
    )
