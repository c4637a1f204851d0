"""What a measurement says, and the percentiles it says it with."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`ratio` is value over floor where more is better, and says so in `settings` where less is.

    `floor` is what the same servers do without Blazz, in the same unit and run; `aim` is the least
    (or, for times, the most) that this figure is meant to reach on the machine of the README.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    aim: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {key: _short(value) for key, value in asdict(self).items()}

    def as_line(self) -> str:
        parts = [f"{self.name:<18} {_said(self.value):>10} {self.unit}"]
        if self.floor is not None:
            parts.append(f"floor {_said(self.floor)}")
        if self.ratio is not None:
            parts.append(f"ratio {self.ratio:.2f}")
        if self.p50_ms is not None:
            parts.append(f"p50 {_said(self.p50_ms)} ms")
        if self.p99_ms is not None:
            parts.append(f"p99 {_said(self.p99_ms)} ms")
        if self.aim:
            parts.append(f"aim {self.aim}")
        parts += [f"{key} {_short(value)}" for key, value in self.settings.items()]
        return "  ".join(parts)


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; the values come in order."""
    last = len(sorted_values) - 1
    return sorted_values[min(last, round(share * last))]


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
