# SPDX-License-Identifier: Apache-2.0
"""The table of a run: on the terminal, in build/bench.txt and .json, and in docs/overhead.md."""

import json
import os
import platform
import re
import subprocess
import textwrap
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DOCS = os.path.join(ROOT, "docs", "overhead.md")
BEGIN, END = "<!-- made by tools/bench.sh --docs -->\n", "<!-- end -->\n"
THEMES = {
    "calls": "Single calls",
    "work": "Efficiency kept on real work",
    "tools": "Beside other tracers",
    "memory": "The ring; many CPUs and containers",
    "death": "From death to dump",
    "daemon": "igrecd",
    "replay": "Dumps and reading them",
    "bad": "Bad cases",
}


def number(value):
    """Three digits that tell."""
    if value is None:
        return ""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def limit(result, which):
    return f"{result['sign']} {number(result[which])}" if result[which] is not None else ""


def noise(result):
    if result.get("low") is None:
        return ""
    return f"{number(result['low'])} to {number(result['high'])}"


def yes(met):
    return {True: "yes", False: "NO", None: ""}[met]


def cells(result):
    """figure, noise, reach, met, stretch, met."""
    if "value" not in result:
        return ["failed" if "failed" in result else "not run", "", limit(result, "reach"), "",
                limit(result, "stretch"), ""]
    return [f"{number(result['value'])} {result['unit']}".strip(), noise(result),
            limit(result, "reach"), yes(result["met"]), limit(result, "stretch"),
            yes(result["stretch_met"])]


def remark(result):
    return result.get("failed") or result.get("cannot_run") or result["detail"]


def line(result):
    """One row for the terminal, its remark below it."""
    figure, spread, reach, met, stretch, stretch_met = cells(result)
    text = (f"{result['name']:18} {figure:>18} {spread:>18} {reach:>10} {met:3} {stretch:>10} "
            f"{stretch_met:3} {result['what']}")
    if remark(result):
        text += "\n" + textwrap.fill(remark(result), 100, initial_indent=" " * 19,
                                     subsequent_indent=" " * 19)
    return text


HEAD = (f"{'row':18} {'figure':>18} {'noise (p10-p90)':>18} {'reach':>10} {'met':3} "
        f"{'stretch':>10} {'met':3}")


def read(path):
    with open(path) as f:
        return f.read().strip()


def other_recorders():
    """Loaded by someone else: if attached, bare is not bare."""
    done = subprocess.run(["bpftool", "prog", "show", "name", "igrec_sys_exit"], check=False,
                          capture_output=True, text=True)
    return done.stdout.count("igrec_sys_exit")


def machine():
    model = re.search(r"^model name\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
    revision = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], check=False,
                              capture_output=True, text=True).stdout.strip()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "kernel": platform.release(),
        "cpu": model.group(1) if model else platform.machine(),
        "cpus": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)),
        "clocksource": read(clock) if os.path.exists(clock) else "unknown",
        "load": os.getloadavg()[0],
        "other_recorders": other_recorders(),
        "revision": revision or "unknown",
    }


def facts(on):
    return (f"{on['date']}: {on['cpus']} CPUs ({on['cpu']}), {on['memory_gib']} GiB, "
            f"Linux {on['kernel']}, clocksource {on['clocksource']}; igrec {on['revision']}; "
            f"load average {on['load']:.1f} at the beginning"
            + (": busy with other work, figures are coarse" if on["load"] > 1 else "")
            + ("; ANOTHER RECORDER WAS LOADED" if on["other_recorders"] else ""))


def store(results, on, out):
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "bench.json"), "w") as f:
        json.dump({"schema": 1, "machine": on, "rows": results}, f, indent=1)
        f.write("\n")
    with open(os.path.join(out, "bench.txt"), "w") as f:
        f.write("\n".join([facts(on), "", HEAD, *map(line, results), ""]))


def markdown_row(*texts):
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def markdown(results, on):
    lines = [textwrap.fill(facts(on) + ".", 100)]
    for theme, title in THEMES.items():
        rows = [result for result in results if result["theme"] == theme]
        if not rows:
            continue
        lines += ["", f"## {title}", "",
                  markdown_row("row", "", "figure", "noise", "reach", "met", "stretch", "met"),
                  markdown_row(*["---"] * 8)]
        lines += [markdown_row(f"`{row['name']}`", row["what"], *cells(row)) for row in rows]
        remarks = [f"- `{row['name']}`: {remark(row)}" for row in rows if remark(row)]
        lines += ["", *remarks] if remarks else []
    return "\n".join(lines) + "\n"


def renew_docs(results, on):
    with open(DOCS) as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    with open(DOCS, "w") as f:
        f.write(before + BEGIN + "\n" + markdown(results, on) + "\n" + END + after)
