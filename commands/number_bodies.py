"""The body that connects a number: what it needs depends on the provider that reaches it."""

from typing import Any, Final, Literal

from pydantic import ConfigDict, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from commands.bodies import Body, without_defaults
from commands.forms import DisplayNumber, Pace, PerDay, ProviderId, Rate, SessionName
from commands.texts import OptionalName

FIELDS: Final[dict[str, tuple[set[str], set[str]]]] = {
    "cloud_api": ({"phone_number_id", "waba_id"}, {"messages_per_second"}),
    "waha": ({"session"}, {"pace_ms", "messages_per_day"}),
}
"""What a number of each provider needs, and what it may have that others may not."""


def _usual_is_unsaid(schema: dict[str, Any]) -> None:
    """Fields of one provider have no default for the others."""
    for needed, allowed in FIELDS.values():
        for name in needed | allowed:
            schema["properties"][name].pop("default", None)


class NewAccount(Body):
    """A number of the Cloud API has `phone_number_id` and `waba_id`; one of WAHA has `session`, and
    may have caps of its own. Without `provider` it is one of the Cloud API.
    """

    model_config = ConfigDict(json_schema_extra=_usual_is_unsaid)

    provider: Literal["cloud_api", "waha"] = "cloud_api"
    phone_number_id: ProviderId = ""
    waba_id: ProviderId = ""
    session: SessionName = ""
    display_phone_number: DisplayNumber
    name: OptionalName = ""
    messages_per_second: Rate = 80
    pace_ms: Pace = 0
    messages_per_day: PerDay = 0

    @model_validator(mode="after")
    def _clear(self) -> "NewAccount":
        for provider, (needed, allowed) in FIELDS.items():
            given = self.model_fields_set
            if provider == self.provider and not needed <= given:
                raise _unclear(provider, "needs", needed - given)
            if provider != self.provider and (needed | allowed) & given:
                raise _unclear(self.provider, "has no", (needed | allowed) & given)
        return self


class AccountPatch(Body):
    """A JSON merge patch. `read_receipts`: whether customers are told that a user has read what
    they wrote.
    """

    model_config = ConfigDict(json_schema_extra=without_defaults)

    read_receipts: StrictBool = True


def _unclear(provider: str, verb: str, fields: set[str]) -> PydanticCustomError:
    return PydanticCustomError(
        "provider_unclear",
        "a number of provider {provider} {verb} {fields}",
        {"provider": provider, "verb": verb, "fields": ", ".join(sorted(fields))},
    )
