# SPDX-License-Identifier: MIT
"""One row of the table: what is measured, beside whom, and what must come out."""

from dataclasses import dataclass, field


@dataclass
class Row:
    key: str  # for --only
    name: str
    rivals: list  # beside "ours"
    measure: object  # measure(bench, who) -> {unit: number}
    goals: dict = field(default_factory=dict)  # (unit, rival) -> ">= 4", of ours / theirs
    rounds_factor: float = 1  # quick measurements are repeated more often, long ones less
    absolute: dict = field(default_factory=dict)  # unit -> "<= 1024", of ours alone


def holds(goal, number):
    sign, bound = goal.split()
    return number >= float(bound) if sign == ">=" else number <= float(bound)
