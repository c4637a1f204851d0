"""One page of a list: what its filters bind, and the statement that they make of the list's."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, bindparam

from read_api.query import Many, wrong_parameter


def narrowing(
    endpoint: Many, given: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str], tuple[tuple[str, ...], ...]]:
    """What the asked filters bind, the filters as given, and the names that each one binds."""
    binds: dict[str, Any] = {}
    used: dict[str, str] = {}
    names: list[tuple[str, ...]] = []
    for filter_ in endpoint.filters:
        text = given.get(filter_.name)
        values: Mapping[str, Any] = {}
        if text is not None:
            try:
                values = filter_.values(text)
            except ValueError as error:
                raise wrong_parameter(filter_.name, str(error)) from None
            used[filter_.name] = text
            binds |= values
        names.append(tuple(values))
    return binds, used, tuple(names)


def page_of(endpoint: Many, names: Iterable[tuple[str, ...]], *, behind: bool) -> Select[Any]:
    """The statement of a page under filters that bind these names, perhaps behind another page."""
    statement, key = endpoint.statement, endpoint.key
    for filter_, bound in zip(endpoint.filters, names, strict=True):
        if bound:
            statement = filter_.narrow(statement, bound)
            key = key if filter_.key is None else filter_.key
    if behind:
        last = bindparam("behind", type_=key.type)
        statement = statement.where(key < last if endpoint.descending else key > last)
    order = key.desc() if endpoint.descending else key.asc()
    return statement.order_by(order).limit(bindparam("page"))
