"""Elements are closed and their text is escaped, whatever it holds; numbers are written alike everywhere."""

from __future__ import annotations

import math

import pytest

from engine.pages.evaluation import Picture
from engine.pages.markup import Markup, data_uri, element, enumerated, shortened, symbols, text
from engine.pages.numerals import decimal, displacement, plain, rounded, share, whole


def test_text_and_attributes_are_escaped_but_markup_is_not() -> None:
    inner = element("b", "<i>&\"'")
    assert inner == "<b>&lt;i&gt;&amp;&quot;&#x27;</b>"
    assert element("p", inner, title='"><script>') == f'<p title="&quot;&gt;&lt;script&gt;">{inner}</p>'


def test_attributes_are_spelt_as_html_has_them() -> None:
    assert element("line", class_="a", stroke_width=1.5, dash=None) == '<line class="a" stroke-width="1.5"></line>'
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_what_cannot_be_shown_is_replaced_and_the_page_can_be_written() -> None:
    assert text("a\x00b\x1b\x9f\udcffc\u202ed\u2066") == "a\ufffdb\ufffd\ufffd\ufffdc\ufffdd\ufffd"
    assert text("two\r\nlines\tand a tab") == "two lines and a tab"
    text("\ud800 name").encode("utf-8")


def test_letters_of_other_scripts_stay() -> None:
    assert text("Москва 東京 نهر é") == "Москва 東京 نهر é"


def test_a_picture_becomes_an_address_that_holds_it() -> None:
    assert data_uri(Picture(b"\x00\x01\x02", "image/png", 1, 1)) == "data:image/png;base64,AAEC"


def test_long_names_lose_their_middle() -> None:
    assert shortened("abc", 3) == "abc"
    cut = shortened("WV2_20200101_scene_sharpened_by_GSA.tif", 20)
    assert len(cut) == 20 and cut.startswith("WV2_20") and cut.endswith("by_GSA.tif")


def test_names_are_listed_as_people_do() -> None:
    assert enumerated(["a"]) == "a"
    assert enumerated(["a", "b"]) == "a and b"
    assert enumerated("abcd") == "a, b, c and d"
    assert enumerated("abcdefg") == "a, b, c and 4 others"
    assert enumerated([]) == ""


def test_symbols_are_printed_as_in_papers_and_the_rest_stays_escaped() -> None:
    assert symbols("D_lambda^K < D_s") == "D<sub>λ</sub><sup>K</sup> &lt; D<sub>s</sub>"
    assert symbols("R-ERGAS 2 %") == '<span class="symbol">R-ERGAS</span> 2\u00a0%'
    assert symbols("BAD_salt") == "BAD_salt"
    assert isinstance(symbols("x"), Markup)


def test_numbers_have_a_true_minus_and_a_dash_where_there_are_none() -> None:
    assert decimal(-1.234, 2) == "−1.23"
    assert decimal(-0.001, 2, signed=True) == "0.00"
    assert decimal(0.5, 1, signed=True) == "+0.5"
    assert {decimal(value, 2) for value in (None, math.nan, math.inf, -math.inf)} == {"–"}
    assert rounded(None) == rounded(math.nan) == share(math.nan) == "–"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (54.04, "54"), (0.5, "0.5"), (1234.5, "1234"), (3.2e-5, "3.2e−5"), (2e9, "2e9")]
)
def test_rounded_numbers_have_no_needless_digits(value: float, shown: str) -> None:
    assert rounded(value) == shown


def test_a_share_that_is_not_zero_never_reads_as_zero() -> None:
    assert [share(value) for value in (0.0, 1e-9, 0.0123, 0.5)] == ["0 %", "< 0.01 %", "1.2 %", "50 %"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_drawing_has_no_place_for_what_is_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="no place"):
        plain(value)


def test_numbers_of_drawings_are_short_and_never_minus_zero() -> None:
    assert [plain(value) for value in (1.0, -0.001, 2.345678, 1e20)] == ["1", "0", "2.35", "100000000000000000000"]


def test_counts_have_their_thousands_apart_without_a_locale() -> None:
    assert whole(1234567) == "1\u202f234\u202f567"


def test_shifts_are_said_in_words() -> None:
    assert displacement(0.42, -0.1) == "0.42 to the right and 0.10 up"
    assert displacement(-0.5, 0.001) == "0.50 to the left"
    assert displacement(0.0, 0.0) == "0.00"
