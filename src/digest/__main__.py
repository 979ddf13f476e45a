"""Run `digest`, or `python -m digest`."""

import os
import sys

from digest.startup import close_network


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly while it is still being loaded, too."""
    try:
        close_network(sys.argv[1:], os.environ)
        from digest.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        _report()


def _report() -> None:
    """Say at the end what was refused, though a library may have kept it to itself."""
    from digest.offline import refusals, told

    for line in told(refusals()):
        print(f"digest: {line}", file=sys.stderr)  # noqa: T201 - after everything else


if __name__ == "__main__":
    main()
