"""Measure how fast the blog is, and print a table of ratios.

Run `python tests/benchmarks` with the package and its `test` extra installed. `--posts 10 1000`
sets the sizes of the blogs, `--seconds 2` the length of each measurement, `--rounds 5` their number
and `--threads 1` the threads of the server. `--plot FILE` draws a plot, and `--costs` also measures
start, memory, import and writing. No other machine is contacted.
"""

import argparse
import math
from pathlib import Path

import costs
import pages

WIDTH, HEIGHT, MARGIN = 640, 360, 60
COLORS = {"cached": "#1a7f4b", "uncached": "#b3541e", "bare": "#666"}


def main() -> None:
    """Measure, print the table and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[10, 1_000, 100_000])
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=pages.THREADS)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--costs", action="store_true")
    options = parser.parse_args()
    measured = {}
    print(
        f"{'posts':>7}  {'what':<36} {'a second':>8} {'of bare':>8} {'of hello':>8}"
        f" {'of nginx':>8} of fewest posts"
    )
    for posts in options.posts:
        speeds = measured[posts] = pages.measure(
            posts, options.seconds, options.rounds, options.threads
        )
        for name, speed in speeds.items():
            bare = speeds.get(f"{name.partition(',')[0]}, bare", speeds["front, bare"])
            fewest = measured[options.posts[0]][name]
            nginx = speeds.get("front, nginx", math.nan)
            print(
                f"{posts:>7}  {name:<36} {speed:>8.0f} {speed / bare:>8.3f}"
                f" {speed / speeds['hello']:>8.3f} {speed / nginx:>8.3f} {speed / fewest:.2f}",
                flush=True,
            )
    if options.plot:
        options.plot.write_text(plot(measured), encoding="utf-8")
    if options.costs:
        costs.report(max(options.posts), options.rounds)


def plot(measured: dict[int, dict[str, float]]) -> str:
    """Return an SVG of requests a second by number of posts, on logarithmic scales."""
    sizes = list(measured)
    top = math.log10(max(speeds["front, bare"] for speeds in measured.values())) + 0.1
    lines = []

    def place(posts: int, speed: float) -> tuple[float, float]:
        span = math.log10(sizes[-1] / sizes[0]) or 1
        x = MARGIN + math.log10(posts / sizes[0]) / span * (WIDTH - 3 * MARGIN)
        return x, HEIGHT - MARGIN - math.log10(max(speed, 1)) / top * (HEIGHT - 2 * MARGIN)

    for kind, color in COLORS.items():
        points = [place(posts, measured[posts][f"front, {kind}"]) for posts in sizes]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{drawn}" fill="none" stroke="{color}" stroke-width="2"/>')
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in points]
        x, y = points[-1]
        lines.append(f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" fill="{color}">{kind}</text>')
    for posts in sizes:
        x, _ = place(posts, 1)
        lines.append(f'<text x="{x:.1f}" y="{HEIGHT - 30}" text-anchor="middle">{posts:,}</text>')
    for power in range(int(top) + 1):
        _, y = place(sizes[0], 10**power)
        lines.append(
            f'<text x="{MARGIN - 12}" y="{y + 4:.1f}" text-anchor="end">{10**power:,}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="system-ui, sans-serif" font-size="13">'
        '<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{MARGIN}" y="24">Front page: requests a second by number of posts</text>'
        f"{''.join(lines)}</svg>\n"
    )


if __name__ == "__main__":
    main()
