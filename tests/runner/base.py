"""What the suites of tests/run share: running a command, running jobs in parallel, counting results."""
import collections
import concurrent.futures
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNAVAILABLE = 77  # p4bpf's exit status where something is missing here

Done = collections.namedtuple("Done", "status out")


def run(argv, limit=120, cwd=None, text=None, env=None):
    """Runs a command to its end: exit status (negative: a signal; 1000: no answer in `limit` seconds) and all it said."""
    try:
        done = subprocess.run([str(a) for a in argv], input=(text or "").encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=limit, cwd=cwd, env=env)
        return Done(done.returncode, done.stdout.decode(errors="replace"))
    except subprocess.TimeoutExpired as late:
        return Done(1000, (late.stdout or b"").decode(errors="replace") + f"no answer in {limit} s")
    except OSError as error:
        return Done(1001, str(error))


def build(preset, jobs):
    """Configures and builds; prints the compiler's output only if it fails."""
    started = time.monotonic()
    for argv in (["cmake", "--preset", preset], ["ninja", "-C", f"build/{preset}", f"-j{jobs}"]):
        done = run(argv, limit=3600, cwd=ROOT)
        if done.status:
            print(done.out[-6000:])
            return False
    print(f"built {preset} in {time.monotonic() - started:.0f} s", flush=True)
    return True


class Report:
    """Counts passed, failed and skipped tests; prints each failure, and each reason to skip once."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs
        self.p4bpf = folder / "p4bpf"
        self.total = collections.Counter()
        self.left_out = collections.Counter()

    def start(self, suite):
        self.suite, self.count, self.started = suite, collections.Counter(), time.monotonic()

    def passed(self, name, number=1):
        self.count["passed"] += number

    def failed(self, name, why):
        self.count["failed"] += 1
        print(f"FAIL {self.suite} {name}\n    " + "\n    ".join(why.strip().splitlines()[:30]), flush=True)

    def skipped(self, name, why, number=1):
        self.count["skipped"] += number
        self.left_out[f"{self.suite}: {why}"] += number

    def judge(self, name, done):
        """By the exit status of p4bpf."""
        if done.status == 0:
            self.passed(name)
        elif done.status == UNAVAILABLE:
            self.skipped(name, (done.out.strip().splitlines() or ["cannot run here"])[0])
        else:
            self.failed(name, f"exit status {done.status}\n{done.out}")

    def each(self, jobs, work):
        """(job, work(job)) for each job in order, several at a time."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            yield from zip(jobs, pool.map(work, jobs))

    def end(self):
        row = ", ".join(f"{self.count[kind]} {kind}" for kind in ("passed", "failed", "skipped"))
        print(f"{self.suite:9} {row} in {time.monotonic() - self.started:.1f} s", flush=True)
        self.total += self.count

    def close(self):
        for why, number in self.left_out.items():
            print(f"left out {number}: {why}")
        print(", ".join(f"{self.total[kind]} {kind}" for kind in ("passed", "failed", "skipped")))
        return 1 if self.total["failed"] else 0
