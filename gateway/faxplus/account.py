"""What FAX.PLUS says about the account: its state, credit, numbers and webhooks. Read leniently, like faxes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.faxplus.fields import Amount, Digits, Id, L, Lenient, Moment, Text, Truth, Word, array, field, lenient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token it is."""

    uid: str
    status: str  #: active, suspended, ...
    type: str  #: corporate_admin, individual, corporate_member
    saves_history: bool | None  #: False: sent faxes are not listed


@dataclass(frozen=True, slots=True)
class Balance:
    """Credit on the account."""

    amount: float | None
    currency: str


@dataclass(frozen=True, slots=True)
class FaxNumber:
    """A number of the account."""

    number: str  #: digits only
    status: str  #: active, waiting_verification
    expires_at: float | None  #: seconds since the epoch

    def usable(self, now: float) -> bool:
        """Whether faxes can be sent from it."""
        return self.status == "active" and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Hook:
    """A registered webhook."""

    id: str
    target: str
    event: str


class _Account(Lenient):
    uid: Id
    status: Text = ""
    account_type: Text = ""


class _History(Lenient):
    save_history: Truth = None


class _Balance(Lenient):
    amount: Amount = None
    currency: Text = ""


class _FaxNumber(Lenient):
    number: Digits
    status: Text = ""
    expiration_date: Moment = None


class _Hook(Lenient):
    id: Id
    target: Word
    event: Text = ""


def read_account(raw: object) -> Account | None:
    """Read an account; None without a uid."""
    read = lenient(_Account, raw)
    history = lenient(_History, field(raw, "account_data")) or _History()
    return None if read is None else Account(read.uid, read.status, read.account_type, history.save_history)


def read_balance(raw: object) -> Balance | None:
    """Read the credit."""
    read = lenient(_Balance, raw)
    return None if read is None else Balance(read.amount, read.currency)


def read_numbers(raw: object) -> tuple[FaxNumber, ...] | None:
    """Read the account's numbers, as far as they can be read."""
    return _each(array(raw, "numbers"), _FaxNumber, lambda one: FaxNumber(one.number, one.status, one.expiration_date))


def read_hooks(raw: object) -> tuple[Hook, ...] | None:
    """Read the registered webhooks, as far as they can be read."""
    return _each(array(raw, "data"), _Hook, lambda one: Hook(one.id, one.target, one.event))


def _each(raws: list[object] | None, shape: type[L], made: Callable[[L], T]) -> tuple[T, ...] | None:
    if raws is None:
        return None
    return tuple(made(one) for raw in raws if (one := lenient(shape, raw)) is not None)
