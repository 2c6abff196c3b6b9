"""Charts from data: a code block in the language `chart` becomes a drawing with its table.

Lines such as `type: bar` come first, then comma-separated values with the names of the columns.
"""

import csv
import html
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_ROWS = 500
MAX_SERIES = 6
MAX_CHARS = 20_000
WIDTH, HEIGHT = 360, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 16, 26
MAX_X_LABELS = 6
MAX_LABEL_CHARS = 12
TYPES = ("line", "bar", "scatter", "pie")
OPTION = re.compile(r"\s*(type|title|units|x|y)\s*:\s*(.{0,200})", re.I)
INFO = re.compile(r"""\b(type|title|units)=("[^"]{0,200}"|'[^']{0,200}'|[^\s"'{}]{1,200})""", re.I)
QUOTED = re.compile(r"""\A(["'])(.*)\1\Z""")
THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3}){1,4}(?:\.\d{0,15})?")
NUMBER = re.compile(r"[-+]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e[-+]?\d{1,2})?", re.I)


class Wrong(Exception):
    """Raised for a chart that cannot be drawn; the message says why, and in which line."""


class Chart(NamedTuple):
    """The data of a chart: a label for each row, and a name and the values of each series."""

    type: str
    title: str
    units: str
    header: list[str]
    labels: list[str]
    rows: list[list[float | None]]
    # The number of each row's line in the source.
    lines: list[int]

    @property
    def series(self) -> list[list[float | None]]:
        """Return the values by series."""
        return [list(values) for values in zip(*self.rows, strict=True)]


def render(source: str, info: str = "") -> str:
    """Return a chart as HTML, or a message with the source if it cannot be drawn.

    Options may also be in the first line of the block of code: `chart type=line title="A b"`.
    """
    try:
        chart = _parse(source, info)
        return _figure(chart)
    except Wrong as wrong:
        message = (
            f'<div class="callout caution"><p><strong>Chart.</strong> {_escape(str(wrong))}</p>'
        )
        return f"{message}</div>\n<pre><code>{_escape(source)}</code></pre>\n"


def _escape(text: str) -> str:
    return html.escape(text)


def _parse(source: str, info: str) -> Chart:
    if len(source) > MAX_CHARS:
        raise Wrong(f"There is too much data: at most {MAX_CHARS:,} characters.")
    options = {"type": "bar", "title": "", "units": ""}
    options |= {name.lower(): value.strip("\"'") for name, value in INFO.findall(info)}
    lines = source.split("\n")
    start = 0
    while start < len(lines) and (
        lines[start].strip() in ("", "---") or OPTION.fullmatch(lines[start])
    ):
        if option := OPTION.fullmatch(lines[start]):
            options[option[1].lower()] = QUOTED.sub(r"\2", option[2].strip())
        start += 1
    if options["type"].lower() not in TYPES:
        raise Wrong(f"The type “{options['type']}” is unknown. Choose {', '.join(TYPES)}.")
    data = _parse_table(lines, start)
    return Chart(options["type"].lower(), options["title"], options["units"], *data)


def _parse_table(
    lines: list[str], start: int
) -> tuple[list[str], list[str], list[list[float | None]], list[int]]:
    found = [(number, line) for number, line in enumerate(lines[start:], start + 1) if line.strip()]
    if len(found) < 2:
        raise Wrong("There is no data. Write the names of the columns in a line, and values below.")
    delimiter = max(",;\t", key=found[0][1].count)
    cells = [
        (number, [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))])
        for number, line in found
    ]
    header = cells[0][1]
    if not 2 <= len(header) <= MAX_SERIES + 1:
        raise Wrong(f"Line {cells[0][0]}: there must be 2 to {MAX_SERIES + 1} columns.")
    if len(cells) > MAX_ROWS + 1:
        raise Wrong(f"There are too many lines: at most {MAX_ROWS}.")
    for number, row in cells[1:]:
        if len(row) != len(header):
            values = "is one value" if len(row) == 1 else f"are {len(row)} values"
            raise Wrong(f"Line {number}: there {values} for {len(header)} columns.")
    # Spreadsheets separate values by semicolons where commas stand before decimals.
    has_decimal_commas = delimiter == ";"
    rows = [
        [_number(cell, number, has_decimal_commas) for cell in row[1:]] for number, row in cells[1:]
    ]
    return header, [row[0] for _, row in cells[1:]], rows, [number for number, _ in cells[1:]]


