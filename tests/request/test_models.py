"""What can be asked about models is checked before anything is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import RequestError
from engine.request import ModelsRequest, from_json


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"file": ""}, "'file'"),
        ({"directories": ["ok", ""]}, "'directories'"),
        ({"directories": "models"}, "one text"),
        ({"out_mlm": "item.json"}, "none was named"),
        ({"file": "m.json", "out_mlm": "./m.json"}, "the model itself"),
        ({"file": "m.html", "out_html": "./m.html"}, "the model itself"),
        ({"file": "m", "out_html": "x", "out_mlm": "./x"}, "Two results"),
        ({"out_html": ""}, "'out_html'"),
        ({"action": "install"}, "Choose one of list, import, remove."),
        ({"action": "import", "folder": "models"}, "No model was named to import."),
        ({"action": "remove", "file": "m"}, "'folder'"),
        ({"action": "import", "file": "m", "folder": "models", "out_mlm": "x.json"}, "describes one model"),
        ({"files": []}, "Unknown field"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        from_json(ModelsRequest, values)


def test_nothing_needs_to_be_given_to_list_what_is_there() -> None:
    assert from_json(ModelsRequest, {}) == ModelsRequest(action="list")
