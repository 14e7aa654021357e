"""The directory keeps the laws."""

from collections.abc import Iterator

import pytest

from poolshift.testing import DestinationContract, quick_folder
from tests.providers.directory.contract_world import DirectoryWorld


class TestDirectory(DestinationContract):
    """All laws, on a new file each."""

    @pytest.fixture
    def world(self) -> Iterator[DirectoryWorld]:
        with quick_folder() as folder:
            yield DirectoryWorld(folder)
