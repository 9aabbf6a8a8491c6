"""Runs a program and tells what it took, from its start to its end.

    python rusage.py PROGRAM ARGUMENT...

The program's output is left as it is. The last line on standard error is {"cpu": seconds, "wall": seconds}, of all
threads of the program and of whatever it started and waited for.
"""

import json
import resource
import subprocess
import sys
import time

start = time.perf_counter()
code = subprocess.call(sys.argv[1:])
wall = time.perf_counter() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpu": usage.ru_utime + usage.ru_stime, "wall": wall}), file=sys.stderr)
sys.exit(code)
