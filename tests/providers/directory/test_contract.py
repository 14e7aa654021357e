"""The directory keeps the laws."""

from pathlib import Path

import pytest

from poolshift.testing import DestinationContract
from tests.providers.directory.contract_world import DirectoryWorld


class TestDirectory(DestinationContract):
    """All laws, on a new file each."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> DirectoryWorld:
        return DirectoryWorld(tmp_path)
