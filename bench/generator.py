# SPDX-License-Identifier: MIT
"""The load generator (bench/load) from Python: its back-end, and its clients.

    with Backend(program, folder) as back:
        run(program, "bulk", back.tcp, bytes="1G")      the report, a dict
"""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor


def words(mode, target, options):
    argv = [mode, str(target)]
    for name, value in options.items():
        argv += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return argv


def run(program, mode, target, timeout=300, **options):
    """Runs to its end.  Errors of the load itself end the benchmark; a relay's are in the report."""
    argv = [str(program), *words(mode, target, options)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=timeout,
                          check=False)
    if not done.stdout:
        raise RuntimeError(f"no report of {' '.join(argv)}")
    return json.loads(done.stdout.splitlines()[-1])


SUMS = ["rounds", "per_s", "resumed", "errors"]


def run_together(n, program, mode, target, connections=1, **options):
    """As run, by n processes that share the connections; what is counted is added up."""
    shares = [connections // n + (i < connections % n) for i in range(n)]
    with ThreadPoolExecutor(n) as pool:
        reports = list(pool.map(lambda share: run(program, mode, target, connections=share,
                                                  **options), shares))
    first = next((report for report in reports if report["errors"]), reports[0])
    return {**first, **{name: sum(report[name] for report in reports)
                        for name in SUMS if name in first}}


class Client:
    """One that prints a line, waits for a line (idle, hostile), and reports in the end."""

    def __init__(self, program, mode, target, **options):
        self.process = subprocess.Popen([str(program), *words(mode, target, options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise RuntimeError("the load ended without a report")
        return json.loads(text)

    def go(self):
        """Lets it go on, and gives its last report."""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return self.line()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Backend:
    """tcp and udp are its ports, unix its path."""

    def __init__(self, program, folder, name="back", **options):
        self.program, self.unix = program, f"{folder}/{name}.sock"
        argv = [str(program), "serve", "--unix", self.unix]
        for option, value in options.items():
            argv += [f"--{option}", str(value)]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        ports = json.loads(self.process.stdout.readline())
        self.tcp, self.udp = ports["tcp"], ports["udp"]

    def stats(self):
        return run(self.program, "stats", self.tcp)

    def line(self):
        """What it says at the end of a connection that asked for it (feed)."""
        return json.loads(self.process.stdout.readline())

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
