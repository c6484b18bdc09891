"""The command line: one sentence for an expected error, a traceback in the log for an unexpected one."""

from __future__ import annotations

import atexit
import os
import sys

from codememory import wire
from codememory.errors import CodeMemoryError


def main() -> None:
    """Run the command line: exit 0 done, 1 an expected error, 2 usage, 3 internal, 130 stopped."""
    _stand_in_for_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # no code page holds every sign
    os.umask(0o077)  # whatever is written is its owner's
    sys.argv[1:] = [wire.storable(word) for word in sys.argv[1:]]  # what is no UTF-8 fits no column
    try:
        if sys.argv[1:2] == ["backfill"]:
            from codememory.reader import get_ready

            get_ready(sys.argv[2:])
        from codememory.cli.program import program  # here, because Ctrl-C is as likely in what it imports

        program()(prog_name="codememory")
    except CodeMemoryError as error:
        from codememory.cli.show import printable

        print(f"codememory: {printable(str(error))}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        if isinstance(getattr(end.__context__, "__cause__", None), KeyboardInterrupt):  # what the parser made of one
            print("Stopped.", file=sys.stderr)
        raise
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        sentence = _fault(error)
        if sentence:
            print(f"codememory: {sentence}", file=sys.stderr)
            sys.exit(1)
        path = _keep_traceback()
        where = f"the traceback is in {path}" if path else "set CODEMEMORY_LOG_PATH to keep the traceback"
        print(f"codememory: internal error: {type(error).__name__}: {error}; {where}", file=sys.stderr)
        sys.exit(3)


def _fault(error: Exception) -> str:
    """Return what the machine refused, in one sentence for the user; '' for an error of ours."""
    from codememory import config, faults
    from codememory.cli.show import printable

    try:
        return printable(faults.sentence(error, config.database_path()))
    except CodeMemoryError:
        return ""


def process() -> None:
    """Run the command line and end the process at once: taking down what it holds would cost a fifth of a short one."""
    try:
        main()
    except SystemExit as end:
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        except Exception:  # whoever read is gone: the interpreter knows how to end then
            raise end from None
        if end.code is None or isinstance(end.code, int):
            os._exit(end.code or 0)
        raise


def _stand_in_for_closed_streams() -> None:
    """Open what the program was begun without (`>&-`), so that no file takes the place of a standard stream."""
    while (file := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(file)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _keep_traceback() -> str | None:
    import traceback

    from codememory import config

    path = config.log_path()
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        file = os.open(path, flags, 0o600)  # a pipe that nobody reads is no place for it
        with os.fdopen(file, "a", encoding="utf-8", errors="replace") as log:
            log.write(traceback.format_exc())
    except OSError:
        return None
    return path
