"""What unknown does: yes/no, numbers, texts and dates as polars expressions. The only place that decides it.

- yes/no: a nullable boolean, null = unknown (Kleene).
- number: an interval with exact ends. An end is a ratio `n / d` of integers; null in `lo` is minus infinity, null in `hi`
  plus infinity. Where `lo is hi` one column serves both: a value is then a point, or open on both sides if null.
- text: which of its values are still possible, one boolean each; a text without listed values is one nullable column.
- date, region: nullable.

Polars skips nulls in max_horizontal and min_horizontal: for the outer end of an interval (null = infinite) that is wrong,
for the inner end it is right; the functions below say which they rely on. Source: language page, "Values".
"""

from matcher.catalogue import TOP_OF_FACT
from matcher.logic.number import (
    Number,
    add,
    bare,
    compare,
    divide,
    hull,
    known,
    largest,
    multiply,
    point,
    smallest,
    subtract,
    to_fen,
    to_step,
)
from matcher.logic.ratio import TOP_OF_LIST, Ratio, column, constant, less, nothing, pick, plus
from matcher.logic.text import OTHER, Area, Day, Text, among, made_date, narrowed, possible, same_text, shift, union, years_since
from matcher.logic.yesno import UNKNOWN, YesNo, both, either, same_or_unknown, yes_if

Value = Number | YesNo | Text | Day | Area

__all__ = [
    "OTHER",
    "TOP_OF_FACT",
    "TOP_OF_LIST",
    "UNKNOWN",
    "Area",
    "Day",
    "Number",
    "Ratio",
    "Text",
    "Value",
    "YesNo",
    "add",
    "among",
    "bare",
    "both",
    "column",
    "compare",
    "constant",
    "divide",
    "either",
    "hull",
    "known",
    "largest",
    "less",
    "made_date",
    "multiply",
    "narrowed",
    "nothing",
    "pick",
    "plus",
    "point",
    "possible",
    "same_or_unknown",
    "same_text",
    "shift",
    "smallest",
    "subtract",
    "to_fen",
    "to_step",
    "union",
    "years_since",
    "yes_if",
]
