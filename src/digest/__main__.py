"""Run `digest`, or `python -m digest`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly while it is still being loaded, too."""
    try:
        from digest.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
