"""Time of `import lightfield`, minus the start of the interpreter.

Every import runs in a fresh process with precompiled bytecode. Ours loads much on first use, so a complete script that
makes one call is timed as well: that is what a user waits for. The official SDK has no command line: ours is compared
with `python -c pass`.
"""

import sys
import time
from collections.abc import Mapping, Sequence

from ._contest import CHECKOUT, TURNS, Contestant, Stage
from ._report import Answer, Finding, Table, compare

NOTHING, IMPORT, CLIENTS = "nothing", "import, ms", "and both clients, ms"
MADE, SCRIPT = "both made, ms", "script of one call, ms"
_SCRIPT = """
from lightfield import Lightfield
with Lightfield(api_key='sk_lf_benchmark', base_url='{}') as client:
    client.opportunity.retrieve('opp_1')
"""
Programs = Mapping[str, Sequence[str]]
COMMANDS: Programs = {name: ["-m", "lightfield", name] for name in ("--help", "--version")}


def answer(stage: Stage) -> Answer:
    contestants = [
        Contestant("official", [str(stage.peer), "-P"], variables=stage.variables),
        Contestant("ours", [sys.executable, "-P"], [CHECKOUT], {**stage.variables, "LIGHTFIELD_UVLOOP": "0"}),
    ]
    programs = {
        NOTHING: ["-c", "pass"],
        IMPORT: ["-c", "import lightfield"],
        CLIENTS: ["-c", "import lightfield; lightfield.Lightfield; lightfield.AsyncLightfield"],
        MADE: ["-c", "import lightfield; lightfield.Lightfield(api_key='k'); lightfield.AsyncLightfield(api_key='k')"],
        SCRIPT: ["-c", _SCRIPT.format(stage.url)],
    }
    figures = (IMPORT, CLIENTS, MADE, SCRIPT)
    table: Table = {contestant.name: {figure: [] for figure in figures} for contestant in contestants}
    commands: dict[str, list[float]] = {name: [] for name in COMMANDS}
    _play_round(contestants, programs)
    for _ in range(stage.rounds):
        for name, times in _play_round(contestants, programs).items():
            for figure in figures:
                table[name][figure].append((times[figure] - times[NOTHING]) * 1e3)
        times = _play_round(contestants[1:], {NOTHING: programs[NOTHING], **COMMANDS})["ours"]
        for name in COMMANDS:
            commands[name].append(times[name] / times[NOTHING])
    findings = [
        compare(table, IMPORT, "official", at_most=0.3),
        compare(table, CLIENTS, "official", at_most=0.15),
        compare(table, MADE, "official", at_most=0.15),
        compare(table, SCRIPT, "official", at_most=0.4),
        *(Finding(f"python -m lightfield {name} / python -c pass", of, at_most=6) for name, of in commands.items()),
    ]
    return Answer("import: in fresh processes, less the start of the interpreter", table, findings)


def _play_round(contestants: Sequence[Contestant], programs: Programs) -> dict[str, dict[str, float]]:
    """Return the best of `TURNS` times for every contestant and program."""
    best = {contestant.name: dict.fromkeys(programs, float("inf")) for contestant in contestants}
    for _ in range(TURNS):
        for program, arguments in programs.items():
            for contestant in contestants:
                started = time.perf_counter()
                contestant.run(*arguments)
                seconds = time.perf_counter() - started
                best[contestant.name][program] = min(seconds, best[contestant.name][program])
    return best
