#!/usr/bin/env python3
"""Times `p4bpf check` over all P4 programs below folders: wall, CPU, the slowest ten with their largest memory.

usage: bench/check/check_bench.py [--p4bpf PROGRAM] [--jobs N] FOLDER..."""
import argparse
import concurrent.futures
import os
import pathlib
import time


def check(p4bpf, program):
    """(wall seconds, CPU seconds, largest KiB, program) of one run."""
    started = time.monotonic()
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
    child = os.posix_spawn(p4bpf, [p4bpf, "check", str(program)], os.environ, file_actions=actions)
    _, _, used = os.wait4(child, 0)
    os.close(null)
    return time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss, program


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--p4bpf", default="build/release/p4bpf")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    programs = sorted(p for folder in args.folders for p in folder.rglob("*.p4"))
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = list(pool.map(lambda p: check(args.p4bpf, p), programs))
    print(f"{len(runs)} programs: {time.monotonic() - started:.1f} s, {sum(r[1] for r in runs):.1f} s of CPU")
    for wall, cpu, memory, program in sorted(runs, key=lambda run: -run[0])[:10]:
        print(f"{wall * 1000:6.0f} ms  {cpu * 1000:6.0f} ms of CPU  {memory / 1024:5.0f} MiB  {program.name}")


if __name__ == "__main__":
    main()
