from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import digest.render
from builders import field, make_digest, sample_digest, scored
from digest.paper import FIELD_NAMES, Digest, FeedReport
from digest.render.json import render_json
from golden import check_golden

SCHEMA = json.loads((Path(digest.render.__file__).parent / "schema-1.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "result",
    [
        sample_digest(),
        make_digest(),
        sample_digest(model=None, language="zh"),
        make_digest(scored(summary=None)),
    ],
)
def test_the_output_keeps_the_schema(result: Digest) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(render_json(result)), SCHEMA)


def test_the_schema_would_notice_a_change() -> None:
    content = json.loads(render_json(sample_digest()))
    del content["papers"][0]["receipt"]["cosine"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)
    content = json.loads(render_json(sample_digest()))
    content["extra"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)


def test_the_layout_is_the_golden_one() -> None:
    check_golden("digest.json", render_json(sample_digest()).decode())


def test_fields_come_in_their_order_and_numbers_are_short() -> None:
    paper = json.loads(render_json(sample_digest()))["papers"][0]
    assert tuple(paper["summary"]) == FIELD_NAMES
    assert paper["receipt"]["cosine"] == 0.6123
    assert paper["keywords"][0]["weight"] == 0.7123


def test_a_file_name_that_is_no_unicode_is_no_error() -> None:
    strange = make_digest(feeds=(FeedReport("caf\udce9.xml", "file", 1),))
    assert json.loads(render_json(strange))["feeds"][0]["source"] == "caf.xml"


def test_times_are_utc() -> None:
    morning = dt.datetime(2026, 2, 2, 6, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    content = json.loads(render_json(make_digest(generated_at=morning)))
    assert content["generated_at"] == "2026-02-01T22:30:00Z"


def test_a_readers_own_field_stands_behind_the_four() -> None:
    entry = scored()
    assert entry.summary is not None
    more = replace(entry.summary, extra=(("limits", field("Only 27 lamps.")),))
    content = json.loads(render_json(make_digest(replace(entry, summary=more))))
    jsonschema.validate(content, SCHEMA)
    assert tuple(content["papers"][0]["summary"]) == (*FIELD_NAMES, "limits")
