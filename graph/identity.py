"""Names, ID-card numbers and phones: checked, encrypted for keeping, hashed for finding, masked for showing.

Plain text comes in from a file or a form; what goes to the store is cipher text and keyed hashes, which are worth nothing without the key.
The same value under the same key gives the same text, so an import that is repeated changes nothing.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from graph.errors import BadIdCard, BadPhone, IdentityError, KeyMissing, KeyUnsafe

Part = Literal["name", "idcard", "phone", "address"]

KEY_BYTES = 32
EARLIEST_BIRTH = 1880
PLACES = frozenset(
    str(place)
    for places in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
        range(91, 100),
    )
    for place in places
)
"""First two digits: provinces, permits for residents from Hong Kong, Macao and Taiwan (81-83), residence cards of foreigners (9)."""

_SPREADSHEET = re.compile(r"^\d(\.\d+)?E\+?\d+$")
_MOBILE = re.compile(r"^1[3-9]\d{9}$")
_LANDLINE = re.compile(r"^0\d{2,3}[1-9]\d{6,7}$")
_SERVICE = re.compile(r"^(400|800)\d{7}$|^9[56]\d{3,6}$|^1[12]\d{3}$")


@dataclass(frozen=True, slots=True)
class IdCard:
    """A number that can be right, and what it says."""

    number: str
    born: date
    sex: Literal["male", "female"]
    place: str  # division code at the time of registration; many are of divisions that exist no more


class Identity:
    """Encrypts and hashes under one key. `Identity(key)` takes 32 bytes, as `load_or_make_key` gives them."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise KeyUnsafe(f"身份密钥应为 {KEY_BYTES} 字节", f"an identity key is {KEY_BYTES} bytes long")
        self._cipher = AESSIV(_derived(key, b"aidgraph identity cipher 1", 64))
        self._hash_key = _derived(key, b"aidgraph identity hash 1", 32)
        self._proof_key = _derived(key, b"aidgraph proof 1", 32)

    def person(self, *, name: str | None = None, idcard: str | None = None, phone: str | None = None) -> dict[str, str]:
        """The properties of a Person for what is known of it; blank parts are left out.

        Raises: BadIdCard, BadPhone.
        """
        normal = {
            "name": normalise_name(name or ""),
            "idcard": check_idcard(idcard).number if idcard and idcard.strip() else "",
            "phone": check_phone(phone) if phone and phone.strip() else "",
        }
        parts: tuple[Part, ...] = ("name", "idcard", "phone")
        sealed: dict[str, str] = {}
        for part in parts:
            if normal[part]:
                sealed |= {f"{part}_enc": self.encrypt(part, normal[part]), f"{part}_key": self.hash(part, normal[part])}
        return sealed

    def household(self, address: str) -> dict[str, str]:
        """The properties of a Household that lives at this address."""
        plain = normalise_address(address)
        return {"address_enc": self.encrypt("address", plain), "address_key": self.hash("address", plain)}

    def encrypt(self, part: Part, text: str) -> str:
        """Cipher text in URL-safe letters; the same text gives the same. Names, numbers and phones do not decrypt as one another."""
        return base64.urlsafe_b64encode(self._cipher.encrypt(text.encode(), [part.encode()])).decode()

    def decrypt(self, part: Part, cipher_text: str) -> str:
        """The text again. Raises IdentityError if it was not encrypted under this key, or was changed."""
        try:
            return self._cipher.decrypt(base64.urlsafe_b64decode(cipher_text), [part.encode()]).decode()
        except (InvalidTag, ValueError):
            raise IdentityError(
                "身份信息无法解密：密钥不符或数据已损坏，请使用写入时的密钥",
                "identity cannot be decrypted: another key, or damaged data; use the key that it was written with",
            ) from None

    def hash(self, part: Part, text: str) -> str:
        """What a normalised value is found by: a keyed hash in hexadecimal."""
        return hmac.new(self._hash_key, f"{part}\0{text}".encode(), hashlib.sha256).hexdigest()

    def search_key(self, part: Part, typed: str) -> str:
        """The hash of what somebody typed, normalised but not checked, to be compared with `<part>_key`."""
        normalise = {"name": normalise_name, "idcard": normalise_idcard, "phone": normalise_phone, "address": normalise_address}[part]
        return self.hash(part, normalise(typed))

    def proof(self, text: str) -> str:
        """A keyed hash in hexadecimal that nobody can make without the key: it shows that a text is as we wrote it."""
        return hmac.new(self._proof_key, text.encode(), hashlib.sha256).hexdigest()

    def fingerprint(self) -> str:
        """Tells two keys apart and reveals neither."""
        return hmac.new(self._hash_key, b"fingerprint", hashlib.sha256).hexdigest()[:32]


def identity_or_refuse(identity: Identity | None) -> Identity:
    """The identity, or KeyMissing."""
    if identity is None:
        raise KeyMissing(
            "打开图库时没有提供身份密钥，无法读写姓名、证件号和电话；请用 AIDGRAPH_KEY_FILE 指定密钥文件，没有时会新建",
            "the store was opened without a key, and names, ID cards and phones need one: name its file with AIDGRAPH_KEY_FILE; "
            "one that is not there is made",
        )
    return identity


def normalise_name(text: str) -> str:
    """Full-width forms made plain, spaces gone between Chinese characters and single elsewhere, one form for the dot in names (·)."""
    plain = re.sub(r"[•‧∙・･.](?=[\u3400-\u9fff])", "·", unicodedata.normalize("NFKC", text))
    return re.sub(r"(?<=[\u3400-\u9fff·]) (?=[\u3400-\u9fff·])", "", " ".join(plain.split()))


