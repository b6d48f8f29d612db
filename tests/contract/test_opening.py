"""Opening, closing, backing up: an address, a key, a file of the past or the future."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from graph.errors import KeyMissing, KeyUnsafe, StoreNewer, StoreUnavailable
from graph.open import open_store
from graph.store import GraphStore
from tests.contract.conftest import KEY
from tests.contract.opening import open_at
from tests.contract.rows import ids, three_generations, whole_graph


def test_a_store_is_made_with_its_folder_and_opened_again(url: str) -> None:
    first = open_at(url)
    ids(first, "Household", "h")
    first.close()
    first.close()
    second = open_at(url)
    assert second.count("Household") == 1
    second.close()


def test_a_store_of_the_future_is_refused_and_left_alone(newer: str) -> None:
    for _ in range(2):
        with pytest.raises(StoreNewer):
            open_at(newer)


def test_a_closed_store_says_so(url: str) -> None:
    store = open_at(url)
    store.close()
    with pytest.raises(StoreUnavailable):
        store.count("Household")


def test_another_key_is_refused(store: GraphStore, url: str) -> None:
    with pytest.raises(KeyUnsafe):
        open_at(url, key=b"x" * 32)
    open_at(url, key=KEY).close()


def test_a_store_without_a_key_works_but_for_identity(store: GraphStore, url: str) -> None:
    keyless = open_at(url)
    ids(keyless, "Person", "p")
    with pytest.raises(KeyMissing):
        _ = keyless.identity
    keyless.close()


@pytest.mark.parametrize("wrong", ["", "store.sqlite", "sqlite:", "sqlite://", "sqlite:///", "postgres:///x"])
def test_an_address_that_is_not_understood_is_refused(wrong: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_store(wrong)
    assert "sqlite:///" in caught.value.zh


def test_a_relative_address_is_below_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///var/a.sqlite").close()
    assert (tmp_path / "var" / "a.sqlite").exists()


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir " * 1000)
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("Dear")


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.sqlite")
    ids(store, "Household", "h")
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
    store.close()


def test_a_backup_restored_equals_the_store(store: GraphStore, tmp_path: Path) -> None:
    three_generations(store)
    place = tmp_path / "copies" / "monday.sqlite"
    store.backup(place)
    ids(store, "Household", "later")
    copy = open_store(f"sqlite:///{place}", key=KEY)
    before, after = whole_graph(copy), dict(whole_graph(store))
    assert "later" not in before["Household"]["id"]
    after["Household"] = after["Household"].filter(after["Household"]["id"] != "later")
    assert before.keys() == after.keys()
    for kind, frame in after.items():
        assert_frame_equal(before[kind], frame)
    assert copy.changes().rows() == store.changes(limit=len(copy.changes())).rows()
    copy.close()
    assert not [file for file in place.parent.iterdir() if file.name.startswith(".backup")]


def test_a_backup_does_not_write_over_a_file(store: GraphStore, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(StoreUnavailable):
        store.backup(tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "kept"
