"""Drives targets with atheris: `drive.py [TARGET ...] [--seconds N]`, or `drive.py --only TARGET ARGUMENT ...`

Each target runs in a process of its own, since libFuzzer ends the one it runs in. What it finds on the way is kept
under build/fuzz; octets that break the target go to tests/corpus/fuzz, where every test run replays them.
"""

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests" / "corpus" / "fuzz"
GROWN = ROOT / "build" / "fuzz"
LONGEST = 4096
SLACK = 10


def targets() -> list[str]:
    return sorted(folder.name for folder in SEEDS.iterdir() if folder.is_dir())


def main() -> int:
    if sys.argv[1:2] == ["--only"]:
        return only(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("target", nargs="*", help=", ".join(targets()))
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    said = parser.parse_args()
    if unknown := set(said.target) - set(targets()):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    broken = [name for name in said.target or targets() if not search(name, said.seconds)]
    print("broken: " + ", ".join(broken) if broken else "nothing was found")
    return 1 if broken else 0


def search(name: str, seconds: int) -> bool:
    """Did the target hold?"""
    grown = GROWN / name
    grown.mkdir(parents=True, exist_ok=True)
    arguments = [
        str(grown),
        str(SEEDS / name),
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={SEEDS / name}/",
        "-print_final_stats=1",
        "-timeout=30",
    ]
    log = GROWN / f"{name}.log"
    command = [sys.executable, __file__, "--only", name, *arguments]
    with log.open("wb") as out:
        run = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
    lines = log.read_text("utf-8", "replace").splitlines()
    runs = next((line.split()[-1] for line in lines if "number_of_executed_units" in line), "?")
    speed = next((line.split()[-1] for line in lines if "average_exec_per_sec" in line), "?")
    print(f"{name:10} {'held' if run.returncode == 0 else 'BROKEN'}: {runs} runs, {speed} a second", flush=True)
    if run.returncode:
        print("\n".join(lines[-40:]), flush=True)
    return run.returncode == 0


def only(name: str, arguments: list[str]) -> int:
    """Until libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["odmail", "odcore"]):
        target = importlib.import_module(f"fuzz.{name}")
    from fuzz.oracle import in_time

    atheris.Setup([name, *arguments], lambda data: in_time(target.one, data, slack=SLACK))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
