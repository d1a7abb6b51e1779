"""Whatever lies in a file: it is a good model or refused in a sentence; never a crash, a wait or a big memory."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ModelFileError
from engine.modelfile.card import Card, read_card
from tests.modelfile.cards import card, entry, fields, framed, model_bytes, model_file

ROOT = Path(__file__).resolve().parents[2]
CARD = {"ksdiff_card": card().to_json()}


def refusal(path: str) -> str:
    with pytest.raises(ModelFileError) as caught:
        read_card(path)
    assert caught.value.fact.startswith(path) and caught.value.remedy.endswith(".")
    return str(caught.value)


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02.")
    return stream.getvalue()


def test_the_card_of_a_file_is_read(tmp_path: Path) -> None:
    assert read_card(model_file(tmp_path / "m.safetensors")) == card()


@pytest.mark.parametrize("length", [0x0280, 0x0480])
def test_a_length_that_looks_like_a_pickle_is_a_length(length: int, tmp_path: Path) -> None:
    small = json.dumps({"a": entry(0, 1)}).encode().ljust(length)
    assert "no card" in refusal(model_file(tmp_path / "m.safetensors", framed(small, bytes(4))))


def test_spaces_behind_the_header_align_it(tmp_path: Path) -> None:
    length = struct.unpack("<Q", model_bytes()[:8])[0]
    header = model_bytes()[8 : 8 + length] + b"     "
    assert read_card(model_file(tmp_path / "m.safetensors", framed(header, bytes(24)))) == card()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"abc", "no .safetensors file"),
        (b"\x10\0\0\0\0\0\0\0", "no .safetensors file"),
        (model_bytes()[:40], "cut off in its header"),
        (model_bytes()[:-1], "cut off: 23 of 24 bytes"),
        (model_bytes() + b"x", "1 bytes behind the weights"),
        (zipped(), "can hold code, and is not opened"),
        (pickle.dumps({"weights": [1.0]}), "can hold code, and is not opened"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "no .safetensors file"),
        (struct.pack("<Q", 10 * 2**40) + b"{}", "said to have 10995116277760 bytes"),
        (struct.pack("<Q", 2**63) + b"[]", "no .safetensors file"),
        (struct.pack("<Q", 50_000_000) + b"{" + bytes(100), "50000000 bytes"),
        (framed(b"{}", b""), "no weights"),
        (framed(b"[1]", b""), "no .safetensors file"),
        (framed(b'{"\xff": 1}', b""), "UTF-8"),
        (framed(b'{"a": 1', b""), "no JSON"),
        (framed(b'{"a":' * 50_000, b""), "nested too deeply"),
        (framed(b'{"__metadata__": 1}', b""), "metadata"),
        (model_bytes(metadata={"ksdiff_card": {"format": 1}}), "metadata"),
        (model_bytes(metadata={"format": "pt"}), "no card"),
        (model_bytes("not json"), "The card is no JSON"),
        (model_bytes(json.dumps(fields(format=3))), "newer version"),
        (model_bytes().replace(b'"b":', b'"a":'), "twice"),
    ],
)
def test_what_is_no_sound_model_is_refused_by_its_kind(content: bytes, words: str, tmp_path: Path) -> None:
    assert words in refusal(model_file(tmp_path / "m.safetensors", content))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "no weights"),
        ({"a": 1}, "not described"),
        ({"a": {**entry(0, 6), "more": 1}}, "not described"),
        ({"a": entry(0, 24, dtype="U8", size=1)}, "F32, F16, BF16"),
        ({"a": entry(0, 3, dtype="F64", size=8)}, "F32, F16, BF16"),
        ({"a": {**entry(0, 6), "dtype": ["F32"]}}, "F32, F16, BF16"),
        ({"a": {**entry(0, 6), "shape": 6}}, "impossible shape"),
        ({"a": {**entry(0, 6), "shape": [6.0]}}, "impossible shape"),
        ({"a": {**entry(0, 6), "shape": [-6, -1]}}, "impossible shape"),
        ({"a": entry(0, 6), "b": entry(24, 0)}, "impossible shape"),
        ({"a": {**entry(0, 6), "shape": [1] * 9}}, "impossible shape"),
        ({"a": entry(0, 2**30, 2**30)}, "impossible shape"),
        ({"a": {**entry(0, 6), "shape": [5]}}, "does not fit its place"),
        ({"a": {**entry(0, 6), "data_offsets": [0]}}, "no place"),
        ({"a": {**entry(0, 6), "data_offsets": [0, True]}}, "no place"),
        ({"a": entry(-4, 7)}, "no place"),
        ({"a": {**entry(0, 6), "data_offsets": [24, 0]}}, "does not fit its place"),
        ({"a": entry(0, 4), "b": entry(12, 3)}, "overlap"),
        ({"a": entry(0, 6), "b": entry(0, 6)}, "overlap"),
        ({"a": entry(0, 2), "b": entry(16, 2)}, "hole"),
        ({"a": entry(8, 4)}, "hole"),
        ({"a": entry(0, 2**29)}, "cut off: 24 of 2147483648"),
    ],
)
def test_weights_that_do_not_fill_the_file_one_after_the_other_are_refused(
    entries: dict[str, Any], words: str, tmp_path: Path
) -> None:
    assert words in refusal(model_file(tmp_path / "m.safetensors", model_bytes(entries=entries)))


@pytest.mark.parametrize(("dtype", "size"), [("F16", 2), ("BF16", 2), ("F32", 4)])
def test_weights_of_16_and_32_bits_and_single_numbers_are_weights(dtype: str, size: int, tmp_path: Path) -> None:
    entries = {"a": entry(0, 2, 3, dtype=dtype, size=size), "b": entry(6 * size, dtype=dtype, size=size)}
    content = model_bytes(entries=entries, data=7 * size)
    assert read_card(model_file(tmp_path / "m.safetensors", content)) == card()


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    assert "folder" in refusal(str(tmp_path))
    assert "does not exist" in refusal(str(tmp_path / "none.safetensors"))
    assert "does not exist" in refusal(str(tmp_path / "none" / "none.safetensors"))
    assert "cannot be read" in refusal(str(tmp_path / ("x" * 5000)))
    assert "No file can have this name" in refusal("a\0b.safetensors")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.safetensors")
        assert "It is no file" in refusal(str(tmp_path / "pipe.safetensors"))


def test_a_claim_of_terabytes_needs_no_memory(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.safetensors", struct.pack("<Q", 10 * 2**40) + b"{" + bytes(1 << 21))
    tracemalloc.start()
    try:
        refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def damaged(rng: random.Random, content: bytes) -> bytes:
    """Return the file with something wrong about it, mostly in its header."""
    length = struct.unpack("<Q", content[:8])[0]
    way = rng.randrange(7)
    if way == 0:
        return content[: rng.randrange(len(content))]
    if way == 1:
        return content + rng.randbytes(rng.randrange(1, 50))
    if way == 2:  # what lies at the front decides over all else
        return rng.randbytes(rng.randrange(1, 9)) + content[8:]
    header = bytearray(content[8 : 8 + length])
    place = rng.randrange(len(header))
    if way == 3:
        for _ in range(rng.randrange(1, 8)):
            header[rng.randrange(len(header))] ^= 1 << rng.randrange(8)
    elif way == 4:
        numbers = [
            b"-1",
            b"1e308",
            b"9" * 400_000,
            b"18446744073709551616",
            b"true",
            b"null",
            b"NaN",
            b'"x"',
            b"1e-400",
        ]
        places = [at for at in range(1, len(header)) if header[at : at + 1].isdigit()]
        at = rng.choice(places)
        header[at : at + 1] = rng.choice(numbers)
    elif way == 5:
        header[place:place] = rng.choice(
            [b"[" * 90_000, b'{"a":' * 60_000, b"\\u0000", b'"', b"\xff", b"\0", b"}", b","]
        )
    else:
        other = rng.randrange(len(header))
        header[place : place + 40], header[other : other + 40] = header[other : other + 40], header[place : place + 40]
    return framed(bytes(header), content[8 + length :])


def test_no_damage_is_answered_with_anything_but_a_card_or_a_sentence(tmp_path: Path) -> None:
    rng = random.Random(20260131)
    outcomes = {"card": 0, "sentence": 0}
    for _ in range(400):
        path = model_file(tmp_path / "m.safetensors", damaged(rng, model_bytes()))
        begun = time.process_time()
        try:
            assert isinstance(read_card(path), Card)
            outcomes["card"] += 1
        except ModelFileError as error:
            assert error.fact and error.remedy and len(str(error)) < 600
            outcomes["sentence"] += 1
        assert time.process_time() - begun < 0.1
    assert outcomes["sentence"] > 330  # a flipped letter of a description does no harm


def test_reading_a_card_needs_neither_torch_nor_numpy(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.safetensors")
    script = (
        "import sys; from engine.modelfile.card import read_card; from engine.modelfile import mlm;"
        f"card = read_card({path!r}); mlm.item(card, 'm', 1, '00' * 32);"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "safetensors", "osgeo"} & set(done.stdout.split())
