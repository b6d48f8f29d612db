"""A report brought to where it is read: a folder, or somebody's mail.

Put into a folder it is whole. What goes by mail leaves the house: small counts are hidden in it, whoever it is for, and no
household is named in any file. A letter sent again, because nobody knows whether it arrived, carries the same Message-ID.
"""

import shutil
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from api.report_files import files_of, write_files
from api.report_runs import Delivery
from api.report_sheets import Sheets
from api.reports import Report
from api.schedule_plan import Mail, Planned
from api.settings import Lang
from api.wiring import CHINA
from matcher.catalogue import Catalogue
from matcher.gap_views import LEAST

FOLDER = "folder"
PATIENCE = 30  # seconds
TYPES = {".json": "application/json", ".csv": "text/csv", ".html": "text/html"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXTS: dict[Lang, dict[str, str]] = {
    "zh": {
        "subject": "{heading}（{day}）",
        "hidden": f"邮件中少于 {LEAST} 的数字不显示；完整报告请登录系统查看。",
        "machine": "本邮件由系统按计划发出，请勿回复。",
    },
    "en": {
        "subject": "{heading} ({day})",
        "hidden": f"Figures below {LEAST} are hidden in mail; the whole report is read in the system.",
        "machine": "Sent by plan, by a program: please do not answer.",
    },
}


def put_into_folder(report: Report, catalogue: Catalogue, planned: Planned, folder: Path) -> Path:
    """Write the report into a folder of its own; that folder is there whole or not at all. Returns it."""
    place, half = folder / report.id, folder / f".{report.id}.part"
    if not place.exists():
        shutil.rmtree(half, ignore_errors=True)
        write_files(Sheets(report, catalogue, planned.lang), half, planned.forms)
        half.rename(place)
    return place


def send_mail(report: Report, catalogue: Catalogue, planned: Planned, mail: Mail, one: Delivery) -> None:
    """Send it to one address. Raises OSError, smtplib.SMTPException."""
    letter = letter_of(report, catalogue, planned, mail.sender, one)
    trusted = ssl.create_default_context()
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE, context=trusted)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE)
    with server:
        if mail.security == "starttls":
            server.starttls(context=trusted)
        if mail.user:
            server.login(mail.user, mail.password)
        server.send_message(letter)


def letter_of(report: Report, catalogue: Catalogue, planned: Planned, sender: str, one: Delivery) -> EmailMessage:
    """The letter: the sentences of the report, its files behind them."""
    texts, sheets = TEXTS[planned.lang], Sheets(report, catalogue, planned.lang, least=LEAST)
    letter = EmailMessage()
    letter["From"], letter["To"] = _address(sender), _address(one.to)
    letter["Subject"] = texts["subject"].format(heading=sheets.heading(), day=report.as_of.isoformat())
    letter["Date"] = format_datetime(report.made_at.astimezone(CHINA))
    letter["Message-ID"] = f"<{sha256(one.id.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content("\n".join([sheets.when(), "", *sheets.headlines(), "", texts["hidden"], texts["machine"], ""]))
    for form in planned.forms:
        for name, content in files_of(sheets, form).items():
            main, _, sub = TYPES.get(Path(name).suffix, SHEET).partition("/")
            letter.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return letter


def _address(text: str) -> Address:
    return Address(addr_spec=text)


def kind_of(error: Exception) -> str:
    """What went wrong, without any value that could be somebody's: the kind of error, its number or its cause."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _ in error.recipients.values()})
        return f"SMTPRecipientsRefused {' '.join(codes)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__
