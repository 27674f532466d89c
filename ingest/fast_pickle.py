"""How values travel between processes: field by field, in half the time that dataclasses take over it themselves."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def fast_pickle(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots a quick way through pickle, for values of which a page has dozens.

    Its own way asks for the fields of the class anew, for each value: 1.2 ms for an article, of 85 for the whole page.
    """
    names: tuple[str, ...] = cls.__slots__  # type: ignore[attr-defined]  # of a dataclass made with slots=True
    assert len(names) > 1, "of one name alone attrgetter makes no tuple"
    values_of = attrgetter(*names)
    setters = [getattr(cls, name).__set__ for name in names]

    def state(self: object) -> Any:
        return values_of(self)

    def restore(self: object, values: tuple[object, ...]) -> None:
        for setter, value in zip(setters, values, strict=True):
            setter(self, value)

    cls.__getstate__ = state  # type: ignore[method-assign]  # in place of the one that dataclasses put there
    cls.__setstate__ = restore  # type: ignore[attr-defined]  # as above; mypy knows none
    return cls
