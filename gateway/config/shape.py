"""The shape of the settings: which sections there are, and which keys each of them has."""

from collections.abc import Iterator
from typing import NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from gateway.config.section import Settings
from gateway.config.settings import Config


class Section(NamedTuple):
    """One section of the file."""

    path: tuple[str, ...]
    settings: type[Settings]
    repeated: bool

    @property
    def header(self) -> str:
        """The line that begins it."""
        name = ".".join(self.path)
        return f"[[{name}]]" if self.repeated else f"[{name}]"


def keys(section: type[Settings]) -> dict[str, FieldInfo]:
    """The fields of a section by the names that they have in the file."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def section_in(field: FieldInfo) -> type[Settings] | None:
    """The section that a field holds, once or several times; None if it holds a value."""
    for held in (field.annotation, *get_args(field.annotation)):
        if isinstance(held, type) and issubclass(held, Settings):
            return held
    return None


def repeats(field: FieldInfo) -> bool:
    """Whether a field holds a section several times: [[listener]] and not [listener]."""
    return section_in(field) is not None and get_origin(field.annotation) is tuple


def sections(top: type[Settings] = Config, path: tuple[str, ...] = ()) -> Iterator[Section]:
    """Every section below `top`, in the order of the models."""
    for key, field in keys(top).items():
        settings = section_in(field)
        if settings is not None:
            yield Section((*path, key), settings, repeats(field))
            yield from sections(settings, (*path, key))


def field_at(path: tuple[int | str, ...]) -> FieldInfo | None:
    """The field that a place in the file belongs to; None if there is no such key."""
    section: type[Settings] | None = Config
    field: FieldInfo | None = None
    for step in path:
        if isinstance(step, int):
            continue
        field = keys(section).get(step) if section is not None else None
        section = section_in(field) if field is not None else None
    return field


def section_at(path: tuple[int | str, ...]) -> type[Settings]:
    """The section that a place in the file lies in.

    Raises:
        LookupError: there is no such section.
    """
    field = field_at(path)
    section = section_in(field) if field is not None else None
    if path and section is None:
        raise LookupError(path)
    return section or Config
