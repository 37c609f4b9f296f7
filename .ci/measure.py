"""Run a command and add what it took as a line to a table.

python3 .ci/measure.py TABLE COMMAND…

Minutes on the clock, seconds of all processors, and the memory of the largest single
process (two chapters run at a time).
"""

import resource
import subprocess
import sys
import time

table, *command = sys.argv[1:]
start = time.monotonic()
code = subprocess.run(command, check=False).returncode
minutes = (time.monotonic() - start) / 60
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
gigabytes = spent.ru_maxrss * 1024 / 1e9  # Linux counts in units of 1,024 bytes
with open(table, "a") as lines:
    print(
        f"{' '.join(command):<42}{minutes:>8.1f}{spent.ru_utime + spent.ru_stime:>8.0f}"
        f"{gigabytes:>8.1f}",
        file=lines,
    )
sys.exit(code)
