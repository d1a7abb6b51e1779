"""What is no message or not the listed arrays is told from what is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.remote.protocol import MOST_LINE, Nonsense, decoded, encoded, put, take


def test_a_message_survives_its_line_whatever_letters_it_has() -> None:
    message = {"id": 7, "do": "hello", "values": {"model": "größer 雪\n.safetensors", "shares": [0.1, 1 / 3]}}
    line = encoded(message)
    assert line.count(b"\n") == 1 and line.isascii() and decoded(line) == message


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\n", b"Welcome\n", b"{}\n", b"[7]\n", b'{"id": "7"}\n', b'{"id": true}\n', b"\xff\xfe\n"),
        b'{"id": 7}',  # cut off
        b"[" * MOST_LINE,
    ],
)
def test_what_is_no_message_is_nonsense(line: bytes) -> None:
    with pytest.raises(Nonsense):
        decoded(line)


def test_arrays_survive_their_file_to_the_last_bit_in_their_order(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    arrays: dict[str, Any] = {
        "z": random.random((3, 5, 7)),
        "a": random.random((4, 6), np.float32)[::2, ::-1],  # a view, whose memory has another order
        "none of it": np.float32(np.nan).reshape(()),
    }
    listed = put(str(tmp_path / "0.in"), arrays)
    assert (tmp_path / "0.in").stat().st_size == 3 * 5 * 7 * 8 + 2 * 6 * 4 + 4
    back = take(str(tmp_path / "0.in"), listed)
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype and back[name].flags.writeable


@pytest.mark.parametrize(
    "listed",
    [
        *(None, "a", 7, [[]], ["a"], [["a", "f4"]], [["a", "f4", 4]], [["a", "f4", [3]]], [["a", "f8", [4]]]),
        *([["a", "f4", [-4]]], [["a", "f4", [-2, -2]]], [["a", "f4", [0]]], [["a", "f4", [4.0]]], [["a", "O", [4]]]),
        *([["a", ["f4"], [4]]], [[7, "f4", [4]]], [["a", "f4", [1] * 9 + [4]]], [["a", "f4", [2**62]]]),
        *([["a", "f4", [4]], ["b", "f4", [1]]], []),
    ],
)
def test_a_list_that_is_not_of_the_arrays_in_the_file_is_nonsense(listed: Any, tmp_path: Path) -> None:
    (tmp_path / "0.out").write_bytes(bytes(16))
    with pytest.raises(Nonsense):
        take(str(tmp_path / "0.out"), listed)
