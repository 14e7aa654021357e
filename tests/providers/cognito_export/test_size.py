"""Memory does not grow with the export."""

import subprocess
import sys
from pathlib import Path

import pytest

READ = """
import sys
from pathlib import Path
from tests.providers.cognito_export.export import reader
from poolshift.provider.session import Want
def peak():
    # of this program alone: ru_maxrss would begin at the peak of the process that started it
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
def count(name):
    return sum(len(page.records) for page in reader(Path(sys.argv[1]), path=name).read(Want(frozenset({"user"}))))
assert count("small" + sys.argv[2]) == 100
before = peak()
print(count("large" + sys.argv[2]), peak() - before, peak())
"""
USER = (
    '{"Username": "u%d", "UserStatus": "CONFIRMED", "Enabled": true, "UserCreateDate": 1548089817.683, "Attributes": ['
    '{"Name": "sub", "Value": "%032x"}, {"Name": "email", "Value": "u%d@example.com"},'
    ' {"Name": "custom:note", "Value": "' + "x" * 300 + '"}]}'
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "start", "between", "end"), [(".json", '{"Users": [', ",\n", "]}"), (".jsonl", "", "\n", "\n")]
)
def test_a_hundred_megabytes_are_read_in_sixteen(
    tmp_path: Path, suffix: str, start: str, between: str, end: str
) -> None:
    """One large document and one file of lines: what is resident grows by far less than the file."""
    for name, number in (("small", 100), ("large", 200_000)):
        with (tmp_path / f"{name}{suffix}").open("w") as stream:
            stream.write(start)
            stream.writelines((between if n else "") + USER % (n, n, n) for n in range(number))
            stream.write(end)
    assert (tmp_path / f"large{suffix}").stat().st_size > 100_000_000
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path), suffix], capture_output=True, text=True, check=True
    )
    users, grown, peak = map(int, done.stdout.split())
    assert users == 200_000
    assert grown < 32 * 1024
    assert peak < 300 * 1024
