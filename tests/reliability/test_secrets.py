"""A password or a signature in an address stays with the user: in no file, no sentence and no log of ours."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.cli.main import main
from engine.errors import InputError, without_secrets
from engine.events import Finished, Noted, Started, Warned
from engine.jobs.mishap import explained
from engine.jobs.report import report
from engine.jobs.sharpen import sharpen
from engine.jobs.simulate import simulate
from engine.request import ReportRequest, SharpenRequest, SimulateRequest
from tests.jobs.runs import files_in, run, stopped
from tests.pairs import write_pair
from tests.reliability.faults import Server

SECRETS = ("PASSWORD0", "SIGNATURE0")


class Far(NamedTuple):
    """A pair on a server that asks for a password and a signature, as its user names it."""

    pan: str
    ms: str


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    write_pair(tmp_path / "pair", size=128)
    with Server(tmp_path / "pair") as server:
        place = server.address.replace("://", "://jane:PASSWORD0@")
        yield Far(*(f"/vsicurl/{place}/{name}.tif?sig=a/SIGNATURE0" for name in ("pan", "ms")))


def check_kept(text: str) -> None:
    found = [secret for secret in SECRETS if secret in text]
    assert not found, text[:2000]


def check_kept_in(folder: Path) -> None:
    files = files_in(folder)
    assert files
    for content in files.values():
        check_kept(content.decode("latin-1"))


def test_neither_results_nor_what_is_kept_to_go_on_name_a_secret(far: Far, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    asked = SharpenRequest(far.pan, (far.ms,), out=str(tmp_path / "out" / "o.tif"), method="gsa", resume=True)
    assert "are kept" in stopped(asked)
    check_kept_in(tmp_path / "out")
    said = run(sharpen(asked))
    assert any("Going on with an earlier run" in note for note in said.notes)
    check_kept_in(tmp_path / "out")
    assert b"pan.tif" in (tmp_path / "out" / "o.tif").read_bytes(), "where it came from is told all the same"
    check_kept(str(said.events))


def test_addresses_that_differ_in_what_is_not_told_are_not_taken_for_one_image(far: Far, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    asked = SharpenRequest(far.pan, (far.ms,), out=str(tmp_path / "out" / "o.tif"), method="gsa", resume=True)
    assert "are kept" in stopped(asked)
    said = run(sharpen(replace(asked, ms=(far.ms.replace("?sig=a", "?scene=2&sig=a"),))))
    assert any("begins anew" in warning for warning in said.warnings)
    check_kept(str(said.events))


def test_neither_simulated_images_nor_a_report_name_a_secret(far: Far, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    out = {name: str(tmp_path / "out" / f"{name}.tif") for name in ("out_pan", "out_ms", "out_reference")}
    said = run(simulate(SimulateRequest(far.pan, (far.ms,), **out)))
    run(sharpen(SharpenRequest(far.pan, (far.ms,), out=str(tmp_path / "pair" / "sharp.tif"), method="exp")))
    page = {f"out_{kind}": str(tmp_path / "out" / f"r.{kind}") for kind in ("html", "json", "csv")}
    told = run(
        report(
            ReportRequest(
                far.pan, (far.ms,), fused=(far.pan.replace("pan.tif", "sharp.tif"),), methods=("exp",), **page
            )
        )
    )
    check_kept_in(tmp_path / "out")
    check_kept(f"{said.events} {told.events}")


@pytest.mark.parametrize("verb", ["describe", "sharpen"])
def test_the_command_line_repeats_no_secret(
    verb: str, far: Far, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = far.pan.replace("pan.tif", "none.tif")
    out = [] if verb == "describe" else ["--out", str(tmp_path / "o.tif"), "--method", "exp"]
    for pan, code in ((far.pan, 0), (wrong, 1)):
        assert main([verb, "--pan", pan, "--ms", far.ms, *out, "--json"]) == code
        said = capfd.readouterr()
        check_kept(said.out + said.err)
    assert "none.tif cannot be opened as an image" in said.err


def test_the_log_of_an_unforeseen_error_names_no_secret(
    far: Far, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told = explained(KeyError(far.pan), f"sharpen --pan {far.pan} --ms '{far.ms}' --out o.tif")
    (log,) = tmp_path.glob("*.log")
    check_kept(f"{told} {log.read_text(encoding='utf-8')}")
    assert "--out o.tif" in log.read_text(encoding="utf-8"), "what stands behind an address stays"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "/vsicurl/https://a.example/p.tif?X-Amz-Signature=1&x=2 is gone.",
            "/vsicurl/https://a.example/p.tif is gone.",
        ),
        ("see (https://a.example/p?t=1), or", "see (https://a.example/p), or"),
        ("ftp://me:word@a.example/p.tif", "ftp://****@a.example/p.tif"),
        (
            "Looking in https://jane:se:cr@t@i.example/simple, http://plain/",
            "Looking in https://****@i.example/simple, http://plain/",
        ),
        ("PG:host=a password='very secret' table=b", "PG:host=a password=... table=b"),
        ("postgres pwd=x&user=y", "postgres pwd=...&user=y"),
        (
            "/vsicurl?header.Authorization=Bearer%20x&proxyuserpwd=a:b&use_head=no"
            "&url=https%3A%2F%2Fme%3Aword%40a.example%2Fp.tif%3Fsig%3Dx",
            "/vsicurl?header.Authorization=...&proxyuserpwd=...&use_head=no&url=https%3A%2F%2F****@a.example%2Fp.tif",
        ),
        ("https://a.example/who%3Fme.tif is gone.", "https://a.example/who%3Fme.tif is gone."),
        ("vrt:///data/a.tif?bands=1", "vrt:///data/a.tif?bands=1"),
        ("/data//me@home/what?.tif = a", "/data//me@home/what?.tif = a"),
    ],
)
def test_only_secrets_are_left_out(text: str, told: str) -> None:
    assert without_secrets(text) == told
    assert InputError(text, text).fact == told and InputError(text, text).remedy == told
    assert Noted(text).message == told and Warned(text).message == told
    assert Started("a", {"b": text}).facts == {"b": told}
    assert Finished({"a": [text, {"b": text}], "c": (text, 1.5)}).result == {"a": [told, {"b": told}], "c": (told, 1.5)}


@pytest.mark.parametrize("part", ["https://", "https%3A%2F%2F", "a=pwd", "header.", "%3A%2F%2F", "pwd='", "a://@"])
def test_a_text_that_begins_addresses_without_an_end_costs_no_time(part: str) -> None:
    begun = time.process_time()
    without_secrets(f"= {part * 20_000}")
    assert time.process_time() - begun < 2.0
