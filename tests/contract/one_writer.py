"""A program that writes units into a store until it is stopped, and prints the number of each as soon as the store has acknowledged it.

python -m tests.contract.one_writer URL NAME UNITS
"""

import sys
from collections.abc import Callable

from graph.store import Writer
from tests.contract.opening import open_at

SHARED = "shared"


def unit(name: str, number: int) -> Callable[[Writer], None]:
    """One household with a person and a statement, and one more on a shared count."""

    def put(writer: Writer) -> None:
        mark = f"{name}-{number:05}"
        writer.upsert_nodes("Household", [{"id": mark}])
        writer.upsert_nodes("Person", [{"id": mark}])
        writer.upsert_edges("MEMBER_OF", [{"src": mark, "dst": mark}])
        writer.upsert_nodes("Statement", [{"id": mark, "fact_number": number}])
        writer.upsert_edges("ABOUT", [{"src": mark, "dst": mark, "dst_kind": "Person"}])
        count = int((writer.get("Meta", SHARED) or {"value": "0"})["value"])
        writer.upsert_nodes("Meta", [{"id": SHARED, "value": str(count + 1)}])

    return put


def main(url: str, name: str, units: int) -> None:
    store = open_at(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in range(units):
        store.write(unit(name, number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
