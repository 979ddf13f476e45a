"""A digest as a message in a file, for a local mailer: nothing is sent."""

from __future__ import annotations

import email.policy
import uuid
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from digest.export.page import page_html, page_text

if TYPE_CHECKING:
    from digest.export.record import Page


def export_eml(page: Page) -> bytes:
    """Return plain text and HTML in one message, from and to nobody in particular."""
    message = EmailMessage(email.policy.SMTP)
    message["Subject"] = page.title
    message["From"] = "digest <digest@localhost.invalid>"
    message["To"] = "reader <reader@localhost.invalid>"
    message["Date"] = format_datetime(page.made)
    made = uuid.uuid5(uuid.NAMESPACE_OID, f"{page.date.isoformat()} {page.made.isoformat()}")
    message["Message-ID"] = f"<{made}@localhost.invalid>"
    message.set_content(page_text(page), cte="quoted-printable")
    message.add_alternative(page_html(page), subtype="html", cte="quoted-printable")
    # What lies between the parts is random otherwise, and the same digest would be another file each time.
    message.set_boundary(f"digest-{made.hex}")
    return message.as_bytes()
