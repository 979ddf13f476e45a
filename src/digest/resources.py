"""Find the files that travel with the program: prompts, the model manifest, the examples."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """Return the path of a file or folder such as `prompts` or `models/manifest.toml`.

    A wheel carries these folders inside the package; a checkout has them at its top level.
    """
    installed = _PACKAGE / "_resources" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / name
