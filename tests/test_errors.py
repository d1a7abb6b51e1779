"""Errors are a fact and a remedy, with an exit code and the builtin that callers expect."""

from __future__ import annotations

import pytest

from engine import errors


def test_an_error_reads_as_its_fact_and_then_its_remedy() -> None:
    error = errors.InputError(" There is no file. ", " Check its name.\n")
    assert str(error) == "There is no file. Check its name."
    assert (error.fact, error.remedy) == ("There is no file.", "Check its name.")


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.RequestError, ValueError),
        (errors.InputError, ValueError),
        (errors.PairingError, ValueError),
        (errors.MethodError, ValueError),
        (errors.ModelFileError, ValueError),
        (errors.OutputError, OSError),
        (errors.WorkerError, RuntimeError),
    ],
)
def test_what_the_user_can_mend_exits_with_1_and_is_caught_as_its_builtin(kind: type, builtin: type) -> None:
    error = kind("A fact.", "A remedy.")
    assert isinstance(error, errors.EngineError)
    assert isinstance(error, builtin)
    assert error.exit_code == 1
    assert str(error) == "A fact. A remedy."  # OSError with two arguments must not read as an errno


def test_an_interruption_exits_as_shells_expect_of_ctrl_c() -> None:
    assert errors.Interrupted().exit_code == 130
    assert "Nothing was left behind" in str(errors.Interrupted())
