"""The models on this machine: a manifest of known ones, a checked cache, and names that lead to files."""

from digest.models._carry import install, models_to_carry
from digest.models._find import DEFAULT_EMBEDDER, find_embedder, find_language_model
from digest.models._get import get
from digest.models._known import (
    KnownFile,
    KnownModel,
    Source,
    cache_folder,
    load_manifest,
    problems,
    sha256_of,
)
from digest.models._prepare import PREPARED_AS, Speed, measure, prepare, prepared_path

__all__ = [
    "DEFAULT_EMBEDDER",
    "PREPARED_AS",
    "KnownFile",
    "KnownModel",
    "Source",
    "Speed",
    "cache_folder",
    "find_embedder",
    "find_language_model",
    "get",
    "install",
    "load_manifest",
    "measure",
    "models_to_carry",
    "prepare",
    "prepared_path",
    "problems",
    "sha256_of",
]
