"""Which class a refusal of the Cloud API falls into, by its code alone where it has one.

The classes are those of `domain.message.ErrorClass`; titles, types and subcodes are not looked at.
"""

from typing import Final

from domain.message import ErrorClass

CLASSES: Final[dict[ErrorClass, frozenset[int]]] = {
    "B": frozenset({1, 2, 131000, 131016, 131052, 131053, 131057, 135000}),
    "T": frozenset({4, 80007, 130429, 131056, 132069}),
    "W": frozenset({131049}),
    "R": frozenset({130472, 131021, 131026, 131030, 131050}),
    "M": frozenset(
        {33, 100, 131008, 131009, 131041, 131047, 131051, 131055, 131062, 131063}
        | {132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068}
        | {137000}
    ),
    "P": frozenset({368, 130497, 131031, 131037, 131042, 131044, 131045, 131048, 131064}),
    "A": frozenset({0, 3, 10, 190, 131005, 133016, *range(200, 300)}),
}
CLASS_OF: Final[dict[int, ErrorClass]] = {
    code: error_class for error_class, codes in CLASSES.items() for code in codes
}

CLIENT_ERROR, SERVER_ERROR = 400, 500
UNAUTHORISED, FORBIDDEN, TOO_MANY_REQUESTS = 401, 403, 429


def classify(code: int, status: int, transient: bool = False) -> ErrorClass:
    """The class of a refusal with a readable body."""
    if known := CLASS_OF.get(code):
        return known
    if transient or status >= SERVER_ERROR:
        return "B"
    return classify_status(status)


def classify_status(status: int) -> ErrorClass:
    """The class of a refusal that says nothing but its HTTP status (below 500)."""
    if status == TOO_MANY_REQUESTS:
        return "T"
    if status in {UNAUTHORISED, FORBIDDEN} or status < CLIENT_ERROR:
        return "A"  # a redirect means that the configured address is not the provider's
    return "M"
