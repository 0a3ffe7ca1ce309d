"""The picture in `docs/limits-and-retries.md`: the requests of 100 retrieves that are gathered at once, over time.

Both SDKs have default settings, and each its own server with a token bucket of 25 requests/s. Every request is a dot at
the time at which it arrived; those that were throttled are crosses.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from ._contest import CHECKOUT, Stage
from ._limited_server import Arrival, Behaviour, limiting, statistics
from ._limiters import TokenBucket
from ._pacing import Run, all_at_once, timed
from ._report import Answer, Table

LIMIT, CALLS = 25, 100
FILE = CHECKOUT / "docs" / "limits.svg"
WIDTH, HEIGHT, LEFT, TOP, GAP = 760, 170, 44, 40, 58
"""Pixels: size of one chart, and the space around and between them."""

LEGEND = "requests so far: &#9679; passed, &#215; throttled"
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 11px; fill: #59636e }
line { stroke: #d1d9e0 }
.sent { fill: #0969da }
.throttled { stroke: #cf222e; stroke-width: 1.5; fill: none }
"""


def answer(stage: Stage) -> Answer:
    with limiting([Behaviour(TokenBucket(LIMIT, LIMIT)) for _ in range(2)]) as (ours, theirs):
        runs = {
            "this package": asyncio.run(timed(all_at_once, ours, CALLS)),
            "official SDK": msgspec.json.decode(
                msgspec.structs.replace(stage, url=theirs).official("gathered").run(), type=Run
            ),
        }
        arrivals = [statistics(url).log for url in (ours, theirs)]
    captions = [_caption(name, run, log) for (name, run), log in zip(runs.items(), arrivals, strict=True)]
    FILE.write_text(_draw(captions, arrivals), encoding="utf-8")
    table: Table = {name: {"seconds": [run.seconds], "failures": [run.failures]} for name, run in runs.items()}
    return Answer(f"picture: {CALLS} gathered retrieves, drawn in {FILE.name}", table, [])


def _caption(name: str, run: Run, log: Sequence[Arrival]) -> str:
    throttled = sum(not arrival.admitted for arrival in log)
    return (
        f"{name}: {CALLS - run.failures} of {CALLS} calls succeed in {run.seconds:.1f} s; "
        f"{len(log)} requests, {throttled or 'none'} throttled"
    )


def _draw(captions: Sequence[str], arrivals: Sequence[Sequence[Arrival]]) -> str:
    seconds = max(log[-1].seconds for log in arrivals)
    most = max(map(len, arrivals))
    height = len(captions) * (HEIGHT + GAP) + TOP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 2 * LEFT} {height}" role="img">',
        f"<title>{'; '.join(captions)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH + 2 * LEFT}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (caption, log) in enumerate(zip(captions, arrivals, strict=True)):
        parts += _chart(TOP + number * (HEIGHT + GAP), caption, log, WIDTH / seconds, HEIGHT / most)
    return "\n".join([*parts, "</svg>", ""])


def _chart(top: float, caption: str, log: Sequence[Arrival], per_second: float, per_request: float) -> list[str]:
    bottom = top + HEIGHT
    parts = [
        f'<text x="{LEFT}" y="{top - 12}">{caption}</text>',
        f'<text class="small" x="{LEFT + WIDTH}" y="{top - 12}" text-anchor="end">{LEGEND}</text>',
    ]
    for second in range(int(WIDTH / per_second) + 1):
        x = LEFT + second * per_second
        parts.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="small" x="{x - 6:.1f}" y="{bottom + 16}">{second} s</text>')
    for count in range(0, int(HEIGHT / per_request) + 1, 50):
        y = bottom - count * per_request
        parts.append(f'<text class="small" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{count}</text>')
    for number, arrival in enumerate(log, 1):
        x, y = LEFT + arrival.seconds * per_second, bottom - number * per_request
        if arrival.admitted:
            parts.append(f'<circle class="sent" cx="{x:.1f}" cy="{y:.1f}" r="2"/>')
        else:
            parts.append(f'<path class="throttled" d="M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6"/>')
    return parts
