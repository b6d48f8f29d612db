"""Case files of a catalogue through the oracle: `python -m tests.run_cases seeds [files…]`. Exits 1 if a case fails."""
# ruff: noqa: T201 - a script for the terminal: printing is its work

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from api.case_run import case_files
from matcher.cases import load_cases
from matcher.errors import CatalogueError
from matcher.judge import judge
from matcher.loader import load_catalogue, with_standards
from tests.oracle import Oracle

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from matcher.judge import Case, CaseResult


@cache
def read_country(folder: Path) -> tuple[Catalogue, list[Case]]:
    """The catalogue of a folder and all cases beside it; none may be refused."""
    catalogue = load_catalogue(folder)
    files = case_files([folder / "cases"], catalogue)
    assert not [file for file in files if file.problem or file.refused]
    return catalogue, [case for file in files for case in file.cases]


def run_case(catalogue: Catalogue, case: Case) -> CaseResult:
    """One case through the oracle."""
    oracle = Oracle(with_standards(catalogue, case.standards), case.record, case.as_of, case.known_by, case.terms)
    return judge(case, oracle)


def differences(results: list[CaseResult]) -> list[str]:
    """What the cases that failed got, and what was expected."""
    return [
        f"{one.file} {one.name} {key}: got {one.got[key]}, expected {wanted}"
        for one in results
        if not one.passed
        for key, wanted in one.expected.items()
        if one.got.get(key) != wanted
    ]


def main(folder: Path, files: list[Path]) -> int:
    """Run the files, or all of cases/; print what differs and a last line with counts."""
    try:
        catalogue = load_catalogue(folder)
    except CatalogueError as error:
        print(error)
        return 2
    passed = failed = 0
    for path in files or sorted((folder / "cases").rglob("*.yaml")):
        try:
            cases = load_cases(path, catalogue)
        except CatalogueError as error:
            print(f"{path}: cannot be read\n{error}")
            failed += 1
            continue
        for case in cases:
            good = _print_case(catalogue, case)
            passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _print_case(catalogue: Catalogue, case: Case) -> bool:
    """Run and print one case."""
    where = f"{case.file}:{case.line} {case.name}"
    try:
        result = run_case(catalogue, case)
    except (RecursionError, AssertionError, LookupError, TypeError, ValueError) as error:
        print(f"ERROR {where}\n      {type(error).__name__}: {error}")
        return False
    print(f"{'ok   ' if result.passed else 'FAIL '} {where}")
    for key, wanted in result.expected.items():
        if not result.passed and result.got[key] != wanted:
            print(f"      {key}: got {_json(result.got[key])}, expected {_json(wanted)}")
    return result.passed


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]))
