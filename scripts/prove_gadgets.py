"""Ask a solver for each formula of a folder that `zkml_circuits::assurance::export` wrote.

A formula of a gadget says that two assignments of its cells have equal operands: it must have no solution (`unsat`). A
formula of a gadget with a planted error must have one (`sat`), which shows that the formulas are not empty.

    prove_gadgets.py FOLDER [--solver z3|cvc5] [--seconds 60] [--jobs 2] [--only max]

Prints one line for each gadget, `gadget=max formulas=120 as_expected=120 seconds=3.1 slowest=0.05`, and a total. The exit
status is 0 if every answer is the expected one. Needs the package of the solver: z3-solver or cvc5.
"""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

LIST = "formulas.tsv"


@dataclass(frozen=True)
class Formula:
    """A file with one question, and the answer that it must have."""

    path: Path
    gadget: str
    expected: str


@dataclass
class Answers:
    """The answers for one gadget."""

    formulas: int = 0
    wrong: list[tuple[Path, str]] = field(default_factory=list)
    seconds: float = 0.0
    slowest: float = 0.0


def read_list(folder: Path) -> list[Formula]:
    """Return the formulas of a folder."""
    formulas = []
    for number, line in enumerate((folder / LIST).read_text().splitlines(), 1):
        parts = line.split("\t")
        if len(parts) != 3 or parts[2] not in ("sat", "unsat"):
            raise ValueError(f"{LIST}, line {number}: expected file, gadget and sat or unsat, found {line!r}")
        formulas.append(Formula(folder / parts[0], parts[1], parts[2]))
    return formulas


def ask_z3(path: Path, seconds: float) -> str:
    """Return z3's answer."""
    import z3

    solver = z3.Solver()
    solver.set("timeout", int(1000 * seconds))
    solver.from_file(str(path))
    return str(solver.check())


def ask_cvc5(path: Path, seconds: float) -> str:
    """Return cvc5's answer."""
    import cvc5

    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(int(1000 * seconds)))
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, str(path))
    symbols = parser.getSymbolManager()
    answer = ""
    while not (command := parser.nextCommand()).isNull():
        answer += command.invoke(solver, symbols)
    return answer.strip()


SOLVERS: dict[str, Callable[[Path, float], str]] = {"z3": ask_z3, "cvc5": ask_cvc5}


def ask(task: tuple[Formula, str, float]) -> tuple[Formula, str, float]:
    """Return a formula with its answer and the seconds that it took."""
    formula, solver, seconds = task
    start = time.perf_counter()
    answer = SOLVERS[solver](formula.path, seconds)
    return formula, answer, time.perf_counter() - start


def prove(formulas: list[Formula], solver: str, seconds: float, jobs: int) -> dict[str, Answers]:
    """Ask for all formulas, several at once."""
    answers: dict[str, Answers] = {}
    tasks = [(formula, solver, seconds) for formula in formulas]
    with ProcessPoolExecutor(jobs) as pool:
        for formula, answer, took in pool.map(ask, tasks, chunksize=32):
            of_gadget = answers.setdefault(formula.gadget, Answers())
            of_gadget.formulas += 1
            of_gadget.seconds += took
            of_gadget.slowest = max(of_gadget.slowest, took)
            if answer != formula.expected:
                of_gadget.wrong.append((formula.path, answer))
    return answers


def main() -> int:
    """Prove what the command line names."""
    parser = argparse.ArgumentParser(description="Asks a solver for the formulas of all gadgets.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--solver", choices=SOLVERS, default="z3")
    parser.add_argument("--seconds", type=float, default=60, help="limit for one formula")
    parser.add_argument("--jobs", type=int, default=2, help="formulas at once")
    parser.add_argument("--only", default="", help="gadgets whose name begins so")
    args = parser.parse_args()
    formulas = [f for f in read_list(args.folder) if f.gadget.startswith(args.only)]
    if not formulas:
        print(f"expected formulas in {args.folder}, found none", file=sys.stderr)
        return 1
    start = time.perf_counter()
    answers = prove(formulas, args.solver, args.seconds, args.jobs)
    wrong = 0
    for gadget, of_gadget in answers.items():
        right = of_gadget.formulas - len(of_gadget.wrong)
        wrong += len(of_gadget.wrong)
        print(
            f"gadget={gadget} formulas={of_gadget.formulas} as_expected={right} "
            f"seconds={of_gadget.seconds:.1f} slowest={of_gadget.slowest:.2f}"
        )
        for path, answer in of_gadget.wrong[:5]:
            print(f"{path}: expected another answer, found {answer!r}", file=sys.stderr)
    print(
        f"total solver={args.solver} formulas={len(formulas)} as_expected={len(formulas) - wrong} "
        f"elapsed={time.perf_counter() - start:.1f}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
