"""Look at argv and import one face: a hook pays for the hook, a person for the whole command line."""

import sys


def main() -> None:
    """Run `codememory`."""
    if len(sys.argv) > 1 and sys.argv[1] == "hook":
        import gc

        gc.disable()  # a hook is gone before there is anything to collect
        from codememory.hook import main as face
    else:
        from codememory.cli.main import main as face
    face()


if __name__ == "__main__":
    if not __package__:  # run by path from the launcher, isolated and without `site`
        site = __file__.rpartition("/codememory/")[0]
        sys.path[0:0] = [site]
        from codememory.bundle import install

        install(site)
    main()
