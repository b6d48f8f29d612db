"""Names, ID cards and phones: normalised, checked, encrypted, hashed, masked."""

import base64
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from graph.errors import BadIdCard, BadPhone, IdentityError, KeyUnsafe
from graph.identity import (
    Identity,
    Part,
    check_idcard,
    check_phone,
    load_or_make_key,
    mask_idcard,
    mask_name,
    mask_phone,
    normalise_name,
)

KEY = bytes(range(32))


def _number(body: str) -> str:
    """A number with the last character that fits; nobody's, since the sequence is made up here."""
    return body + ric.calc_check_digit(body + "0")


VALID = _number("37030219480229001")


def test_a_number_says_birthday_and_sex() -> None:
    card = check_idcard(VALID)
    assert (card.born, card.sex, card.place) == (date(1948, 2, 29), "male", "370302")
    assert check_idcard(_number("37030220170101002")).sex == "female"


def test_an_elderly_person_of_a_county_younger_than_herself_is_accepted() -> None:
    assert check_idcard(_number("37150219300101002")).born.year == 1930


@pytest.mark.parametrize("head", ["810000", "830000", "911100"])
def test_permits_of_residents_from_elsewhere_are_accepted(head: str) -> None:
    assert check_idcard(_number(f"{head}19900101001")).born == date(1990, 1, 1)


def test_full_width_digits_spaces_and_a_small_x_are_read() -> None:
    with_x = next(number for n in range(100) if (number := _number(f"37030219800101{n:03}")).endswith("X"))
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in with_x.lower())
    assert check_idcard(f" '{wide[:6]} {wide[6:14]}-{wide[14:]}").number == with_x


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3.72E+17", "spreadsheet"),
        ("3.72e17", "spreadsheet"),
        ("３．７２Ｅ＋１７", "spreadsheet"),
        ("370302194802290000", "spreadsheet"),
        ("370302480229001", "length"),
        (VALID[:-1], "length"),
        ("", "length"),
        ("37030219480229A01X", "format"),
        ("3703021948022900１Y", "format"),
        (_number("99030219480229001").replace("99", "10", 1), "place"),
        (_number("37030219490229001"), "birth_date"),
        (_number("37030218490228001"), "birth_date"),
        (VALID[:-1] + ("1" if VALID[-1] != "1" else "2"), "checksum"),
    ],
)
def test_a_number_that_cannot_be_right_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(BadIdCard) as caught:
        check_idcard(text)
    assert caught.value.code == code
    assert text[-8:] == "" or text[-8:] not in str(caught.value) or code == "spreadsheet"


def test_a_birthday_after_the_day_of_the_question_is_refused() -> None:
    number = _number("37030220270101001")
    assert check_idcard(number).born.year == 2027
    with pytest.raises(BadIdCard):
        check_idcard(number, as_of=date(2026, 8, 1))


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(place: int, by: int) -> None:
    wrong = VALID[:place] + str((int(VALID[place]) + by) % 10) + VALID[place + 1 :]
    with pytest.raises(BadIdCard):
        check_idcard(wrong)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("139 0533 1234", "13905331234"),
        ("+86-13905331234", "13905331234"),
        ("008613905331234", "13905331234"),
        ("8613905331234", "13905331234"),
        ("１３９０５３３１２３４", "13905331234"),
        ("0533-2181234", "05332181234"),
        ("(010) 6655 1234", "01066551234"),
        ("12345", "12345"),
        ("400-800-1234", "4008001234"),
    ],
)
def test_phones_are_read_as_people_write_them(text: str, number: str) -> None:
    assert check_phone(text) == number


@pytest.mark.parametrize("text", ["1390533123", "1.39E+10", "12905331234", "", "无", "139053312345"])
def test_phones_that_cannot_be_dialled_are_refused(text: str) -> None:
    with pytest.raises(BadPhone):
        check_phone(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  王　小 明 ", "王小明"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("John   Smith", "John Smith"),
        ("Ｌｉ", "Li"),
    ],
)
def test_one_name_has_one_form(text: str, name: str) -> None:
    assert normalise_name(text) == name


@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["name", "idcard", "phone"]))
def test_what_is_encrypted_can_be_read_again_and_is_the_same_each_time(text: str, part: Part) -> None:
    one, other = Identity(KEY), Identity(KEY)
    if not text:
        return
    assert one.encrypt(part, text) == other.encrypt(part, text)
    assert other.decrypt(part, one.encrypt(part, text)) == text


def test_parts_and_keys_do_not_mix() -> None:
    mine, theirs = Identity(KEY), Identity(KEY[::-1])
    cipher_text = mine.encrypt("name", "王小明")
    assert mine.encrypt("phone", "王小明") != cipher_text
    assert mine.hash("name", "王小明") != mine.hash("phone", "王小明")
    assert mine.hash("name", "王小明") != theirs.hash("name", "王小明")
    assert mine.fingerprint() != theirs.fingerprint()
    for wrong in ((theirs, "name", cipher_text), (mine, "phone", cipher_text), (mine, "name", "x" + cipher_text), (mine, "name", "短")):
        with pytest.raises(IdentityError):
            wrong[0].decrypt(wrong[1], wrong[2])


def test_a_person_is_sealed_without_what_is_blank() -> None:
    sealed = Identity(KEY).person(name=" 王 小明", idcard=VALID, phone=" ")
    assert sealed.keys() == {"name_enc", "name_key", "idcard_enc", "idcard_key"}
    assert sealed["idcard_key"] == Identity(KEY).search_key("idcard", f"{VALID[:6]} {VALID[6:]}")
    assert not any("王" in value or VALID in value for value in sealed.values())
    with pytest.raises(BadIdCard):
        Identity(KEY).person(idcard="3.72E+17")


def test_masks_show_what_a_notice_shows() -> None:
    assert [mask_name(name) for name in ("王小明", "王", "")] == ["王○○", "王○", ""]
    assert mask_idcard("370302194802290012") == "3703**********0012"
    assert mask_phone("13905331234") == "139****1234"
    assert mask_phone("12345") == "*****"


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "identity.key"
    key = load_or_make_key(place)
    assert len(key) == 32
    assert place.stat().st_mode & 0o777 == 0o600
    assert load_or_make_key(place) == key


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "identity.key"
    load_or_make_key(place)
    place.chmod(0o640)
    with pytest.raises(KeyUnsafe):
        load_or_make_key(place)


@pytest.mark.parametrize("content", [b"", b"not a key", base64.b64encode(b"short")])
def test_a_file_that_holds_no_key_is_refused_and_not_written_over(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "identity.key"
    place.write_bytes(content)
    place.chmod(0o600)
    with pytest.raises(KeyUnsafe):
        load_or_make_key(place)
    assert place.read_bytes() == content
