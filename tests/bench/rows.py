# SPDX-License-Identifier: Apache-2.0
"""What a benchmark's row is: a function that measures, and the limits that its figure must keep.

A new row is one function with the decorator `row`, in one of the row_*.py of its theme:

    @row("recorded", "getppid recorded: added, by floor", at_most(2.7, 2.2), "x")
    def recorded(bench):
        return Figure(value, rounds, "what else the reader should know")
"""

import functools
import statistics

ROWS = []  # in the order of the table


def quantile(values, part):
    ordered = sorted(values)
    return ordered[round(part * (len(ordered) - 1))]


class Figure:
    """value: what the row says. rounds: the values of single rounds, whose spread is the noise.
    detail: a line for the reader."""

    def __init__(self, value, rounds=(), detail=""):
        self.value, self.detail = value, detail
        self.low = quantile(rounds, 0.1) if rounds else None
        self.high = quantile(rounds, 0.9) if rounds else None

    @classmethod
    def median_of(cls, rounds, detail=""):
        return cls(statistics.median(rounds), rounds, detail)


class CannotRun(Exception):
    """This machine lacks something for a row."""


class Limits:
    def __init__(self, sign, reach, stretch):
        self.sign, self.reach, self.stretch = sign, reach, stretch

    def _kept(self, limit, value):
        if limit is None:
            return None
        return value <= limit if self.sign == "<=" else value >= limit

    def met(self, value):
        return self._kept(self.reach, value)

    def stretch_met(self, value):
        return self._kept(self.stretch, value)


def at_most(reach, stretch=None):
    return Limits("<=", reach, stretch)


def at_least(reach, stretch=None):
    return Limits(">=", reach, stretch)


NO_LIMITS = Limits("", None, None)


class Row:
    def __init__(self, name, what, limits, unit, theme, measure):
        self.name, self.what, self.limits, self.unit = name, what, limits, unit
        self.theme, self.measure = theme, measure


def row(name, what, limits=NO_LIMITS, unit=""):
    def register(function):
        theme = function.__module__.removeprefix("row_")
        ROWS.append(Row(name, what, limits, unit, theme, function))
        return function
    return register


def once(function):
    """For what several rows read from one measurement: measured (or failed) once in a run."""
    @functools.wraps(function)
    def kept(bench, *args):
        key = (function, args)
        if key not in bench.results:
            try:
                bench.results[key] = function(bench, *args)
            except Exception as error:
                bench.results[key] = error
        if isinstance(bench.results[key], Exception):
            raise bench.results[key]
        return bench.results[key]
    return kept