def _number(cell: str, line: int, has_decimal_commas: bool) -> float | None:
    if not cell:
        return None
    text = cell.replace("\N{MINUS SIGN}", "-").replace(" ", "").removesuffix("%")
    if has_decimal_commas and "," in text:
        text = text.replace(".", "").replace(",", ".")
    elif THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not NUMBER.fullmatch(text):
        raise Wrong(f"Line {line}: “{cell[:40]}” is not a number.")
    return float(text)


def _figure(chart: Chart) -> str:
    drawing = "".join(DRAWINGS[chart.type](chart))
    label = f"{chart.type.capitalize()} chart{f': {chart.title}' if chart.title else ''}"
    title = f"<figcaption>{_escape(chart.title)}</figcaption>" if chart.title else ""
    return (
        f'<figure class="chart">{title}<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{_escape(label)}. The data is in the table below.">{drawing}</svg>'
        f"{_legend(chart)}<details><summary>Data</summary>{_table(chart)}</details></figure>\n"
    )


def _legend(chart: Chart) -> str:
    names = chart.labels if chart.type == "pie" else chart.header[1:]
    if len(names) < 2:
        return ""
    items = (
        f'<li class="c{_color(place)}">{_escape(name)}</li>' for place, name in enumerate(names)
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def _color(place: int) -> int:
    return place % MAX_SERIES + 1


def _table(chart: Chart) -> str:
    units = f" ({chart.units})" if chart.units else ""
    names = [chart.header[0], *(name + units for name in chart.header[1:])]
    header = "".join(f"<th>{_escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr><th>{_escape(label)}</th>"
        + "".join(f'<td class="align-right">{_format(value)}</td>' for value in row)
        + "</tr>"
        for label, row in zip(chart.labels, chart.rows, strict=True)
    )
    return f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"


def _format(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}".replace("-", "\N{MINUS SIGN}")


class Scale(NamedTuple):
    """A range of round numbers, and the places on which to draw it."""

    low: float
    high: float
    step: float
    start: float
    end: float

    def place(self, value: float) -> str:
        """Return the coordinate of a value."""
        share = (value - self.low) / (self.high - self.low)
        return f"{self.start + share * (self.end - self.start):.1f}"

    def ticks(self) -> Iterator[float]:
        """Return the round numbers in the range."""
        for number in range(round((self.high - self.low) / self.step) + 1):
            yield self.low + number * self.step


def _scale(values: list[float], start: float, end: float, *, from_zero: bool) -> Scale:
    low, high = min(values, default=0.0), max(values, default=0.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + (abs(low) or 1.0)
    size = 10 ** math.floor(math.log10((high - low) / 4))
    step = next(size * one for one in (1, 2, 2.5, 5, 10, 20) if size * one * 5 >= high - low)
    return Scale(math.floor(low / step) * step, math.ceil(high / step) * step, step, start, end)


def _values(chart: Chart) -> list[float]:
    found = [value for row in chart.rows for value in row if value is not None]
    if not found:
        raise Wrong("There is not a single value.")
    return found


def _draw_y_axis(chart: Chart, scale: Scale) -> Iterator[str]:
    for tick in scale.ticks():
        y = scale.place(tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"></line>'
        yield f'<text class="y" x="{LEFT - 5}" y="{y}" dy="4">{_format(round(tick, 10))}</text>'
    if chart.units:
        yield f'<text x="{LEFT}" y="{TOP - 6}">{_escape(chart.units)}</text>'


def _draw_labels(chart: Chart, width: float) -> Iterator[str]:
    every = math.ceil(len(chart.labels) / MAX_X_LABELS)
    for place in range(0, len(chart.labels), every):
        label = chart.labels[place]
        short = label if len(label) <= MAX_LABEL_CHARS else label[: MAX_LABEL_CHARS - 1] + "…"
        x = LEFT + (place + 0.5) * width
        yield f'<text class="x" x="{x:.1f}" y="{HEIGHT - 8}">{_escape(short)}</text>'


def _frame(chart: Chart, *, from_zero: bool) -> tuple[Scale, float]:
    """Return the vertical scale and the width of a row."""
    scale = _scale(_values(chart), HEIGHT - BOTTOM, TOP + 4, from_zero=from_zero)
    return scale, (WIDTH - LEFT - RIGHT) / len(chart.labels)


def _hint(chart: Chart, row: int, series: int) -> str:
    name = f"{chart.header[series + 1]}, " if len(chart.header) > 2 else ""
    value = f"{_format(chart.rows[row][series])} {chart.units}".rstrip()
    return f"<title>{_escape(f'{name}{chart.labels[row]}: {value}')}</title>"


def _draw_bars(chart: Chart) -> Iterator[str]:
    scale, width = _frame(chart, from_zero=True)
    yield from _draw_y_axis(chart, scale)
    yield from _draw_labels(chart, width)
    count = len(chart.header) - 1
    bar = width * 0.8 / count
    for row, values in enumerate(chart.rows):
        for series, value in enumerate(values):
            if value is None:
                continue
            x = LEFT + row * width + width * 0.1 + series * bar
            top, base = float(scale.place(max(value, 0))), float(scale.place(min(value, 0)))
            yield (
                f'<rect class="c{_color(series)}" x="{x:.1f}" y="{top:.1f}" width="{bar:.1f}"'
                f' height="{base - top:.1f}">{_hint(chart, row, series)}</rect>'
            )


def _draw_lines(chart: Chart) -> Iterator[str]:
    scale, width = _frame(chart, from_zero=False)
    yield from _draw_y_axis(chart, scale)
    yield from _draw_labels(chart, width)
    for series, values in enumerate(chart.series):
        path, pen = "", "M"
        for row, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            x, y = f"{LEFT + (row + 0.5) * width:.1f}", scale.place(value)
            path, pen = f"{path}{pen}{x} {y}", "L"
            if len(values) <= 60:
                hint = _hint(chart, row, series)
                yield f'<circle class="c{_color(series)}" cx="{x}" cy="{y}" r="3">{hint}</circle>'
        yield f'<path class="c{_color(series)}" d="{path}"></path>'


def _draw_points(chart: Chart) -> Iterator[str]:
    scale = _scale(_values(chart), HEIGHT - BOTTOM, TOP + 4, from_zero=False)
    places = [NUMBER.fullmatch(label) for label in chart.labels]
    for row, place in enumerate(places):
        if place is None:
            label = chart.labels[row][:40]
            raise Wrong(f"Line {chart.lines[row]}: “{label}” in the first column is not a number.")
    numbers = [float(label) for label in chart.labels]
    across = _scale(numbers, LEFT + 6, WIDTH - RIGHT - 12, from_zero=False)
    yield from _draw_y_axis(chart, scale)
    for tick in across.ticks():
        label = _format(round(tick, 10))
        yield f'<text class="x" x="{across.place(tick)}" y="{HEIGHT - 8}">{label}</text>'
    for row, values in enumerate(chart.rows):
        for series, value in enumerate(values):
            if value is not None:
                x, y = across.place(numbers[row]), scale.place(value)
                hint = _hint(chart, row, series)
                yield f'<circle class="c{_color(series)}" cx="{x}" cy="{y}" r="3.5">{hint}</circle>'


def _draw_pie(chart: Chart) -> Iterator[str]:
    values = [row[0] or 0.0 for row in chart.rows]
    total = sum(values)
    if wrong := [line for line, value in zip(chart.lines, values, strict=True) if value < 0]:
        raise Wrong(f"Line {wrong[0]}: a pie has no values below zero.")
    if not total:
        raise Wrong("A pie needs values above zero.")
    angle = 0.0
    center_x, center_y, radius = WIDTH / 2, HEIGHT / 2, HEIGHT / 2 - 6
    for row, value in enumerate(values):
        # An arc cannot end where it begins.
        share = min(value / total, 0.99999)
        ends = [(angle + part) * 2 * math.pi for part in (0, share)]
        points = [
            f"{center_x + radius * math.sin(end):.2f} {center_y - radius * math.cos(end):.2f}"
            for end in ends
        ]
        arc = f"A{radius} {radius} 0 {int(share > 0.5)} 1 {points[1]}"
        yield (
            f'<path class="slice c{_color(row)}" d="M{center_x} {center_y}L{points[0]}{arc}Z">'
            f"{_hint(chart, row, 0)}</path>"
        )
        angle += share


DRAWINGS = {"bar": _draw_bars, "line": _draw_lines, "pie": _draw_pie, "scatter": _draw_points}
