"""One server for all tests of the service that do not need their own."""

from collections.abc import Iterator

import pytest

from tests.service.listing import with_a_project
from tests.service.referring import with_referrals
from tests.service.reporting import with_reports
from tests.service.serving import Served, a_desk, serving, with_households


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(a_desk(tmp_path_factory.mktemp("served"))) as one:
        yield with_reports(with_a_project(with_referrals(with_households(one))))
