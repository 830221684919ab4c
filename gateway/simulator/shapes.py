"""How the simulated FAX.PLUS writes what it answers, and what it tells by webhook."""

from datetime import UTC, datetime
from typing import Any

import phonenumbers

from gateway.simulator.job import Attempt, Job
from gateway.simulator.settings import SimulatorSettings

Json = dict[str, Any]
BORN = "2020-01-01 08:00:00"
"""When the account and its numbers were made."""


def written(at: float | None) -> str | None:
    """A time as FAX.PLUS writes it, in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def outbox_fax(job: Job, settings: SimulatorSettings) -> Json:
    """Write a fax in the outbox. Its comment is an object."""
    retry = {"count": job.retry.count, "delay": job.retry.delay}
    converted = any(status not in {"submitted", "converting"} for _, status in job.changes)
    shown = {
        "id": job.id,
        "uid": settings.uid,
        "status": job.outbox_status,
        "comment": {"tags": list(job.order.comment.tags), "text": job.comment},
        "contact_name": "",
        "designated_src": "",
        "extra_info": {},
        "file_changes": [],
        "files": list(job.files),
        "initiated_from": {"from_id": "", "type": "api"},
        "ip": "127.0.0.1",
        "last_updated_status_time": written(job.changes[-1][0]),
        "options": {"enhancement": job.order.options.enhancement, "retry": retry},
        "page_count": job.pages if converted else 0,
        "retry": retry,
        "send_time": f"{written(max(job.order.send_at, job.created_at))} +0000",
        "should_enhance": job.order.options.enhancement,
        "src": job.src,
        "status_changes": [{"at": written(at), "status": status} for at, status in job.changes],
        "submit_time": f"{written(job.created_at)} +0000",
        "to": [job.to],
    }
    return shown | _cover_page(job)


def fax(job: Job, attempt: Attempt, settings: SimulatorSettings) -> Json:
    """Write a fax in the archive. Its comment is a string."""
    ended = attempt.ended_at is not None
    shown = {
        "id": attempt.fax_id,
        "owner_id": settings.uid,
        "comment": attempt.comment,
        "status": attempt.status,
        "description": attempt.ending.description if ended else None,
        "direction": "outgoing",
        settings.number_keys: job.src,
        "to": job.to,
        "pages": attempt.pages,
        "duration": round(attempt.duration) if ended else None,
        "cost": attempt.pages,
        "cost_details": {"multiplier": 1, "notification_cost": 0},
        "file": attempt.file,
        "file_name": _file_name(job),
        "header": None,
        "is_read": attempt.is_read,
        "is_spam": False,
        "last_update": written(attempt.ended_at or attempt.started_at),
        "max_retry": job.retry.count,
        "retry_delay": job.retry.delay,
        "scheduled_time": written(job.order.send_at) if job.order.send_at > job.created_at else None,
        "start_time": written(attempt.started_at),
        "submit_time": written(job.created_at),
    }
    return shown | _cover_page(job)


def _cover_page(job: Job) -> Json:
    return {"cover_page": job.order.cover_page.model_dump(mode="json")} if job.order.cover_page else {}


def _file_name(job: Job) -> str:
    return f"fax-to-{job.to.removeprefix('+')}"


def event(job: Job, attempt: Attempt, at: float, target: str, settings: SimulatorSettings) -> Json:
    """Write what a webhook tells: `hook.id` is the id of the fax, `data.id` that of the session."""
    source, destination = _pretty(job.src, settings), _pretty(job.to, settings)
    suffix = "_number" if settings.number_keys == "from_number" else ""
    hook = {"id": attempt.fax_id, "event": "fax_sent", "event_time": written(at), "target": target}
    told = {
        "id": job.id,
        "uid": settings.uid,
        "pages": attempt.pages,
        f"from{suffix}": source,
        f"to{suffix}": destination,
        "start_time": written(attempt.started_at),
        "file": attempt.file,
        "file_name": _file_name(job),
        "status": attempt.status,
        "cost": attempt.pages,
    }
    return {"hook": hook, "data": told}


def _pretty(number: str, settings: SimulatorSettings) -> str:
    if not (settings.pretty_numbers and number.startswith("+")):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:  # no country has this prefix
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def number(text: str, settings: SimulatorSettings) -> Json:
    """Write a number of the account."""
    return {
        "id": f"{int(text.removeprefix('+')):032x}",
        "number": text,
        "owner_id": settings.uid,
        "status": "active",
        "assigned_to": [settings.uid],
        "acquired_date": BORN,
        "expiration_date": None,
        "is_canceled": False,
        "notifications": [{"email": True, "push_notification": False, "type": "receive_fax"}],
    }


def account(settings: SimulatorSettings) -> Json:
    """Write the account."""
    retry = {"count": settings.default_retry_count, "delay": settings.default_retry_delay}
    return {
        "uid": settings.uid,
        "account_type": "corporate_admin",
        "status": "active",
        "email": "owner@example.net",
        "creation_date": BORN,
        "name": "Fax",
        "lastname": "Owner",
        "phone": None,
        "account_data": {
            "company_name": "Example",
            "default_file_type": "pdf",
            "role": None,
            "save_history": settings.save_history,
        },
        "settings": {"caller_id_name": None, "should_enhance": True, "send_fax": {"retry": retry}},
    }