def normalise_address(text: str) -> str:
    """Full-width forms made plain, every space gone, small letters."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def normalise_idcard(text: str) -> str:
    """Plain digits and a capital X; spaces, hyphens and a leading apostrophe are gone."""
    return re.sub(r"[\s'’‘`\-\u2010-\u2015\u200b\ufeff]", "", unicodedata.normalize("NFKC", text)).upper()


def normalise_phone(text: str) -> str:
    """Digits alone, without +86 or 0086."""
    digits = re.sub(r"[\s'’‘`()\-\u2010-\u2015\u200b\ufeff]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(\+|00)86|^86(?=1[3-9]\d{9}$)", "", digits)


def check_idcard(text: str, *, as_of: date | None = None) -> IdCard:
    """The 18-digit number of GB 11643 with its birthday and sex. A number that cannot be right is refused with the reason, never mended.

    The county in a number is not checked: it is that of the registration, which may be younger than the person.

    Raises:
        BadIdCard: with `code` spreadsheet, length, format, place, birth_date or checksum.
    """
    number = normalise_idcard(text)
    spoiled = len(number) == 18 and number.endswith("000") and number.isdigit() and ric.calc_check_digit(number) != number[-1]
    if spoiled or _SPREADSHEET.match(number):
        raise _bad_idcard("spreadsheet")
    if len(number) != 18:
        raise _bad_idcard("old" if len(number) == 15 and number.isascii() and number.isdigit() else "length")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _bad_idcard("format")
    if number[:2] not in PLACES:
        raise _bad_idcard("place")
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        raise _bad_idcard("birth_date") from None
    if born.year < EARLIEST_BIRTH or (as_of is not None and born > as_of):
        raise _bad_idcard("birth_date")
    if ric.calc_check_digit(number) != number[-1]:
        raise _bad_idcard("checksum")
    return IdCard(number, born, "male" if int(number[16]) % 2 else "female", number[:6])


_IDCARD_REASONS = {
    "spreadsheet": (
        "证件号已被电子表格改成数值（如 3.72E+17 或末三位为 000），原号码已丢失，请把该列设为文本后重新填写",
        "a spreadsheet made this ID-card number 3.72E+17, or put 000 at its end, and lost digits: make the column text and type it again",
    ),
    "old": ("这是 15 位旧证件号，请填写 18 位号码", "this is an old ID-card number of 15 digits: give the one of 18"),
    "length": (
        "证件号不是 18 位，请核对是否漏填或多填",
        "this ID-card number does not have 18 characters: look for one missing or too many",
    ),
    "format": ("证件号应为 17 位数字加 1 位数字或 X，请核对", "an ID-card number is 17 digits and a digit or X: check it"),
    "place": ("证件号前两位不是任何地区的代码，请核对", "the first two digits of this ID-card number are no region's: check them"),
    "birth_date": (
        "证件号中的出生日期不存在或不可能，请核对第 7 至 14 位",
        "the birthday in this ID-card number is no possible day: check digits 7 to 14",
    ),
    "checksum": (
        "证件号校验位不符，可能有一位填错或两位颠倒，请核对",
        "the last character of this ID-card number does not fit: one digit may be wrong, or two swapped",
    ),
}


def _bad_idcard(code: str) -> BadIdCard:
    zh, en = _IDCARD_REASONS[code]
    return BadIdCard(zh, en, "length" if code == "old" else code)


def check_phone(text: str) -> str:
    """The number in plain digits: a mobile, a landline with its area code, or a service number.

    Raises:
        BadPhone: it cannot be dialled, or a spreadsheet turned it into 1.39E+10.
    """
    number = normalise_phone(text)
    if _SPREADSHEET.match(number.upper()):
        raise BadPhone(
            "电话号码已被电子表格改成数值（如 1.39E+10），请把该列设为文本后重新填写",
            "a spreadsheet turned this phone number into a number (1.39E+10): make the column text and type it again",
        )
    if not any(form.match(number) for form in (_MOBILE, _LANDLINE, _SERVICE)):
        raise BadPhone(
            "电话号码应为 11 位手机号或带区号的座机号，请核对",
            "a phone number is a mobile of 11 digits or a landline with its area code: check it",
        )
    return number


def mask_name(name: str) -> str:
    """王○○: the first character alone, as notices show it."""
    return name[:1] + "○" * max(1, len(name) - 1) if name else ""


def mask_idcard(number: str) -> str:
    """3703**********1234: the region's four digits and the last four."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:] if len(number) > 8 else "*" * len(number)


def mask_phone(number: str) -> str:
    """139****1234: the first three digits and the last four."""
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) > 7 else "*" * len(number)


def load_or_make_key(path: Path) -> bytes:
    """The key in this file; one is made with mode 0600 if there is no file.

    Raises:
        KeyUnsafe: others can read or write the file, or it holds no key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_key(path)
    return _load_key(path)


def _make_key(path: Path) -> None:
    """The file appears whole or not at all, and of two programs at once the first one's stays."""
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
    finally:
        Path(part).unlink()


def _load_key(path: Path) -> bytes:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnsafe(f"密钥文件 {path.name} 可被他人读取，请执行 chmod 600", f"others can read the key file {path.name}: chmod 600 it")
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyUnsafe(
            f"文件 {path.name} 中不是密钥，请恢复备份的密钥", f"the file {path.name} does not hold a key: restore the one you saved"
        )
    return key


def _derived(key: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose).derive(key)
