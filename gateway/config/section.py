"""What all sections of the configuration share."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A section: frozen, and a key that nobody reads is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
